import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const VALID = /^[\w.@-]{1,255}$/;

/** The caller's own request id when it is one, else a new UUID; it goes into logs, receipts' logs and the answer. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  return acceptedRequestId(headers['x-request-id']) ?? randomUUID();
}

/** Null when it cannot be one. */
export function acceptedRequestId(given: unknown): string | null {
  return typeof given === 'string' && VALID.test(given) ? given : null;
}
