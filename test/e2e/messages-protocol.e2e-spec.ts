import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { metadataBehind, proxyOf } from '../support/behind-proxy.js';
import { MessageClient } from '../support/message-client.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, GOLF_FLOW, seenWorking, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const LIMIT = 4096;
const tlsFile = (name: string) => join(import.meta.dirname, '../support/tls', name);
const pem = (name: string) => readFileSync(tlsFile(name));

describe('the TCP connection of messages', () => {
  let server: TestServer;
  let app: TestApp;
  let token: string;
  const sockets: Socket[] = [];

  const start = async (settings: Record<string, string> = {}) => {
    app = await startTestApp(
      server.config({
        MICROSERVICE_TRANSPORT: 'tcp',
        MICROSERVICE_PORT: '0',
        BODY_LIMIT_BYTES: String(LIMIT),
        STOP_REPLY_TIMEOUT_MS: '10000',
        ...settings,
      }),
    );
    token = (await app.as('owner')).token;
  };
  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(() => start());
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await app.close();
  });
  afterAll(() => server.stop());

  /** A connection on which bytes are written as they are. */
  const raw = async () => {
    const { port } = new URL(app.messages.replace('tcp', 'http'));
    const socket = connect(Number(port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    await once(socket, 'connect');
    return { socket, received: () => received, closed: once(socket, 'close') };
  };
  const frame = (value: unknown) => {
    const text = JSON.stringify(value);
    return `${text.length}#${text}`;
  };
  const show = (id: string, payload: object = {}) => ({
    pattern: 'workfiles.show',
    id,
    data: { session_id: token, id: GOLF_FLOW, ...payload },
  });
  const answersOf = (text: string) =>
    text === ''
      ? []
      : text
          .split(/(?<=\})\d+#/)
          .map((one) => JSON.parse(one.replace(/^\d+#/, '')) as Record<string, any>);

  it.each([
    ['no length', 'GET / HTTP/1.1\r\n\r\n#'],
    ['no JSON', '9#{"id":"1"'],
    ['more than the limit', 'x'.repeat(LIMIT + 1)],
    ['a message above the limit', frame({ pattern: 'workfiles.show', data: 'x'.repeat(LIMIT) })],
  ])('is cut off after %s; others go on', async (_what, bytes) => {
    const other = await raw();
    const { socket, received, closed } = await raw();
    socket.write(bytes);
    await closed;
    expect(received()).toBe('');
    other.socket.write(frame(show('1')));
    await until('answer', () => Promise.resolve(other.received().endsWith('}')));
    expect(answersOf(other.received())).toMatchObject([{ id: '1', response: { status: 200 } }]);
  });

  it('bears packets of any shape', async () => {
    const { socket, received } = await raw();
    const strange = [
      null,
      5,
      'text',
      [],
      {},
      { id: '1' },
      { pattern: {}, id: '2', data: {} },
      { pattern: 'workfiles.show', id: 3, data: {} },
      { pattern: '__proto__', id: '4', data: {} },
      { pattern: '{"a":{"b":1}}', id: '5', data: {} },
      { pattern: 'workfiles.show', id: '6' },
      JSON.parse(`{"pattern":"workfiles.show","id":"7","data":${'['.repeat(99)}${']'.repeat(99)}}`),
      { ...show('8'), data: { deep: nested(70), session_id: token, id: GOLF_FLOW } },
      show('9'),
    ];
    socket.write(strange.map(frame).join(''));
    await until('the last answer', () => Promise.resolve(received().includes('"id":"9"')));
    const statuses = new Map(
      answersOf(received()).map(({ id, err, response }) => [id, (err ?? response).status]),
    );
    expect(Object.fromEntries(statuses)).toEqual({
      ...{ 1: 404, 2: 404, 4: 404, 5: 404, 6: 400, 7: 400, 8: 400, 9: 200 },
    });
  });

  it('carries nothing out that asks for no answer', async () => {
    const client = MessageClient.tcp(app.messages);
    await client.emit('workfiles.run', { session_id: token, id: GOLF_FLOW });
    // On the same connection, so it was read after the other.
    expect(await client.ask('workfiles.show', show('').data)).toMatchObject({ status: 200 });
    expect(await query(server.url, 'SELECT FROM runs')).toEqual([]);
    await client.close();
  });

  it('waits for the answers under way when the process ends, and takes nothing new', async () => {
    const observer = await Observer.on(server.dataUrl);
    // Another process executes, so that this one ends at once but for the answer.
    await app.close();
    const worker = await startTestApp(server.config());
    await start({ WORKER_CONCURRENCY: '0', STOP_REPLY_TIMEOUT_MS: '20000' });
    try {
      const owner = await app.as('owner');
      await seenWorking(observer, await startRun(owner, ALPINE_FLOW), AT_WORK);
      // The end of the run is kept from being recorded, so the stop is under way for as long as we want.
      const blocker = await Observer.on(server.url);
      await blocker.query('BEGIN');
      await blocker.query(`LOCK TABLE run_steps IN EXCLUSIVE MODE`);
      const { socket, received, closed } = await raw();
      socket.write(
        frame({
          pattern: 'workfiles.stop',
          id: 'stop',
          data: { session_id: token, id: ALPINE_FLOW },
        }),
      );
      await until('the stop is accepted', async () => {
        const rows = await query(server.url, `SELECT FROM runs WHERE status = 'stopping'`);
        return rows.length > 0;
      });
      const ended = app.close();
      const refused = until('new connections are refused', async () => {
        const { port } = new URL(app.messages.replace('tcp', 'http'));
        const probe = connect(Number(port), '127.0.0.1');
        sockets.push(probe);
        return new Promise<boolean>((resolve) => {
          probe.once('connect', () => {
            resolve(false);
          });
          probe.once('error', () => {
            resolve(true);
          });
        }).finally(() => probe.destroy());
      });
      await refused;
      expect(received()).toBe('');
      await blocker.query('COMMIT');
      await blocker.close();
      await closed;
      await ended;
      expect(answersOf(received())).toMatchObject([
        { id: 'stop', response: { status: 202, response: { status: 'idle' } } },
      ]);
      expect(await observer.tagged()).toEqual([]);
    } finally {
      await observer.close();
      await worker.close();
      await start();
    }
  });

  it('says that the metadata database is away, and works when it is back', async () => {
    await app.close();
    const proxy = await proxyOf(server.url);
    try {
      await start({ ...metadataBehind(server, proxy), DATABASE_TIMEOUT_MS: '600' });
      const client = MessageClient.tcp(app.messages);
      const payload = show('').data;
      await proxy.set('refuse');
      proxy.cut();
      for (const pattern of ['workfiles.show', 'workfiles.run', 'workfiles.stop'])
        expect(await client.ask(pattern, payload)).toEqual({
          status: 503,
          errors: {
            message: 'The metadata database cannot be reached at the moment. Please try again.',
          },
          retry_after: 2,
          request_id: expect.any(String),
        });
      await proxy.set('pass');
      expect(await client.ask('workfiles.show', payload)).toMatchObject({ status: 200 });
      await client.close();
    } finally {
      await proxy.set('pass');
      await app.close();
      await proxy.close();
      await start();
    }
  });

  describe('with TLS', () => {
    const certificates = {
      MICROSERVICE_TLS_CERT: tlsFile('server.pem'),
      MICROSERVICE_TLS_KEY: tlsFile('server.key'),
    };
    const ask = async (tlsOptions: object) => {
      const client = MessageClient.tcp(app.messages, { tlsOptions });
      const answer = await client.ask('workfiles.show', show('').data);
      await client.close();
      return answer;
    };

    it('answers whoever trusts its certificate', async () => {
      await app.close();
      await start(certificates);
      expect(app.messages).toMatch(/^tls:/);
      expect(await ask({ ca: pem('ca.pem') })).toMatchObject({ status: 200 });
      expect(await ask({})).toBeInstanceOf(Error);
    });

    it('lets only those in who have a certificate of the authority', async () => {
      await app.close();
      await start({ ...certificates, MICROSERVICE_TLS_CA: tlsFile('ca.pem') });
      const known = { ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key') };
      expect(await ask(known)).toMatchObject({ status: 200 });
      expect(await ask({ ca: pem('ca.pem') })).toBeInstanceOf(Error);
    });
  });

  it.each([
    [{ MICROSERVICE_HOST: '192.0.2.1' }, /EADDRNOTAVAIL.*set MICROSERVICE_HOST/],
    [
      { MICROSERVICE_TLS_CERT: '/nowhere', MICROSERVICE_TLS_KEY: '/nowhere' },
      /MICROSERVICE_TLS_CERT cannot be read: ENOENT/,
    ],
  ])('says at the start what is wrong with %j', async (settings, message) => {
    await app.close();
    await expect(start(settings)).rejects.toThrow(message);
    await start();
  });

  it('says at the start that its port is taken', async () => {
    await app.close();
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start({ MICROSERVICE_PORT: String(port) })).rejects.toThrow(
      /EADDRINUSE.*MICROSERVICE_PORT/,
    );
    other.close();
    await start();
  });
});

function nested(depth: number): object {
  return depth === 0 ? {} : { inner: nested(depth - 1) };
}
