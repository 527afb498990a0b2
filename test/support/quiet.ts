import { Logger } from '@nestjs/common';

// Parts of the product that a spec makes by itself write to no log.
Logger.overrideLogger(false);
