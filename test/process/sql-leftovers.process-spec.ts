import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Observer } from '../support/observer.js';
import { type ProductProcess, SERVING, startProduct } from '../support/product-process.js';
import {
  aCheckId,
  anSqlFile,
  aSlowTable,
  execute,
  executionOf,
  seenExecuting,
  sqlSessions,
} from '../support/sql-files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

describe('ad-hoc SQL of a process that is gone', () => {
  let server: TestServer;
  let survivor: TestApp;
  let observer: Observer;
  let file: string;

  beforeAll(async () => {
    server = await startTestServer();
    survivor = await startTestApp(server.config({ WORKER_CONCURRENCY: '0', LEASE_SECONDS: '2' }));
    observer = await Observer.on(server.dataUrl);
    file = await anSqlFile(server);
  });
  afterAll(async () => {
    await observer.close();
    await survivor.close();
    await server.stop();
  });

  const start = (): Promise<ProductProcess> =>
    startProduct({
      ...SERVING,
      environment: server.environment({
        PORT: '0',
        WORKER_CONCURRENCY: '0',
        LEASE_SECONDS: '2',
        DEMO_DATA: 'true',
        LOG_LEVEL: 'warn',
      }),
    });

  /** However long this machine takes until the next look, nobody ends it before. */
  const leaseIsOverIn = (checkId: string, interval: string) =>
    query(
      server.url,
      'UPDATE sql_executions SET lease_until = now() + $2::interval WHERE check_id = $1',
      [checkId, interval],
    );

  /** As long as its process lives, a server that cannot see it go would never end it by itself. */
  const DEAF = `SET client_connection_check_interval = 0; SET statement_timeout = 0;
    CREATE TABLE left_over AS SELECT pg_sleep(300)::text AS slept`;

  it('is ended by another process, and nothing is left', async () => {
    const product = await start();
    const client = await new TestClient(product.ready).login('owner');
    const checkId = aCheckId();
    const executing = execute(client, file, DEAF, { checkId }).catch(() => null);
    const seen = await seenExecuting(observer, /left_over/);
    await leaseIsOverIn(checkId, '1 hour');
    await product.kill('SIGKILL');
    await executing;
    // Dead as its process is, the data source works on.
    expect((await sqlSessions(observer)).map(({ pid }) => pid)).toEqual([seen.pid]);
    await leaseIsOverIn(checkId, '0 seconds');
    const row = await until('its end', async () => {
      const found = await executionOf(server, checkId);
      return found['ended_at'] === null ? null : found;
    });
    expect(row).toMatchObject({ cancel_reason: 'orphaned', outcome: 'unknown' });
    expect(await sqlSessions(observer)).toEqual([]);
    expect(await observer.locksOf([seen.pid])).toBe(0);
    expect(await observer.tableExists('default', 'left_over')).toBe(false);
  });

  it('can be cancelled from another process before anybody sweeps', async () => {
    const product = await start();
    const client = await new TestClient(product.ready).login('owner');
    const checkId = aCheckId();
    const executing = execute(client, file, DEAF, { checkId }).catch(() => null);
    await seenExecuting(observer, /left_over/);
    await leaseIsOverIn(checkId, '1 hour');
    await product.kill('SIGKILL');
    await executing;
    const owner = await survivor.as('owner');
    const answer = await owner.delete(`${file}/${checkId}`);
    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(await sqlSessions(observer)).toEqual([]);
    expect(await observer.tableExists('default', 'left_over')).toBe(false);
  });

  it('that froze is ended, and what it does on waking takes no effect', async () => {
    const product = await start();
    const client = await new TestClient(product.ready).login('owner');
    const checkId = aCheckId();
    const executing = execute(
      client,
      file,
      'CREATE TABLE woken AS SELECT pg_sleep(0.5)::text AS slept',
      { checkId },
    );
    await seenExecuting(observer, /woken/);
    process.kill(product.pid, 'SIGSTOP');
    await until('its end', async () => (await executionOf(server, checkId))['ended_at']);
    expect(await sqlSessions(observer)).toEqual([]);
    process.kill(product.pid, 'SIGCONT');
    expect((await executing).status).toBe(422);
    expect(await observer.tableExists('default', 'woken')).toBe(false);
    await product.kill('SIGTERM');
  });

  it('that froze while it committed keeps nobody waiting', async () => {
    const product = await start();
    const client = await new TestClient(product.ready).login('owner');
    await aSlowTable(client, file, observer, 300);
    const checkId = aCheckId();
    const executing = execute(client, file, 'INSERT INTO slow VALUES (1)', { checkId });
    await seenExecuting(observer, /COMMIT/);
    process.kill(product.pid, 'SIGSTOP');
    await until('its end', async () => (await executionOf(server, checkId))['ended_at']);
    expect(await sqlSessions(observer)).toEqual([]);
    expect(await observer.query('SELECT FROM "default".slow')).toEqual([]);
    process.kill(product.pid, 'SIGCONT');
    expect((await executing).status).toBe(422);
    await product.kill('SIGTERM');
  });
});
