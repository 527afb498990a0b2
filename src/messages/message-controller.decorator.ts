import { applyDecorators, Controller, UseFilters, UseGuards, UsePipes } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { validationPipe } from '../common/http/validation.js';
import { MessageAuthenticationGuard } from './message-authentication.guard.js';
import { MessageErrorFilter } from './message-error.filter.js';

/** A class that handles messages: who asks is found out, input is checked, and errors are answered as for HTTP. */
export const MessageController = (): ClassDecorator =>
  applyDecorators(
    Controller(),
    ApiExcludeController(),
    UseGuards(MessageAuthenticationGuard),
    UsePipes(validationPipe()),
    UseFilters(MessageErrorFilter),
  );
