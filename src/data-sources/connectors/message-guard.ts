import type { EventEmitter } from 'node:events';

const HEADER_BYTES = 5;

interface Destroyable extends EventEmitter {
  destroy(error?: Error): unknown;
}

export interface MessageLimits {
  /** Of one message: a row. */
  readonly messageBytes: number;
  /** Of all messages between two calls of `renew`: a batch of rows. */
  readonly batchBytes: number;
}

/**
 * Destroys a PostgreSQL connection as soon as the server announces more than the limits allow: the client library would
 * gather all of it in memory, and end the process with a row that does not fit into a string. Attach it between two messages.
 */
export class MessageGuard {
  private header = Buffer.alloc(0);
  /** Bytes of the present message that are still to come. */
  private left = 0;
  private batch = 0;

  constructor(
    private readonly stream: Destroyable,
    private readonly limits: MessageLimits,
  ) {
    stream.on('data', (chunk: Buffer) => {
      this.count(chunk);
    });
  }

  /** A new batch begins. */
  renew(): void {
    this.batch = 0;
  }

  private count(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.left > 0) {
        const taken = Math.min(this.left, chunk.length - at);
        this.left -= taken;
        at += taken;
        continue;
      }
      const missing = HEADER_BYTES - this.header.length;
      this.header = Buffer.concat([this.header, chunk.subarray(at, at + missing)]);
      at += missing;
      if (this.header.length < HEADER_BYTES) return;
      // The length counts itself, and not the type in front of it.
      this.left = this.header.readUInt32BE(1) - 4;
      this.header = Buffer.alloc(0);
      this.batch += this.left;
      if (this.isTooMuch()) return;
    }
  }

  private isTooMuch(): boolean {
    const { messageBytes, batchBytes } = this.limits;
    const isTooLarge = this.left > messageBytes;
    if (!isTooLarge && this.batch <= batchBytes) return false;
    this.stream.destroy(
      new Error(
        isTooLarge
          ? `a row is larger than ${messageBytes} bytes`
          : `rows are together larger than ${batchBytes} bytes`,
      ),
    );
    return true;
  }
}
