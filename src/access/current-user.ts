import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NotAuthenticated } from '../common/errors/domain-error.js';
import type { Viewer } from './viewer.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it; set by the authentication guard. */
    viewer?: Viewer;
    /** True when its session cookie opened nothing: the answer empties it. */
    cookieRefused?: boolean;
  }
}

/** The `Viewer` who sent the request. @throws NotAuthenticated on a public route when nobody is logged in */
export const CurrentUser = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Viewer => {
    const { viewer } = context.switchToHttp().getRequest<FastifyRequest>();
    if (viewer === undefined) throw new NotAuthenticated();
    return viewer;
  },
);
