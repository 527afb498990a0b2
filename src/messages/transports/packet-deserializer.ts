import type { Deserializer, IncomingEvent, IncomingRequest } from '@nestjs/microservices';

/**
 * Nest's packet `{"pattern": …, "data": …, "id": …}` as it came, made harmless: what is none has neither pattern nor id.
 * @param value parsed JSON
 */
export class PacketDeserializer implements Deserializer<unknown, IncomingRequest | IncomingEvent> {
  deserialize(value: unknown): IncomingRequest | IncomingEvent {
    const { pattern, data, id } = (typeof value === 'object' && value !== null ? value : {}) as {
      readonly pattern?: unknown;
      readonly data?: unknown;
      readonly id?: unknown;
    };
    return {
      pattern: typeof pattern === 'string' ? pattern : '',
      data,
      ...(typeof id === 'string' && { id }),
    };
  }
}
