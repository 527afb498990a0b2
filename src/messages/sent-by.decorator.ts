import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Asking } from '../access/asking.js';
import { NotAuthenticated } from '../common/errors/domain-error.js';
import { requestOf } from './message-request.js';

/** The `Asking` of the message. @throws NotAuthenticated when the guard found nobody */
export const SentBy = createParamDecorator((_data: unknown, context: ExecutionContext): Asking => {
  const { viewer, requestId, address } = requestOf(context.switchToRpc().getContext<object>());
  if (viewer === undefined) throw new NotAuthenticated();
  return { viewer, requestId, address };
});
