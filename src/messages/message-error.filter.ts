import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { messageErrorOf } from './message-error.js';
import { requestOf } from './message-request.js';

/** Answers what a message handler throws, in the documented envelope. */
@Catch()
export class MessageErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(MessageErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> {
    const { requestId } = requestOf(host.switchToRpc().getContext<object>());
    return throwError(() => messageErrorOf(thrown, requestId, this.logger));
  }
}
