import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { RULE, type RuleName } from '../access/rule.decorator.js';
import { tokenIn } from '../auth/credentials.js';
import { SessionStore } from '../auth/session-store.js';
import { DomainError, NotAuthenticated } from '../common/errors/domain-error.js';
import { acceptedRequestId } from '../common/http/request-id.js';
import { assertStorable } from '../common/http/wire-text.js';
import { requestOf } from './message-request.js';
import { Unreadable } from './unreadable.js';

/**
 * Every message needs the `session_id` of a live login in its payload, and nothing else counts: neither where it comes from
 * nor who may write to the broker. The session store and the rules are those of HTTP.
 */
@Injectable()
export class MessageAuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionStore,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rpc = context.switchToRpc();
    const request = requestOf(rpc.getContext<object>());
    const payload = readable(rpc.getData<unknown>());
    request.requestId = acceptedRequestId(payload['request_id']) ?? request.requestId;
    const rule = this.reflector.getAllAndOverride<RuleName | undefined>(RULE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === undefined) throw new DomainError('denied', null, { message: 'no access rule' });
    const token = tokenIn(payload, 'session_id');
    const session = token === undefined ? null : await this.sessions.find([token], { renew: true });
    if (session === null) throw new NotAuthenticated();
    if (rule === 'administrator' && !session.isAdmin) throw new DomainError('denied', null);
    request.viewer = session;
    return true;
  }
}

/** @throws DomainError 400 for what is no JSON object, or holds what no column could */
function readable(payload: unknown): Readonly<Record<string, unknown>> {
  if (payload instanceof Unreadable)
    throw new DomainError('malformed', { message: payload.reason });
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new DomainError('malformed', { message: 'The payload is not a JSON object.' });
  try {
    assertStorable(payload);
  } catch (error) {
    throw new DomainError('malformed', { message: (error as Error).message }, { cause: error });
  }
  return payload as Readonly<Record<string, unknown>>;
}
