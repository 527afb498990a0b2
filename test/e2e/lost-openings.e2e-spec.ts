import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { OWN_HANDLE } from '../../src/data-sources/connectors/postgres-control.js';
import { dataSourcesBehind, proxyOf } from '../support/behind-proxy.js';
import { Observer } from '../support/observer.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startSourceApp } from '../support/source-app.js';
import type { TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

type Query = (this: pg.Client, ...parameters: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };
const OPENING = `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'fermata-opening%'`;

/** The network goes silent for ever between the opening of a session and the first answer over it. */
describe('a session whose opening is lost', () => {
  const { query } = prototype;
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;
  let proxy: TcpProxy;
  let lost: boolean;

  beforeAll(async () => {
    server = await startTestServer();
    proxy = await proxyOf(server.dataUrl);
    await dataSourcesBehind(server, proxy);
    app = await startSourceApp(server.config({ CONNECT_TIMEOUT_MS: '1000' }));
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
    prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      const [first] = parameters;
      const text = typeof first === 'string' ? first : (first as { text?: string }).text;
      if (text === OWN_HANDLE && !lost) {
        lost = true;
        proxy.sever();
      }
      return query.apply(this, parameters);
    };
  });
  afterAll(async () => {
    prototype.query = query;
    await observer.close();
    await app.close();
    await proxy.close();
    await server.stop();
  });

  it('does not keep a stop from being confirmed, nor stay behind it', async () => {
    lost = false;
    const run = await startRun(owner, GOLF_FLOW);
    await until('the opening', async () => (await observer.query(OPENING))[0] ?? null);
    await until('the loss', () => Promise.resolve(lost));
    await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);

    const { status, stop_receipt } = await runEnded(owner, run);
    expect(status).toBe('stopped');
    expect(stop_receipt).toMatchObject({ outcome: 'stopped', sessions_ended: [] });
    expect(await observer.query(OPENING)).toEqual([]);
  });

  it('is opened again by whoever takes the run up, with nothing left of the first', async () => {
    lost = false;
    const { status } = await runEnded(owner, await startRun(owner, GOLF_FLOW));
    expect([lost, status]).toEqual([true, 'succeeded']);
    expect(await observer.query(OPENING)).toEqual([]);
  });

  it('is not refused when it is the connection to look for it that was lost', async () => {
    lost = true;
    await runEnded(owner, await startRun(owner, GOLF_FLOW));
    proxy.sever();
    const { status } = await runEnded(owner, await startRun(owner, GOLF_FLOW));
    expect(status).toBe('succeeded');
  });
});
