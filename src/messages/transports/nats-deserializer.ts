import type { Deserializer, IncomingEvent, IncomingRequest } from '@nestjs/microservices';
import { Unreadable } from '../unreadable.js';

/** As much of a NATS message as is read here. */
export interface NatsMessage {
  readonly data: Uint8Array;
  json(): unknown;
}

/**
 * Nest's packet, or the bare payload that plain NATS clients send. Whatever names a subject for the reply is a request and is
 * answered, also when it cannot be read.
 */
export class NatsDeserializer implements Deserializer<
  NatsMessage,
  IncomingRequest | IncomingEvent
> {
  constructor(private readonly limitBytes: number) {}

  deserialize(
    message: NatsMessage,
    { channel, replyTo }: Readonly<{ channel?: string; replyTo?: string }> = {},
  ): IncomingRequest | IncomingEvent {
    const { data, id } = packetOf(this.read(message));
    const answerable = replyTo !== undefined && replyTo !== '';
    return {
      pattern: channel ?? '',
      data,
      // Nest's client takes an answer without its id too.
      ...(answerable && { id: typeof id === 'string' ? id : '' }),
    };
  }

  private read(message: NatsMessage): unknown {
    if (message.data.length > this.limitBytes)
      return new Unreadable(`The message is larger than ${this.limitBytes} bytes.`);
    try {
      return message.json();
    } catch {
      return new Unreadable('The message is not valid JSON.');
    }
  }
}

function packetOf(value: unknown): { data: unknown; id?: unknown } {
  if (typeof value !== 'object' || value === null || value instanceof Unreadable)
    return { data: value };
  return 'data' in value ? value : { data: value };
}
