import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { OWN_HANDLE } from '../../src/data-sources/connectors/postgres-control.js';
import { dataSourcesBehind, metadataBehind, proxyOf } from '../support/behind-proxy.js';

import { Observer } from '../support/observer.js';
import {
  aCheckId,
  anSqlFile,
  execute,
  executionOf,
  seenExecuting,
  sqlSessions,
} from '../support/sql-files.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startSourceApp } from '../support/source-app.js';
import type { TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

type Query = (this: pg.Client, ...parameters: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };

/** Nothing is called over, and nothing hangs, where connections vanish on the way. */
describe('ad-hoc SQL whose connection is lost', () => {
  let server: TestServer;
  let metadata: TcpProxy;
  let dataSource: TcpProxy;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;
  let file: string;

  beforeAll(async () => {
    server = await startTestServer();
    metadata = await proxyOf(server.url);
    dataSource = await proxyOf(server.dataUrl);
    await dataSourcesBehind(server, dataSource);
    app = await startSourceApp(
      server.config({
        ...metadataBehind(server, metadata),
        WORKER_CONCURRENCY: '0',
        LEASE_SECONDS: '2',
        CONNECT_TIMEOUT_MS: '1000',
      }),
    );
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
    file = await anSqlFile(server);
    await observer.query('CREATE TABLE marks (n int); GRANT ALL ON marks TO PUBLIC');
  });
  afterEach(async () => {
    await until('no session is left', async () => (await sqlSessions(observer)).length === 0);
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([metadata.close(), dataSource.close(), observer.close()]);
    await server.stop();
  });

  const outcomeOf = (checkId: string) =>
    until('its end', async () => {
      const row = await executionOf(server, checkId);
      return row['outcome'] ?? null;
    });

  it('leaves no session when its opening is lost', async () => {
    const { query: original } = prototype;
    let lost = false;
    prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      const [first] = parameters;
      const text = typeof first === 'string' ? first : (first as { text?: string }).text;
      if (text === OWN_HANDLE && !lost) {
        lost = true;
        dataSource.sever();
      }
      return original.apply(this, parameters);
    };
    const checkId = aCheckId();
    try {
      expect((await execute(owner, file, 'SELECT 1', { checkId })).status).toBe(422);
    } finally {
      prototype.query = original;
    }
    expect(lost).toBe(true);
    expect(await outcomeOf(checkId)).toBe('never_started');
    expect(await sqlSessions(observer)).toEqual([]);
  });

  it('is answered when its connection goes silent and it is cancelled', async () => {
    const checkId = aCheckId();
    const executing = execute(owner, file, 'SELECT pg_sleep(100)', { checkId });
    await seenExecuting(observer, /pg_sleep\(100\)/);
    dataSource.sever();
    // The means to end it were lost, too.
    expect([200, 202]).toContain((await owner.delete(`${file}/${checkId}`)).status);
    expect((await executing).status).toBe(422);
    expect(await sqlSessions(observer)).toEqual([]);
  });

  it('is not called over because the client’s own side has ended', async () => {
    const silent = await keepingSessions(server);
    await dataSourcesBehind(server, silent);
    const elsewhere = await startSourceApp(server.config({ WORKER_CONCURRENCY: '0' }));
    try {
      const checkId = aCheckId();
      const client = await elsewhere.as('owner');
      expect((await execute(client, file, 'SELECT 1', { checkId })).status).toBe(200);
      expect(silent.kept()).toBe(1);
      expect(await sqlSessions(observer)).toEqual([]);
      expect(await executionOf(server, checkId)).toMatchObject({ outcome: 'committed' });
    } finally {
      await elsewhere.close();
      await silent.close();
      await dataSourcesBehind(server, dataSource);
    }
  });

  it('is not said to be rolled back behind a COMMIT of its own', async () => {
    const checkId = aCheckId();
    const sql = 'INSERT INTO public.marks VALUES (1); COMMIT; SELECT pg_sleep(101)';
    const executing = execute(owner, file, sql, { checkId });
    await seenExecuting(observer, /pg_sleep\(101\)/);
    expect((await owner.delete(`${file}/${checkId}`)).status).toBe(200);
    expect((await executing).status).toBe(422);
    expect(await observer.query('DELETE FROM marks RETURNING n')).toEqual([{ n: 1 }]);
    expect(await executionOf(server, checkId)).toMatchObject({ outcome: 'unknown' });
  });

  it('takes no effect when its client leaves while nothing can be recorded', async () => {
    const checkId = aCheckId();
    const client = new AbortController();
    const leaving = fetch(`${owner.url}${file}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: owner.cookie ?? '' },
      body: JSON.stringify({
        check_id: checkId,
        sql: 'INSERT INTO public.marks SELECT 2 FROM pg_sleep(3)',
      }),
      signal: client.signal,
    });
    await seenExecuting(observer, /pg_sleep\(3\)/);
    await metadata.set('reset');
    client.abort();
    await expect(leaving).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await metadata.set('pass');
    expect(await outcomeOf(checkId)).toBe('rolled_back');
    expect(await observer.query('SELECT FROM marks')).toEqual([]);
    const [row] = await query(
      server.url,
      'SELECT cancel_reason FROM sql_executions WHERE check_id = $1',
      [checkId],
    );
    expect(row).toEqual({ cancel_reason: 'client_gone' });
  });
});

interface KeepingProxy {
  readonly host: string;
  readonly port: number;
  /** Sessions of ad-hoc SQL that their client has left. */
  kept(): number;
  close(): Promise<void>;
}

/** Resets a client that says goodbye, and keeps its session, as a firewall that forgot the connection does. */
async function keepingSessions({ dataUrl }: TestServer): Promise<KeepingProxy> {
  const { hostname, port } = new URL(dataUrl);
  const links = new Set<Socket>();
  let kept = 0;
  const listener: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    links.add(upstream);
    let isSql = false;
    client.on('data', (chunk) => {
      isSql ||= chunk.includes('fermata-sql:');
      if (isSql && chunk[0] === 0x58) {
        kept += 1;
        client.resetAndDestroy();
      } else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
    client.on('close', () => {
      if (!isSql) upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    host: '127.0.0.1',
    port: (listener.address() as { port: number }).port,
    kept: () => kept,
    close: async () => {
      for (const link of links) link.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
