import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { endAnswers } from './closing.js';

const PATIENCE_MS = 1000;

describe('the end of a server', () => {
  let server: FastifyInstance;
  let client: Socket;
  let answer: () => void;

  beforeEach(async () => {
    server = fastify();
    endAnswers(server, PATIENCE_MS);
    const answered = new Promise<void>((resolve) => (answer = resolve));
    server.get('/late', async () => {
      await answered;
      return 'done';
    });
    server.get('/endless', (_, reply) =>
      reply.send(
        new Readable({
          read() {
            this.push('x'.repeat(65_536));
          },
        }),
      ),
    );
    server.get('/watch', (_, reply) => {
      const events = new Readable({ read: () => undefined });
      events.push('first');
      reply.server.closing.addEventListener('abort', () => events.push(null));
      return reply.send(events);
    });
    const { port } = new URL(await server.listen({ port: 0, host: '127.0.0.1' }));
    client = connect(Number(port), '127.0.0.1');
    client.on('error', () => undefined);
    await once(client, 'connect');
  });
  afterEach(() => {
    client.destroy();
  });

  const asking = async (path: string) => {
    client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(server.server, 'request');
  };
  const closed = async (): Promise<number> => {
    const from = performance.now();
    await server.close();
    return performance.now() - from;
  };

  it('ends answers that have none of their own', async () => {
    await asking('/watch');
    client.resume();
    expect(await closed()).toBeLessThan(PATIENCE_MS);
  });

  it('waits for an answer that is on its way', async () => {
    await asking('/late');
    const closing = closed();
    const came = once(client, 'data');
    answer();
    expect(String(await came)).toContain('done');
    expect(await closing).toBeLessThan(PATIENCE_MS);
  });

  it('does not wait for ever for one who does not read', async () => {
    await asking('/endless');
    expect(await closed()).toBeGreaterThan(PATIENCE_MS - 50);
  });
});
