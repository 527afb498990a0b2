import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorAnswerOf } from './error-answer.js';

/** Answers what a route throws. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { id } = http.getRequest<FastifyRequest>();
    const { status, body, retryAfterSeconds } = errorAnswerOf(thrown, id, this.logger);
    if (retryAfterSeconds !== undefined) void reply.header('Retry-After', retryAfterSeconds);
    void reply.status(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
  }
}
