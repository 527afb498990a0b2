import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource as OrmDataSource } from 'typeorm';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { RunClaims } from '../../src/runs/run-claims.js';
import { Observer } from '../support/observer.js';
import { GOLF_FLOW, startRun } from '../support/runs.js';
import { aCheckId, anSqlFile, execute, executionOf } from '../support/sql-files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import '../support/quiet.js';

const BEFORE = '2026-01-01T00:00:00.000001Z';

/** A data source that was started anew gives its sessions low numbers again, and shows of those of other roles no more. */
describe('a session of another role with the number of one that is gone', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let orm: OrmDataSource;
  let claims: RunClaims;
  let stranger: Observer;
  let pid: number;
  let roleId: string;

  beforeAll(async () => {
    server = await startTestServer();
    const config = server.config({ WORKER_CONCURRENCY: '0' });
    app = await startTestApp(config);
    owner = await app.as('owner');
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: 2 }));
    claims = new RunClaims(orm, config);
    stranger = await Observer.on(server.dataUrl);
    const [row] = await stranger.query(
      `SELECT pg_backend_pid() AS pid, oid::text AS role FROM pg_roles WHERE rolname = 'fermata_demo'`,
    );
    pid = row!['pid'] as number;
    roleId = row!['role'] as string;
  });
  afterAll(async () => {
    await orm.destroy();
    await app.close();
    await stranger.close();
    await server.stop();
  });

  /** A run whose worker is gone. @returns its id */
  const lost = async (role: string | null): Promise<string> => {
    await startRun(owner, GOLF_FLOW);
    const run = await claims.claim('nobody');
    const [location] = run!.snapshot.locations;
    await query(
      server.url,
      `INSERT INTO run_sessions (run_id, epoch, database_id, account_id, backend_pid, backend_start, backend_role, closed_at, ending)
       VALUES ($1, 1, $2, $3, $4, $5, $6, now(), 'closed')`,
      [run!.runId, location!.databaseId, location!.accountId, pid, BEFORE, role],
    );
    await query(server.url, 'UPDATE runs SET lease_until = now() WHERE id = $1', [run!.runId]);
    return run!.runId;
  };
  const stop = async () => (await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`)).response.status;

  it('does not keep a stop from being confirmed', async () => {
    const runId = await lost(roleId);
    expect(await stop()).toBe('idle');
    expect((await owner.get(`/api/runs/${runId}`)).response.status).toBe('stopped');
  });

  it('does so where the role of the session is not on record: it may have been changed since', async () => {
    const runId = await lost(null);
    expect(await stop()).toBe('stopping');
    const { response } = await owner.get(`/api/runs/${runId}`);
    expect(response.stopping.last_error).toBe(`the account may not look at its session ${pid}`);
    await query(server.url, 'UPDATE run_sessions SET backend_role = $2 WHERE run_id = $1', [
      runId,
      roleId,
    ]);
    await until('the stop is confirmed', async () => {
      return (await owner.get(`/api/runs/${runId}`)).response.status === 'stopped';
    });
  });

  it('is told from those of SQL by the role on record', async () => {
    const checkId = aCheckId();
    await execute(owner, await anSqlFile(server), 'SELECT 1', { checkId });
    expect(await executionOf(server, checkId)).toMatchObject({ backend_role: roleId });
  });

  it('does not keep the SQL of a process that is gone from being ended', async () => {
    const id = randomUUID();
    const file = await anSqlFile(server);
    await query(
      server.url,
      `INSERT INTO sql_executions (id, check_id, user_id, workfile_id, database_id, account_id, process_id, lease_until,
         backend_pid, backend_start, backend_role)
       SELECT $1, $2, 1000006, $3, 1000001, a.id, 'nobody', now(), $4, $5, $6
       FROM data_source_accounts a WHERE a.owner_id = 1000006 AND a.deleted_at IS NULL LIMIT 1`,
      [id, aCheckId(), Number(/\d+/.exec(file)?.[0]), pid, BEFORE, roleId],
    );
    await until('it is ended', async () => {
      const seen = 'SELECT FROM sql_executions WHERE id = $1 AND ended_at IS NOT NULL';
      return (await query(server.url, seen, [id])).length === 1;
    });
  });
});
