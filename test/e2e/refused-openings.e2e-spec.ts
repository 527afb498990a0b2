import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource as OrmDataSource } from 'typeorm';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { RunClaims } from '../../src/runs/run-claims.js';
import { SessionLedger } from '../../src/runs/session-ledger.js';
import { dataSourcesBehind } from '../support/behind-proxy.js';
import { flowXml, storeFlow, tableSource } from '../support/flows.js';
import { startRefusingServer } from '../support/refusing-server.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import '../support/quiet.js';

const STOP = `/api/workfiles/${GOLF_FLOW}/stop`;

/**
 * A definite no leaves no session behind, so nobody has to ask the data source about it: it would say no again. The product
 * is started anew each time, for a control connection from before would hide that.
 */
describe('a data source that refuses the connection', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let orm: OrmDataSource;

  beforeAll(async () => {
    server = await startTestServer();
    await storeFlow(server, GOLF_FLOW, flowXml({ operators: [tableSource('golfnew')] }));
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: 2 }));
  });
  beforeEach(async () => {
    // A wrong password marks the account.
    await changed('UPDATE data_source_accounts SET invalid_credentials = false');
    await start();
  });
  afterEach(async () => {
    await app.close();
    const { hostname, port } = new URL(server.url);
    await dataSourcesBehind(server, { host: hostname, port: Number(port) });
  });
  afterAll(async () => {
    await orm.destroy();
    await server.stop();
  });

  const start = async (variables: Record<string, string> = {}) => {
    app = await startTestApp(server.config({ STOP_REPEAT_MS: '50', ...variables }));
    owner = await app.as('owner');
  };
  const changed = (change: string) => query(server.url, change);

  it.each([
    [
      'for a wrong password',
      `UPDATE data_source_accounts SET db_username = 'nobody' WHERE db_username = 'fermata_demo'`,
      `UPDATE data_source_accounts SET db_username = 'fermata_demo' WHERE db_username = 'nobody'`,
      '28P01',
      'password authentication failed',
    ],
    [
      'for it has no such database',
      `UPDATE databases SET name = 'dropped' WHERE name = 'default'`,
      `UPDATE databases SET name = 'default' WHERE name = 'dropped'`,
      '3D000',
      'does not exist',
    ],
    [
      'for nobody listens',
      'UPDATE data_sources SET port = 1',
      'SELECT 1',
      'ECONNREFUSED',
      'ECONNREFUSED',
    ],
    [
      'for it has no TLS',
      'UPDATE data_sources SET ssl = true',
      'UPDATE data_sources SET ssl = false',
      null,
      'does not support SSL',
    ],
  ])('%s fails the run at once', async (_, spoil, restore, sqlstate, reason) => {
    await changed(spoil);
    try {
      const begun = performance.now();
      const { status, error, steps } = await runEnded(owner, await startRun(owner, GOLF_FLOW));
      expect({ status, steps }).toEqual({ status: 'failed', steps: [] });
      expect(error).toMatchObject({ operator: 'golfnew', sqlstate });
      expect(error.message).toContain(reason);
      expect(performance.now() - begun).toBeLessThan(5000);
    } finally {
      await changed(restore);
    }
  });

  it('for the product does not know its certificate fails the run at once', async () => {
    const source = await startRefusingServer('by its certificate');
    await dataSourcesBehind(server, source);
    await changed('UPDATE data_sources SET ssl = true');
    const { status, error } = await runEnded(owner, await startRun(owner, GOLF_FLOW));
    await changed('UPDATE data_sources SET ssl = false');
    source.close();
    expect(status).toBe('failed');
    expect(error.message).toContain('certificate');
  });

  it('after a while does not keep a stop from being confirmed', async () => {
    const source = await startRefusingServer();
    await dataSourcesBehind(server, source);
    const run = await startRun(owner, GOLF_FLOW);
    await source.asked;
    const stopping = owner.post(STOP);
    await until(
      'the stop to be accepted',
      async () => (await owner.get(run)).response.status === 'stopping',
    );
    source.refuse();

    expect((await stopping).response.status).toBe('idle');
    const { status, stop_receipt } = await runEnded(owner, run);
    expect(status).toBe('stopped');
    expect(stop_receipt).toMatchObject({ outcome: 'stopped', sessions_ended: [] });
    source.close();
  });

  it('is not asked about a run that it never let in, when its worker is gone', async () => {
    await app.close();
    await start({ WORKER_CONCURRENCY: '0' });
    await dataSourcesBehind(server, { host: '127.0.0.1', port: 1 });
    const path = await startRun(owner, GOLF_FLOW);
    const run = await new RunClaims(orm, server.config()).claim('gone');
    const [place] = run?.snapshot.locations ?? [];
    if (run === null || place === undefined) throw new Error('nothing to claim');
    const ledger = new SessionLedger(orm);
    const session = await ledger.opening(run, place.databaseId, place.accountId);
    await ledger.notOpened(session, 'refused');

    expect((await owner.post(STOP)).response.status).toBe('idle');
    expect((await runEnded(owner, path)).stop_receipt).toMatchObject({ sessions_ended: [] });
  });
});
