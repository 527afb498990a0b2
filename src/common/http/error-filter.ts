import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DatabaseUnreachable, DomainError, type ErrorKind } from '../errors/domain-error.js';
import { reasonOf } from '../observability/outage.js';
import { isConnectionLost } from '../sql/connection-lost.js';

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

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** The only place where an error becomes an answer (chorus-api.md 3). */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    const error = this.unreachable(thrown, request) ?? thrown;
    const { status, body } = this.answer(error, request);
    if (error instanceof DomainError && error.retryAfterSeconds !== undefined)
      void reply.header('Retry-After', error.retryAfterSeconds);
    void reply.status(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
  }

  /** A lost connection, also one that the domain has a word for: it cannot know what became of the statement. */
  private unreachable(error: unknown, request: FastifyRequest): DatabaseUnreachable | null {
    const cause = error instanceof DomainError && error.kind === 'invalid' ? error.cause : error;
    if (!isConnectionLost(cause)) return null;
    const message = `metadata database out of reach: ${reasonOf(cause)}`;
    this.logger.warn({ message, requestId: request.id });
    return new DatabaseUnreachable(cause);
  }

  private answer(error: unknown, request: FastifyRequest): Answer {
    if (error instanceof DomainError)
      return {
        status: STATUS[error.kind],
        body: error.errors === null ? {} : { errors: error.errors },
      };
    const status = statusOf(error);
    if (status === 404) return { status, body: { errors: { record: 'NOT_FOUND' } } };
    if (status < 500) return { status, body: { errors: { message: (error as Error).message } } };
    this.logger.error({ message: 'request failed', requestId: request.id, error });
    const message = `Internal server error. Please report request ${request.id}.`;
    return { status: 500, body: { errors: { message } } };
  }
}

/** Nest's and Fastify's own errors: bad bodies, too large ones, unknown routes. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : 500;
}
