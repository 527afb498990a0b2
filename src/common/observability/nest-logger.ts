import type { LoggerService } from '@nestjs/common';
import type { Level, Logger } from 'pino';

/** Nest's loggers on pino. A message may be a text, or an object with `message` and fields. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** The last text among the parameters is the context: the class that logs. */
  private write(level: Level, message: unknown, rest: unknown[]): void {
    const texts = rest.filter((one) => typeof one === 'string');
    const context = texts.at(-1);
    const stack = texts.length > 1 ? texts[0] : undefined;
    if (message instanceof Error)
      this.logger[level]({ context, error: message, message: message.message });
    else if (typeof message === 'string') this.logger[level]({ context, stack, message });
    else this.logger[level]({ context, ...(message as object) });
  }
}
