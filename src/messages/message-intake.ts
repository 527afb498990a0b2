import { Logger } from '@nestjs/common';
import type { MessageHandler, WritePacket } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import { DomainError, RecordNotFound } from '../common/errors/domain-error.js';
import { firstCharacters } from '../common/first-characters.js';
import { messageErrorOf } from './message-error.js';
import { MessageRequest, rememberRequest, requestOf } from './message-request.js';

const SHOWN_CHARACTERS = 100;

/** Hands a packet to the transport; a promise is waited for. */
export type Respond = (packet: WritePacket) => unknown;
export type Produce = () => Promise<Observable<unknown>>;

/**
 * What the transports have in common: one log line a request, an answer for everything that can be answered, and an end
 * that waits for the requests under way.
 */
export class MessageIntake {
  private readonly logger = new Logger(MessageIntake.name);
  private readonly underWay = new Set<MessageRequest>();
  private closing = false;
  private whenIdle: (() => void) | undefined;

  constructor(
    private readonly transport: string,
    /** Longest time that the end waits for the requests under way. */
    private readonly drainMs: number,
  ) {}

  /** The handler of a message; one that refuses when there is none, or when this process ends. */
  handlerFor(found: MessageHandler | null): MessageHandler {
    if (this.closing) return this.refusal(new ShuttingDown());
    return found ?? this.refusal(new RecordNotFound());
  }

  begin(context: object, pattern: string, address: string): MessageRequest {
    const request = new MessageRequest(pattern, address);
    rememberRequest(context, request);
    this.underWay.add(request);
    return request;
  }

  /** Never rejects: nobody would hear it. */
  guarded({ requestId }: MessageRequest, produce: Produce): Produce {
    return () =>
      produce().catch((error: unknown) =>
        throwError(() => messageErrorOf(error, requestId, this.logger)),
      );
  }

  /** Logs the answer, and counts the request as done once it is with the transport. */
  answering(request: MessageRequest, respond: Respond): (packet: WritePacket) => Promise<void> {
    return async (packet) => {
      try {
        await respond(packet);
        this.logAnswer(request, packet);
      } catch (error) {
        // Too large for the broker, for one; the sender is told so if that goes through.
        const err = messageErrorOf(new Unanswerable(error), request.requestId, this.logger);
        this.logAnswer(request, { err });
        await respond({ err, isDisposed: true });
      } finally {
        if (packet.isDisposed === true) this.done(request);
      }
    };
  }

  /** A message that wants no answer: a stop that nobody hears of would be no promise. */
  ignored(pattern: string): void {
    this.logger.warn({
      message: 'message ignored: it asks for no answer',
      transport: this.transport,
      pattern: shown(pattern),
    });
  }

  /** Never with the bytes themselves, which may hold a token. */
  broken(error: unknown): void {
    const { name, code } = (error ?? {}) as { name?: string; code?: string };
    this.logger.warn({
      message: 'message not understood, or its connection lost',
      transport: this.transport,
      reason: code ?? name ?? typeof error,
    });
  }

  /** Refuses what comes from now on, and waits for the answers to what came before. */
  async drain(): Promise<void> {
    this.closing = true;
    if (this.underWay.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.whenIdle = resolve;
      timer = setTimeout(resolve, this.drainMs);
    });
    clearTimeout(timer);
  }

  private done(request: MessageRequest): void {
    this.underWay.delete(request);
    if (this.underWay.size === 0) this.whenIdle?.();
  }

  private refusal(error: DomainError): MessageHandler {
    return (_data, context: object) => {
      const { requestId } = requestOf(context);
      return Promise.resolve(throwError(() => messageErrorOf(error, requestId, this.logger)));
    };
  }

  private logAnswer(request: MessageRequest, { err, response }: Partial<WritePacket>): void {
    const { status } = (err ?? response ?? {}) as { status?: number };
    this.logger.log({
      message: 'message',
      transport: this.transport,
      pattern: shown(request.pattern),
      requestId: request.requestId,
      status,
      durationMs: Math.round((performance.now() - request.startedAt) * 10) / 10,
      userId: request.viewer?.id,
    });
  }
}

class ShuttingDown extends DomainError {
  constructor() {
    super(
      'unavailable',
      { message: 'This process ends. Please try again.' },
      { retryAfterSeconds: 2 },
    );
  }
}

class Unanswerable extends DomainError {
  constructor(cause: unknown) {
    super(
      'failed',
      { message: 'The answer could not be sent. Please ask how it stands now.' },
      { cause },
    );
  }
}

function shown(pattern: string): string {
  return firstCharacters(pattern, SHOWN_CHARACTERS);
}
