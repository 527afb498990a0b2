import { JsonSocket, type TcpSocket } from '@nestjs/microservices';
import type { Type } from '@nestjs/common';
import type { Socket } from 'node:net';

const INCOMPLETE_MS = 30_000;
const SEND_BYTES = 16_777_216;

/**
 * The framing of Nest's TCP transport (`<length>#<JSON>`) for peers that are not trusted: one that sends too much, too
 * slowly, or no JSON is cut off at once, and its bytes get into no log.
 * @param maxCharacters of what is kept of a connection until it can be read
 * @param broken told why a connection was cut off
 */
export function boundedSocket(
  maxCharacters: number,
  broken: (error: unknown) => void,
): Type<TcpSocket> {
  return class extends JsonSocket {
    constructor(socket: Socket) {
      super(socket, {
        maxBufferSize: maxCharacters,
        incompleteMessageTimeout: INCOMPLETE_MS,
        maxSendBufferSize: SEND_BYTES,
      });
    }

    protected override handleDataError(error: Error): void {
      broken({ name: error.constructor.name });
      this.socket.destroy();
    }
  };
}
