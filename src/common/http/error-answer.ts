import { HttpException, type Logger } from '@nestjs/common';
import {
  DatabaseUnreachable,
  Deadlocked,
  DomainError,
  type ErrorKind,
} from '../errors/domain-error.js';
import { reasonOf } from '../observability/outage.js';
import { isConnectionLost } from '../sql/connection-lost.js';
import { isDeadlock } from '../sql/violation.js';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  denied: 403,
  not_found: 404,
  invalid: 422,
  throttled: 429,
  unavailable: 503,
  failed: 500,
};

export interface ErrorAnswer {
  readonly status: number;
  /** `{"errors": …}`, or `{}`. */
  readonly body: { readonly errors?: unknown };
  readonly retryAfterSeconds: number | undefined;
}

/** The only place where an error becomes an answer, whatever carries it (chorus-api.md 3). Logs what nobody expected. */
export function errorAnswerOf(thrown: unknown, requestId: string, logger: Logger): ErrorAnswer {
  const error = unavailable(thrown, requestId, logger) ?? thrown;
  if (error instanceof DomainError)
    return {
      status: STATUS[error.kind],
      body: error.errors === null ? {} : { errors: error.errors },
      retryAfterSeconds: error.retryAfterSeconds,
    };
  const status = statusOf(error);
  const answer = (errors: object) => ({ status, body: { errors }, retryAfterSeconds: undefined });
  if (status === 404) return answer({ record: 'NOT_FOUND' });
  if (status < 500) return answer({ message: (error as Error).message });
  logger.error({ message: 'request failed', requestId, error });
  return {
    ...answer({ message: `Internal server error. Please report request ${requestId}.` }),
    status: 500,
  };
}

/** What the database could not do at this moment, whatever was asked for. */
function unavailable(error: unknown, requestId: string, logger: Logger): DomainError | null {
  if (!isDeadlock(error)) return unreachable(error, requestId, logger);
  logger.warn({ message: 'deadlock in the metadata database', requestId, error });
  return new Deadlocked(error);
}

/** A lost connection, also one that the domain has a word for: it cannot know what became of the statement. */
function unreachable(
  error: unknown,
  requestId: string,
  logger: Logger,
): DatabaseUnreachable | null {
  const cause = error instanceof DomainError && error.kind === 'invalid' ? error.cause : error;
  if (!isConnectionLost(cause)) return null;
  logger.warn({ message: `metadata database out of reach: ${reasonOf(cause)}`, requestId });
  return new DatabaseUnreachable(cause);
}

/** Nest's and Fastify's own errors: bad bodies, too large ones, unknown routes. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : 500;
}
