import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource as OrmDataSource } from 'typeorm';
import type { AppConfig } from '../../src/config/app-config.js';
import { ConnectionTargets } from '../../src/data-sources/connection-targets.js';
import type { RunSession } from '../../src/data-sources/connectors/connector.js';
import { ConnectorRegistry } from '../../src/data-sources/connectors/connector-registry.js';
import { PostgresConnector } from '../../src/data-sources/connectors/postgres.connector.js';
import { Controls } from '../../src/data-sources/controls.js';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { RunRecovery } from '../../src/engine/worker/run-recovery.js';
import { type ClaimedRun, RunClaims } from '../../src/runs/run-claims.js';
import { RunLog } from '../../src/runs/run-log.js';
import { SessionLedger } from '../../src/runs/session-ledger.js';
import { SessionProof } from '../../src/runs/session-proof.js';
import { StepOutcomes } from '../../src/runs/step-outcomes.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { addDatabases, ELSEWHERE_DATABASE } from '../support/second-database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import '../support/quiet.js';

interface Place extends Record<string, unknown> {
  databaseId: number;
  accountId: number;
}

/** No worker is there, and one of the two data sources where it had sessions cannot be reached. */
describe('a run that was left in two data sources, one of which is away', () => {
  let server: TestServer;
  let config: AppConfig;
  let app: TestApp;
  let owner: TestClient;
  let orm: OrmDataSource;
  let connector: PostgresConnector;
  let targets: ConnectionTargets;
  let controls: Controls;
  let claims: RunClaims;
  let ledger: SessionLedger;
  let run: ClaimedRun;
  let session: RunSession;

  beforeAll(async () => {
    server = await startTestServer();
    config = server.config({ WORKER_CONCURRENCY: '0', STOP_REPLY_TIMEOUT_MS: '1' });
    app = await startTestApp(config);
    owner = await app.as('owner');
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: 5 }));
    connector = new PostgresConnector(config);
    targets = new ConnectionTargets(orm, config);
    controls = new Controls(orm, new ConnectorRegistry(connector), targets);
    claims = new RunClaims(orm, config);
    ledger = new SessionLedger(orm);
    await addDatabases(server, GOLF_FLOW);
    await elsewhereIs('away');
  });
  beforeEach(async () => {
    await startRun(owner, GOLF_FLOW);
    const found = await claims.claim('first');
    if (found === null) throw new Error('nothing to claim');
    run = found;
    const [here] = await places('Owners');
    const [there] = await places('Elsewhere');
    const target = await targets.find(here!.databaseId, here!.accountId);
    const id = await ledger.opening(run, here!.databaseId, here!.accountId);
    // The name that SQL of an author may have given it.
    session = await connector.open(target!, 'renamed');
    await ledger.opened(run, id, session);
    const other = await ledger.opening(run, ELSEWHERE_DATABASE, there!.accountId);
    const backendStart = '2026-01-01T00:00:00.000000Z';
    // Servers count their processes each for itself.
    const handle = { pid: session.handle.pid, backendStart, roleId: null, tag: 'x' };
    await ledger.opened(run, other, { handle, life: null });
  });
  afterEach(async () => {
    await session.close();
    await elsewhereIs('away');
  });
  afterAll(async () => {
    await connector.close();
    await orm.destroy();
    await app.close();
    await server.stop();
  });

  const places = (name: string) =>
    query<Place>(
      server.url,
      `SELECT d.id AS "databaseId", a.id AS "accountId" FROM data_sources s
       JOIN databases d ON d.data_source_id = s.id JOIN data_source_accounts a ON a.data_source_id = s.id
       WHERE s.name = $1 ORDER BY d.id, a.id LIMIT 1`,
      [name],
    );
  const elsewhereIs = (where: 'away' | 'back') =>
    query(
      server.url,
      `UPDATE data_sources SET port = CASE WHEN $1 = 'away' THEN 1 ELSE (SELECT port FROM data_sources WHERE name = 'Owners') END
       WHERE name = 'Elsewhere'`,
      [where],
    );
  const ended = () =>
    until('the end of its session', async () => {
      const seen = 'SELECT FROM pg_stat_activity WHERE pid = $1';
      return (await query(server.dataUrl, seen, [session.handle.pid])).length === 0;
    });

  it('is stopped in the other one, and confirmed when it is back', async () => {
    const path = `/api/runs/${run.runId}`;
    await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
    await ended();
    const { status, stopping } = (await owner.get(path)).response;
    expect(status).toBe('stopping');
    expect(stopping.last_error).toMatch(/Elsewhere|ECONNREFUSED/);

    await elsewhereIs('back');
    const { stop_receipt } = await runEnded(owner, path);
    expect(stop_receipt).toMatchObject({
      method: 'terminated',
      outcome: 'stopped',
      sessions_ended: [
        { backend_pid: session.handle.pid, ending: 'terminated' },
        { ending: 'gone' },
      ],
    });
  });

  it('is ended in the other one by whoever takes it up', async () => {
    await query(server.url, 'UPDATE runs SET lease_until = now() WHERE id = $1', [run.runId]);
    const next = await claims.takeOver('next');
    const proof = new SessionProof(orm, controls);
    const outcomes = new StepOutcomes(orm, controls);
    const recovery = new RunRecovery(orm, claims, proof, ledger, outcomes, new RunLog(orm), config);
    const room = { leave: () => undefined, comeBack: () => true };
    const clearing = recovery.clear(next!, room, new AbortController().signal);
    await ended();

    await elsewhereIs('back');
    expect(await clearing).toBeNull();
  });
});
