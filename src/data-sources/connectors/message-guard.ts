import type { EventEmitter } from 'node:events';
import { LOGIN_LIMITS, type MessageLimits } from './message-limits.js';

const HEADER_BYTES = 5;
/** What a message takes beside its bytes once the client library has made objects of it. */
const OBJECT_BYTES = 64;
/** The longest login, SCRAM, takes four messages; each may cost a key derivation. */
const MAX_AUTHENTICATIONS = 4;
const NOTHING = Buffer.alloc(0);
const code = (type: string) => type.charCodeAt(0);
const TYPES = {
  dataRow: code('D'),
  rowDescription: code('T'),
  error: code('E'),
  notice: code('N'),
  authentication: code('R'),
};

interface Destroyable extends EventEmitter {
  destroy(error?: Error): unknown;
}

type Taker = (bytes: Buffer) => void;

/**
 * Stands in front of the client library, which believes every server: what its parser throws would end the process, an error
 * without an end would keep it busy for ever, and a message or rows without an end would be gathered until memory is full.
 * Only whole messages get through, well formed and within the limits; at the first other one the connection is destroyed.
 */
export class MessageGuard {
  /** The beginning of a message whose end has not come yet: the first `heldBytes` of it. */
  private held = NOTHING;
  private heldBytes = 0;
  /** As many bytes tell more about the message that is held. */
  private wantedBytes = HEADER_BYTES;
  private batch = 0;
  /** Of the rows that were announced last. */
  private columns = 0;
  private authentications = 0;

  constructor(private limits: MessageLimits = LOGIN_LIMITS) {}

  /** Takes the place of the one that listens to the stream's data, and hands on to it. */
  attach(stream: Destroyable): void {
    const [hand] = stream.listeners('data') as Taker[];
    if (hand === undefined) throw new Error('nobody listens to the connection');
    stream.off('data', hand);
    stream.on('data', (chunk: Buffer) => {
      try {
        const messages = this.wholeOf(chunk);
        if (messages.length > 0) hand(messages);
      } catch (error) {
        // The library's own errors are among them, in what it makes of messages that are well formed.
        this.held = NOTHING;
        stream.destroy(error as Error);
      }
    });
  }

  /** A new batch begins. @param limits as before, if there are none */
  renew(limits = this.limits): void {
    this.limits = limits;
    this.batch = 0;
  }

  /** @returns the messages that are complete with this chunk */
  private wholeOf(chunk: Buffer): Buffer {
    let bytes = chunk;
    if (this.heldBytes > 0) {
      this.hold(chunk);
      if (this.heldBytes < this.wantedBytes) return NOTHING;
      bytes = this.held.subarray(0, this.heldBytes);
      this.held = NOTHING;
      this.heldBytes = 0;
    }
    let at = 0;
    this.wantedBytes = HEADER_BYTES;
    while (bytes.length - at >= HEADER_BYTES) {
      // The length counts itself, and not the type in front of it.
      const length = bytes.readUInt32BE(at + 1);
      this.assertWithin(length - 4);
      const end = at + 1 + length;
      if (end > bytes.length) {
        this.wantedBytes = end - at;
        break;
      }
      this.assertSound(bytes[at], bytes, at + HEADER_BYTES, end);
      this.batch += length + OBJECT_BYTES;
      at = end;
    }
    if (at < bytes.length) this.hold(bytes.subarray(at));
    return bytes.subarray(0, at);
  }

  private hold(bytes: Buffer): void {
    const length = this.heldBytes + bytes.length;
    if (length > this.held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.held.length));
      this.held.copy(larger, 0, 0, this.heldBytes);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldBytes);
    this.heldBytes = length;
  }

  private assertWithin(bytes: number): void {
    const { messageBytes, batchBytes } = this.limits;
    if (bytes < 0) throw nonsense('a message shorter than its length');
    if (bytes > messageBytes) throw new Error(`a row is larger than ${messageBytes} bytes`);
    if (this.batch + bytes > batchBytes)
      throw new Error(`rows are together larger than ${batchBytes} bytes`);
  }

  private assertSound(type: number | undefined, bytes: Buffer, from: number, end: number): void {
    switch (type) {
      case TYPES.dataRow:
        assertRow(bytes.subarray(from, end), this.columns);
        break;
      case TYPES.rowDescription:
        this.columns = bytes.subarray(from, end).readInt16BE(0);
        break;
      case TYPES.error:
      case TYPES.notice:
        assertTexts(bytes.subarray(from, end));
        break;
      case TYPES.authentication:
        this.authentications += 1;
        if (this.authentications > MAX_AUTHENTICATIONS) throw nonsense('a login without an end');
    }
  }
}

/** Fields by their length, -1 for null; lengths below it would lead the library back to where it was. */
function assertRow(body: Buffer, columns: number): void {
  const fields = body.readInt16BE(0);
  if (fields !== columns) throw nonsense(`a row of ${fields} fields for ${columns} columns`);
  let at = 2;
  for (let i = 0; i < fields; i++) {
    const length = body.readInt32BE(at);
    if (length < -1) throw nonsense(`a field of ${length} bytes`);
    at += 4 + Math.max(length, 0);
  }
  if (at !== body.length) throw nonsense('fields that do not make up their row');
}

/** A letter and a text each, all of them ended by a zero, and so the whole. */
function assertTexts(body: Buffer): void {
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    at = end < 0 ? body.length : end + 1;
  }
  if (at !== body.length - 1) throw nonsense('an error or a notice without an end');
}

function nonsense(what: string): Error {
  return new Error(`the server does not speak as PostgreSQL does: ${what}`);
}
