import type { Logger } from '@nestjs/common';
import { errorAnswerOf } from '../common/http/error-answer.js';

/** An error as a message answers it: the body that HTTP sends (chorus-api.md 3), and what HTTP says in its headers. */
export interface MessageError {
  readonly status: number;
  readonly errors?: unknown;
  /** Seconds after which trying again makes sense; HTTP's `Retry-After`. */
  readonly retry_after?: number;
  readonly request_id: string;
}

export function messageErrorOf(thrown: unknown, requestId: string, logger: Logger): MessageError {
  const { status, body, retryAfterSeconds } = errorAnswerOf(thrown, requestId, logger);
  return {
    status,
    ...body,
    ...(retryAfterSeconds !== undefined && { retry_after: retryAfterSeconds }),
    request_id: requestId,
  };
}
