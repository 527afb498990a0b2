import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { attributesOf, create } from '../support/data-sources.js';
import {
  description,
  int16,
  int32,
  message,
  READY,
  row,
  startOddServer,
  WELCOME,
} from '../support/odd-server.js';
import { type ProductProcess, SERVING, startProduct } from '../support/product-process.js';
import { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const DEADLINE_MS = 10_000;
const TEXT = 25;
const BYTEA = 17;
const TIMESTAMPTZ = 1184;
const UNTERMINATED = message('E', 'X');

/** Says it at once; what follows a login, with the first question. */
const says = (bytes: Buffer) => (socket: Socket) => socket.write(bytes);
const saysInside =
  (...bytes: Buffer[]) =>
  (socket: Socket, turn: number) =>
    socket.write(turn === 0 ? WELCOME : Buffer.concat(bytes));
const answers = (...bytes: Buffer[]) => saysInside(...bytes, message('C', 'SELECT 1\0'), READY);

/** Anybody who may register a data source chooses the server behind it. */
describe('a data source server that does not speak as PostgreSQL does', () => {
  let server: TestServer;
  let product: ProductProcess;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    product = await startProduct({
      ...SERVING,
      environment: server.environment({ PORT: '0', CONNECT_TIMEOUT_MS: '1500' }),
    });
    owner = await new TestClient(product.ready).login('owner');
  });
  afterAll(async () => {
    // One that is busy for ever hears no other signal.
    await product.kill('SIGKILL');
    await server.stop();
  });

  it.each([
    [422, 'asks for a login that the library does not know', says(message('R', int32(7)))],
    [422, 'does not end the text of an error', says(UNTERMINATED)],
    [422, 'does not end the text of a notice', says(message('N', 'X'))],
    [
      422,
      'asks for a password again and again',
      says(Buffer.concat(Array(100).fill(message('R', int32(3))))),
    ],
    [422, 'announces a message of no length', says(Buffer.from('52000000000000', 'hex'))],
    [422, 'refuses, and does not hang up', says(message('E', 'SFATAL\0C53300\0Mfull\0\0'))],
    [
      422,
      'sends rows of other columns than it described',
      answers(description(TEXT), row('a', 'b')),
    ],
    [422, 'cuts a row short', answers(description(TEXT), message('D', int16(1), int32(9), 'abc'))],
    [
      422,
      'goes back and forth in a row',
      answers(description(TEXT, TEXT), message('D', int16(2), int32(4), 'abcd', int32(-12))),
    ],
    [422, 'does not end the text of an error, inside', saysInside(UNTERMINATED)],
    [201, 'calls its version bytes that do not end', answers(description(BYTEA), row('\\z'))],
    [
      201,
      'calls it a time of many digits',
      answers(description(TIMESTAMPTZ), row('1'.repeat(300_000))),
    ],
    [
      422,
      'sends rows without an end',
      (socket: Socket, turn: number) => {
        if (turn === 0) socket.write(WELCOME);
        else pour(socket, description(TEXT), row('x'.repeat(10_000)));
      },
    ],
    [201, 'is friendly, and does not hang up', answers(description(TEXT), row('9'))],
  ])('answers %i about one that %s', async (status, _what, answer) => {
    const odd = await startOddServer(answer);
    try {
      const attributes = attributesOf(server, { name: 'x', password: 'y' }, { port: odd.port });
      const registered = create(owner, attributes).catch(() => null);
      const late = AbortSignal.timeout(DEADLINE_MS);
      const answered = await Promise.race([
        registered,
        new Promise<'late'>((resolve) => {
          late.onabort = () => {
            resolve('late');
          };
        }),
      ]);
      const live = await fetch(`${product.ready}/health/live`, {
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      expect(live.status).toBe(200);
      expect(answered).toMatchObject({ status });
    } finally {
      odd.close();
    }
  });
});

function pour(socket: Socket, ...[first, again]: [Buffer, Buffer]): void {
  const many = Buffer.concat(Array<Buffer>(100).fill(again));
  const more = () => {
    while (!socket.destroyed && socket.write(many));
  };
  socket.write(first);
  socket.on('drain', more);
  more();
}
