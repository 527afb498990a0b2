import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventEmitter } from 'node:events';
import { MessageGuard } from './message-guard.js';

class Stream extends EventEmitter {
  destroyed: Error | undefined;
  destroy(error: Error): void {
    this.destroyed ??= error;
  }
}

function message(bytes: number): Buffer {
  const header = Buffer.alloc(5);
  header.write('D');
  header.writeUInt32BE(bytes + 4, 1);
  return Buffer.concat([header, Buffer.alloc(bytes, 'x')]);
}

const LIMITS = { messageBytes: 100, batchBytes: 300 };

describe('message guard', () => {
  it('lets through what is within the limits, and nothing larger, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(120), { maxLength: 10 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (sizes, cuts) => {
          const stream = new Stream();
          new MessageGuard(stream, LIMITS);
          const bytes = Buffer.concat(sizes.map(message));
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const length = cuts[i % cuts.length] ?? 1;
            stream.emit('data', bytes.subarray(at, at + length));
            at += length;
          }
          const sum = sizes.reduce((all, size) => all + size, 0);
          expect(stream.destroyed !== undefined).toBe(
            sum > 300 || sizes.some((size) => size > 100),
          );
        },
      ),
    );
  });

  it('destroys at the announcement, before the message has come', () => {
    const stream = new Stream();
    new MessageGuard(stream, LIMITS);
    stream.emit('data', message(101).subarray(0, 5));
    expect(stream.destroyed?.message).toContain('100 bytes');
  });

  it('counts each batch anew', () => {
    const stream = new Stream();
    const guard = new MessageGuard(stream, LIMITS);
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 3; j++) stream.emit('data', message(100));
      expect(stream.destroyed).toBeUndefined();
      guard.renew();
    }
    for (let j = 0; j < 4; j++) stream.emit('data', message(100));
    expect(stream.destroyed?.message).toContain('300 bytes');
  });
});
