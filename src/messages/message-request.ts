import { randomUUID } from 'node:crypto';
import type { Viewer } from '../access/viewer.js';

/** What is known of one message while it is answered; kept beside the context that Nest hands around. */
export class MessageRequest {
  readonly startedAt = performance.now();
  /** The sender's own once it is read and can be one. */
  requestId: string = randomUUID();
  /** Who sent it; set by the guard. */
  viewer: Viewer | undefined;

  constructor(
    readonly pattern: string,
    /** Network address of the sender; a broker does not tell one, then the name of the transport. */
    readonly address: string,
  ) {}
}

const requests = new WeakMap<object, MessageRequest>();

export function rememberRequest(context: object, request: MessageRequest): void {
  requests.set(context, request);
}

/** @throws Error for a context that no transport of ours has made */
export function requestOf(context: object): MessageRequest {
  const request = requests.get(context);
  if (request === undefined) throw new Error('a message outside of its transport');
  return request;
}
