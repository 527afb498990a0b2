import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource as OrmDataSource } from 'typeorm';
import type { AppConfig } from '../../src/config/app-config.js';
import { RejectedAccounts } from '../../src/data-sources/accounts/rejected-accounts.js';
import { ConnectionTargets } from '../../src/data-sources/connection-targets.js';
import type { RunSession } from '../../src/data-sources/connectors/connector.js';
import { ConnectorRegistry } from '../../src/data-sources/connectors/connector-registry.js';
import { PostgresConnector } from '../../src/data-sources/connectors/postgres.connector.js';
import { Controls } from '../../src/data-sources/controls.js';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { endSessions } from '../../src/engine/worker/end-sessions.js';
import { RunRecovery } from '../../src/engine/worker/run-recovery.js';
import { RunSessions } from '../../src/engine/worker/run-sessions.js';
import { type ClaimedRun, RunClaims } from '../../src/runs/run-claims.js';
import { RunFenced } from '../../src/runs/run-fenced.js';
import { RunLog } from '../../src/runs/run-log.js';
import { openingTag, runTag } from '../../src/runs/run-tag.js';
import { SessionLedger } from '../../src/runs/session-ledger.js';
import { type RunPlace, SessionProof } from '../../src/runs/session-proof.js';
import { StepOutcomes } from '../../src/runs/step-outcomes.js';
import { GOLF_FLOW, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import '../support/quiet.js';

/** Stands still when it has asked for the places, until it is let go. */
class SlowProof extends SessionProof {
  goOn: () => void = () => undefined;
  private isAsked: () => void = () => undefined;
  readonly asked = new Promise<void>((resolve) => (this.isAsked = resolve));
  private readonly held = new Promise<void>((resolve) => (this.goOn = resolve));

  override async places(runId: string): Promise<RunPlace[]> {
    this.isAsked();
    await this.held;
    return super.places(runId);
  }
}

/** What a worker does to the sessions of whoever has taken the run over while it stood still: nothing. */
describe('a worker that stood still while it ended sessions', () => {
  let server: TestServer;
  let config: AppConfig;
  let app: TestApp;
  let orm: OrmDataSource;
  let connector: PostgresConnector;
  let connectors: ConnectorRegistry;
  let targets: ConnectionTargets;
  let controls: Controls;
  let claims: RunClaims;
  let ledger: SessionLedger;
  let run: ClaimedRun;

  beforeAll(async () => {
    server = await startTestServer();
    config = server.config({ WORKER_CONCURRENCY: '0' });
    app = await startTestApp(config);
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: 5 }));
    connector = new PostgresConnector(config);
    connectors = new ConnectorRegistry(connector);
    targets = new ConnectionTargets(orm, config);
    controls = new Controls(orm, connectors, targets);
    claims = new RunClaims(orm, config);
    ledger = new SessionLedger(orm);
  });
  afterEach(() =>
    query(server.url, `UPDATE runs SET status = 'failed', ended_at = now() WHERE id = $1`, [
      run.runId,
    ]),
  );
  afterAll(async () => {
    await connector.close();
    await orm.destroy();
    await app.close();
    await server.stop();
  });

  const claimed = async (): Promise<ClaimedRun> => {
    await startRun(await app.as('owner'), GOLF_FLOW);
    const found = await claims.claim('first');
    if (found === null) throw new Error('nothing to claim');
    return (run = found);
  };
  const takenOver = async ({ runId }: ClaimedRun): Promise<ClaimedRun> => {
    await query(server.url, 'UPDATE runs SET lease_until = now() WHERE id = $1', [runId]);
    const found = await claims.takeOver('next');
    if (found === null) throw new Error('nothing to take over');
    return found;
  };
  const opened = async (by: ClaimedRun, tag: string): Promise<RunSession> => {
    const [location] = by.snapshot.locations;
    if (location === undefined) throw new Error('no location');
    const { databaseId, accountId } = location;
    const id = await ledger.opening(by, databaseId, accountId);
    const target = await targets.find(databaseId, accountId);
    if (target === null) throw new Error('no target');
    const session = await connector.open(target, tag);
    await ledger.opened(by, id, session);
    return session;
  };
  const lives = async ({ handle: { pid } }: RunSession): Promise<boolean> => {
    const seen = 'SELECT FROM pg_stat_activity WHERE pid = $1';
    return (await query(server.dataUrl, seen, [pid])).length === 1;
  };

  it('takes a run up that another one has taken up meanwhile, and leaves its sessions alone', async () => {
    const slow = await takenOver(await claimed());
    const proof = new SlowProof(orm, controls);
    const outcomes = new StepOutcomes(orm, controls);
    const recovery = new RunRecovery(orm, claims, proof, ledger, outcomes, new RunLog(orm), config);
    const clearing = recovery.clear(
      slow,
      { leave: () => undefined, comeBack: () => true },
      new AbortController().signal,
    );
    const fenced = expect(clearing).rejects.toThrow(RunFenced);
    await proof.asked;
    const session = await opened(await takenOver(slow), runTag(run.runId));
    const [stored] = await query(
      server.url,
      'SELECT backend_role FROM run_sessions WHERE run_id = $1',
      [run.runId],
    );
    expect(stored).toEqual({ backend_role: session.handle.roleId });
    proof.goOn();

    await fenced;
    expect(await lives(session)).toBe(true);
    await session.close();
  });

  it('looks for its sessions, and leaves alone those that a later one is opening', async () => {
    const slow = await claimed();
    const rejected = new RejectedAccounts(orm);
    const sessions = new RunSessions(slow, { targets, connectors, controls, rejected, ledger });
    await sessions.begin(slow.snapshot.locations[0]!.databaseId, (session) => session.begin(false));
    const session = await opened(await takenOver(slow), openingTag(run.runId));

    const proof = new SessionProof(orm, controls);
    expect(await endSessions(slow, sessions, { proof, claims })).toBe(false);
    expect(await lives(session)).toBe(true);
    await session.close();
  });
});
