import { SetMetadata } from '@nestjs/common';

export const PUBLIC = 'fermata:public';

/** The route needs no session. Everything else does: deny first. */
export const Public = () => SetMetadata(PUBLIC, true);
