import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { sampleStop, type StopSample } from '../../src/bench/stop-latency.js';
import { ApiSession } from '../../src/demo/api-session.js';
import { SessionObserver } from '../../src/demo/session-observer.js';
import { runTag } from '../../src/runs/run-tag.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import '../support/quiet.js';

const LISTED_MS = 500;
const RUN = '11111111-1111-4111-8111-111111111111';
const WORKING = 'SELECT pg_sleep(60) FROM demo.golfnew a CROSS JOIN "demo".golfnew b';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('postgresql');
});
afterAll(() => server.stop());

/** A product that does not keep its promise: what it says and when its SQL ends have nothing to do with each other. */
class Liar {
  /** Until its session sends the first statement. */
  idleMs = 0;
  /** From the answer to the end of its SQL. */
  outlivesMs = 0;
  private readonly http: Server;
  private session: pg.Client | null = null;
  private work: Promise<unknown> = Promise.resolve();

  constructor(private readonly databaseUrl: string) {
    this.http = createServer((request, response) => {
      request.resume();
      void this.answer(request.url ?? '').then(([status, headers]) => {
        response.writeHead(status, headers).end('{"response":{"status":"idle"}}');
      });
    });
  }

  async start(): Promise<string> {
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await this.work;
    this.http.closeAllConnections();
    this.http.close();
  }

  private async answer(path: string): Promise<[number, Record<string, string>]> {
    if (path === '/api/sessions') return [201, { 'set-cookie': '_session_id=x' }];
    if (path.endsWith('/run')) {
      this.session = new pg.Client({
        connectionString: this.databaseUrl,
        application_name: runTag(RUN),
      });
      await this.session.connect();
      this.work = this.execute(this.session);
      return [202, { location: `/api/runs/${RUN}` }];
    }
    const end = sleep(this.outlivesMs).then(() => this.session?.end());
    // A session stays listed for a moment behind the end of its connection.
    if (this.outlivesMs === 0) await end.then(() => sleep(LISTED_MS));
    return [202, {}];
  }

  private async execute(session: pg.Client): Promise<void> {
    await sleep(this.idleMs);
    await session.query(WORKING).catch(() => undefined);
  }
}

describe('a sample of a stop', () => {
  let liar: Liar;
  let observers: { dying: SessionObserver; answered: SessionObserver };
  let api: ApiSession;
  beforeEach(async () => {
    liar = new Liar(server.dataUrl);
    api = await ApiSession.login(await liar.start(), 'owner', 'secret');
    observers = {
      dying: await SessionObserver.on(server.dataUrl),
      answered: await SessionObserver.on(server.dataUrl),
    };
  });
  afterEach(async () => {
    await Promise.all([observers.dying.close(), observers.answered.close(), liar.close()]);
  });
  const sample = (): Promise<StopSample> => sampleStop(api, observers, '/api/workfiles/1');

  it('has what is there right behind the answer, though the SQL is dead when it is complete', async () => {
    liar.outlivesMs = 400;
    const { left, answered, sqlDead, status } = await sample();
    expect({ left, status }).toEqual({ left: 1, status: 'idle' });
    expect(sqlDead).toBeGreaterThan(answered);
  });
});
