import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { MessageGuard } from './message-guard.js';
import type { MessageLimits } from './message-limits.js';

class Stream extends EventEmitter {
  destroyed: Error | undefined;
  readonly handed: Buffer[] = [];
  readonly guard: MessageGuard;

  constructor(limits: MessageLimits = LIMITS, hand?: (bytes: Buffer) => void) {
    super();
    this.on('data', hand ?? ((bytes: Buffer) => this.handed.push(Buffer.from(bytes))));
    this.guard = new MessageGuard(limits);
    this.guard.attach(this);
  }

  destroy(error: Error): void {
    this.destroyed ??= error;
  }

  /** What a destroyed stream would have said is not heard. */
  send(bytes: Buffer, cuts: readonly number[] = [bytes.length]): void {
    for (let at = 0, i = 0; at < bytes.length && this.destroyed === undefined; i++) {
      const length = cuts[i % cuts.length] ?? 1;
      this.emit('data', bytes.subarray(at, at + length));
      at += length;
    }
  }
}

function message(type: string, body: Buffer | string): Buffer {
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeUInt32BE(Buffer.byteLength(body) + 4, 1);
  return Buffer.concat([header, Buffer.from(body as string)]);
}

const ofSize = (bytes: number) => message('d', Buffer.alloc(bytes, 'x'));
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const LIMITS = { messageBytes: 100, batchBytes: 1000 };
/** That of its header, and what it takes as an object. */
const EACH = 4 + 64;
const CUTS = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });

const TWO_COLUMNS = message('T', hex('0002'));
const ROW = message('D', hex('0002 00000002 6162 ffffffff'));

describe('message guard', () => {
  it('lets through what is within the limits, and nothing larger, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(120), { maxLength: 10 }), CUTS, (sizes, cuts) => {
        const stream = new Stream();
        const bytes = Buffer.concat(sizes.map(ofSize));
        stream.send(bytes, cuts);
        let sum = 0;
        const isTooMuch = sizes.some((size) => {
          const isNow = size > 100 || sum + size > 1000;
          sum += size + EACH;
          return isNow;
        });
        expect(stream.destroyed !== undefined).toBe(isTooMuch);
        const handed = Buffer.concat(stream.handed);
        expect(handed.equals(isTooMuch ? bytes.subarray(0, handed.length) : bytes)).toBe(true);
      }),
    );
  });

  it('destroys at the announcement, before the message has come', () => {
    const stream = new Stream();
    stream.send(ofSize(101).subarray(0, 5));
    expect(stream.destroyed?.message).toContain('100 bytes');
  });

  it('counts each batch anew', () => {
    const stream = new Stream();
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 6; j++) stream.send(ofSize(90));
      expect(stream.destroyed).toBeUndefined();
      stream.guard.renew();
    }
    for (let j = 0; j < 7; j++) stream.send(ofSize(90));
    expect(stream.destroyed?.message).toContain('1000 bytes');
  });

  it.each([
    ['rows as they were described', Buffer.concat([TWO_COLUMNS, ROW, ROW])],
    ['an error', message('E', 'SERROR\0C42P01\0Mnot there\0\0')],
    ['a notice without a text', message('N', '\0')],
    ['a login', Buffer.concat(Array<Buffer>(4).fill(message('R', hex('00000000'))))],
  ])('lets through %s', (_what, bytes) => {
    for (const cuts of [[bytes.length], [1]]) {
      const stream = new Stream();
      stream.send(bytes, cuts);
      expect(stream.destroyed).toBeUndefined();
      expect(Buffer.concat(stream.handed)).toEqual(bytes);
    }
  });

  it.each([
    ['a length below that of the length', hex('5a 00000003')],
    ['an error without an end', message('E', 'X')],
    ['an error whose last text has no end', message('E', 'SERROR\0Mnot there')],
    ['an error that goes on behind its end', message('E', 'SERROR\0\0x')],
    ['an empty notice', message('N', '')],
    ['a row that nothing described', ROW],
    ['a row with too few fields', Buffer.concat([TWO_COLUMNS, message('D', hex('0001 ffffffff'))])],
    ['a row cut short', Buffer.concat([TWO_COLUMNS, message('D', hex('0002 ffffffff 00000009'))])],
    ['a row without a number', Buffer.concat([TWO_COLUMNS, message('D', '')])],
    [
      'a row that goes back',
      Buffer.concat([TWO_COLUMNS, message('D', hex('0002 00000004 61626364 fffffff4'))]),
    ],
    [
      'a row that is longer',
      Buffer.concat([TWO_COLUMNS, message('D', hex('0002 ffffffff ffffffff 00'))]),
    ],
    ['a login without an end', Buffer.concat(Array<Buffer>(5).fill(message('R', hex('00000000'))))],
  ])('refuses %s before anybody sees it', (_what, bytes) => {
    const stream = new Stream();
    stream.send(bytes);
    expect(stream.destroyed).toBeDefined();
    expect(stream.handed).toEqual([]);
  });

  it('destroys the connection when the client library throws', () => {
    const stream = new Stream(LIMITS, () => {
      throw new Error('unknown');
    });
    stream.send(message('R', hex('00000007')));
    expect(stream.destroyed?.message).toBe('unknown');
  });

  it('keeps what the client library makes of any message inside', () => {
    const body = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.string({ maxLength: 40 }));
    const messages = fc.array(fc.tuple(fc.constantFrom(...'DTENRCSKZGHdtAI123ns?'), body));
    fc.assert(
      fc.property(messages, CUTS, (sent, cuts) => {
        const connection = new pg.Connection({}) as unknown as Listening;
        connection.on('errorMessage', () => undefined);
        const socket = new EventEmitter() as Stream;
        socket.destroy = (error) => (socket.destroyed = error);
        connection.attachListeners(socket);
        new MessageGuard().attach(socket);
        const bytes = Buffer.concat(
          sent.map(([type, of]) => message(type, Buffer.from(of as string))),
        );
        for (let at = 0, i = 0; at < bytes.length && socket.destroyed === undefined; i++) {
          const length = cuts[i % cuts.length] ?? 1;
          socket.emit('data', bytes.subarray(at, at + length));
          at += length;
        }
      }),
    );
  });
});

interface Listening extends EventEmitter {
  attachListeners(stream: EventEmitter): void;
}
