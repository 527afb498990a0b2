import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createLogger } from '../../src/common/observability/logger.js';
import { createAdapter } from '../../src/configure-app.js';
import { ALPINE_FLOW } from '../support/runs.js';
import { anSqlFile, execute } from '../support/sql-files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const STOP = `/api/workfiles/${ALPINE_FLOW}/stop`;
const WORKFILES = '/api/workspaces/1000008/workfiles';
const MULTIPART = 'multipart/form-data; boundary=b';
const FORM = 'application/x-www-form-urlencoded';
const PART = '--b\r\nContent-Disposition: form-data; name="x"';

describe('bodies that stall', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(
      server.config({
        WORKER_CONCURRENCY: '0',
        BODY_TIMEOUT_SECONDS: '1',
        BODY_LIMIT_BYTES: '4096',
      }),
    );
    owner = await app.as('owner');
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await app.close();
    await server.stop();
  });

  /** Sends the beginning of a request. @returns all that comes until the connection ends */
  const begin = (path: string, type: string, body: string, length = 2_000_000) => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    sockets.push(socket);
    const heads = [
      `POST ${path} HTTP/1.1`,
      'Host: localhost',
      `Cookie: ${owner.cookie!}`,
      `Content-Type: ${type}`,
      `Content-Length: ${length}`,
    ];
    socket.write(`${heads.join('\r\n')}\r\n\r\n${body}`);
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    const answer = new Promise<string>((resolve) => {
      socket.once('close', () => {
        resolve(text);
      });
      socket.once('error', () => undefined);
    });
    return { socket, answer };
  };

  it.each([
    ['before a form begins', STOP, MULTIPART, '--b'],
    ['in a field', STOP, MULTIPART, `${PART}\r\n\r\n${'x'.repeat(3000)}`],
    [
      'in a file that is let go',
      STOP,
      MULTIPART,
      `${PART}; filename="x"\r\n\r\n${'x'.repeat(9000)}`,
    ],
    ['in a file', WORKFILES, MULTIPART, `${PART}; filename="x"\r\n\r\n${'x'.repeat(1_500_000)}`],
    ['in JSON', STOP, 'application/json', '{"reason":'],
    ['in another form', STOP, FORM, 'reason=a'],
    ['at an address of nothing', '/api/nothing', FORM, 'reason=a'],
  ])('are ended, and answered like any other refusal: %s', async (_title, path, type, body) => {
    const length = path === WORKFILES ? 2_000_000 : 4000 + body.length;
    const [head = '', json = ''] = (await begin(path, type, body, length).answer).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(head).toContain('Content-Type: application/json; charset=utf-8');
    expect(JSON.parse(json)).toEqual({ errors: { message: 'The request took too long.' } });
  });

  it('end a connection that has its answer already', async () => {
    const { answer } = begin(STOP, MULTIPART, `${PART}\r\n\r\n${'x'.repeat(3000)}\r\n`.repeat(3));
    expect(await answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('may be slow', async () => {
    const body = 'reason=not+in+haste';
    const { socket, answer } = begin(STOP, FORM, '', body.length);
    for (const letter of body) {
      await pause(150);
      socket.write(letter);
    }
    await new Promise((resolve) => socket.once('data', resolve));
    socket.end();
    expect(await answer).toMatch(/^HTTP\/1.1 202 /);
  });

  it('and their answers may take as long as they do', async () => {
    const { status } = await execute(owner, await anSqlFile(server), 'SELECT pg_sleep(2.5)');
    expect(status).toBe(200);
  });

  it('have the time of the largest file at 128 kbit/s, on the whole', () => {
    const config = server.config();
    const adapter = createAdapter(config, createLogger(config));
    const { requestTimeout } = adapter.getInstance().server;
    expect(requestTimeout).toBeGreaterThan((config.workfileLimitBytes / 16_384) * 1000);
    expect(requestTimeout).toBeLessThan(2 * 3_600_000);
  });
});
