import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NotAuthenticated } from '../common/errors/domain-error.js';
import type { Viewer } from './viewer.js';

/** A request of somebody, as far as stopping something is concerned: who, and where from. */
export interface Asking {
  readonly viewer: Viewer;
  readonly requestId: string;
  /** Network address. */
  readonly address: string;
}

/** The `Asking` of the request. @throws NotAuthenticated on a public route when nobody is logged in */
export const AskedBy = createParamDecorator((_data: unknown, context: ExecutionContext): Asking => {
  const { viewer, id, ip } = context.switchToHttp().getRequest<FastifyRequest>();
  if (viewer === undefined) throw new NotAuthenticated();
  return { viewer, requestId: id, address: ip };
});
