import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { BARE } from './bare.decorator.js';

/** `{"response": …}` around what a controller returns (chorus-api.md 1.3). */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const bare = this.reflector.getAllAndOverride<boolean | undefined>(BARE, [
      context.getHandler(),
      context.getClass(),
    ]);
    return bare === true
      ? next.handle()
      : next.handle().pipe(map((response) => ({ response: response ?? null })));
  }
}
