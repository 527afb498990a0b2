import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DataSource as OrmDataSource } from 'typeorm';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { type ClaimedRun, RunClaims } from '../../src/runs/run-claims.js';
import { RunEnding } from '../../src/runs/run-ending.js';
import { RunFenced } from '../../src/runs/run-fenced.js';
import { SessionLedger } from '../../src/runs/session-ledger.js';
import { COMMIT_WITHIN_MS } from '../../src/data-sources/commit-gate.js';
import { StepLedger } from '../../src/runs/step-ledger.js';
import { proxyOf, throughProxy } from '../support/behind-proxy.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, GOLF_FLOW, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import '../support/quiet.js';

interface Place extends Record<string, unknown> {
  databaseId: number;
  accountId: number;
}
const POOL_SIZE = 5;
const ERROR = { message: 'terminating connection', operator: null, sqlstate: '57P01' };
const RESULT = { rowCount: 1, statements: [], delivery: {}, report: {} };

/** What the metadata database lets a worker do that goes on with what it believed before it stood still. */
describe('a worker that was slow', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let orm: OrmDataSource;
  let claims: RunClaims;
  let sessions: SessionLedger;
  let steps: StepLedger;
  let place: Place;

  beforeAll(async () => {
    server = await startTestServer();
    const config = server.config({ WORKER_CONCURRENCY: '0', STOP_REPLY_TIMEOUT_MS: '1' });
    app = await startTestApp(config);
    owner = await app.as('owner');
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: POOL_SIZE }));
    claims = new RunClaims(orm, config);
    sessions = new SessionLedger(orm);
    steps = new StepLedger(orm);
    const [row] = await query<Place>(
      server.url,
      `SELECT d.id AS "databaseId", a.id AS "accountId" FROM databases d
       JOIN data_source_accounts a USING (data_source_id) ORDER BY d.id, a.id LIMIT 1`,
    );
    if (row === undefined) throw new Error('no place');
    place = row;
  });
  afterAll(async () => {
    await orm.destroy();
    await app.close();
    await server.stop();
  });

  const claimed = async (): Promise<ClaimedRun> => {
    await startRun(owner, GOLF_FLOW);
    const run = await claims.claim('first');
    if (run === null) throw new Error('nothing to claim');
    return run;
  };
  const takenOver = async ({ runId }: ClaimedRun): Promise<ClaimedRun> => {
    await query(server.url, 'UPDATE runs SET lease_until = now() WHERE id = $1', [runId]);
    const run = await claims.takeOver('next');
    if (run === null) throw new Error('nothing to take over');
    return run;
  };
  const opened = async (run: ClaimedRun, pid: number): Promise<number> => {
    const id = await sessions.opening(run, place.databaseId, place.accountId);
    const handle = { pid, backendStart: '2026-01-01T00:00:00.000000Z', roleId: null, tag: 'x' };
    await sessions.opened(run, id, { handle, life: null });
    return id;
  };
  const begun = async (run: ClaimedRun, position = 0): Promise<number> =>
    begunIn(await opened(run, 1), run, position);
  const begunIn = (sessionId: number, run: ClaimedRun, position = 0): Promise<number> =>
    steps.begin(run, {
      sessionId,
      transactionId: '1',
      position,
      uuid: 'a',
      name: 'a',
      type: 'a',
      output: null,
    });
  const stop = () => owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
  const over = ({ runId }: ClaimedRun) =>
    query(server.url, `UPDATE runs SET status = 'failed', ended_at = now() WHERE id = $1`, [runId]);

  it('takes only sessions of earlier workers for gone, none of a later one', async () => {
    const first = await claimed();
    const old = await opened(first, 1);
    const slow = await takenOver(first);
    const later = await takenOver(slow);
    const current = await opened(later, 2);

    await sessions.gone(slow.runId, slow.epoch);

    const open = await query<{ id: number }>(
      server.url,
      'SELECT id::int FROM run_sessions WHERE run_id = $1 AND closed_at IS NULL',
      [slow.runId],
    );
    expect(open).toEqual([{ id: current }]);
    expect(open).not.toContainEqual({ id: old });
    await over(later);
  });

  it('has an operator that stores something on disk before it begins', async () => {
    const run = await claimed();
    const sessionId = await opened(run, 1);
    const [before] = await query(server.url, 'SELECT pg_current_wal_insert_lsn() AS lsn');
    await begunIn(sessionId, run);
    const [after] = await query(
      server.url,
      'SELECT pg_current_wal_flush_lsn() > $1::pg_lsn AS "isOnDisk"',
      [before!['lsn']],
    );
    expect(after).toEqual({ isOnDisk: true });
    await over(run);
  });

  it('commits nothing behind a gate that was closed while it waited', async () => {
    const run = await claimed();
    const stepId = await begun(run);
    let bind: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (bind = resolve));
    let commits = 0;
    const finishing = steps.finish(run, stepId, RESULT, {
      bind: () => ready,
      commit: () => {
        commits += 1;
        return Promise.resolve();
      },
    });
    const refused = expect(finishing).rejects.toThrow(RunFenced);

    // Answers when the gate lets it through.
    expect((await stop()).response.status).toBe('stopping');
    bind();

    await refused;
    expect(commits).toBe(0);
    await over(run);
  });

  it('opens the gate again when nobody stopped it meanwhile, and holds it while it commits', async () => {
    const run = await claimed();
    const stepId = await begun(run);
    let stopped: ReturnType<typeof stop> | undefined;
    const statuses: unknown[] = [];
    let bound = 0;
    await steps.finish(run, stepId, RESULT, {
      bind: () => sleep(bound++ === 0 ? 1200 : 0),
      commit: async () => {
        stopped = stop();
        statuses.push(
          ...(await query(server.url, 'SELECT status FROM runs WHERE id = $1', [run.runId])),
        );
      },
    });
    expect(statuses).toEqual([{ status: 'running' }]);
    expect((await stopped)?.response.status).toBe('stopping');
    const [step] = await query(server.url, 'SELECT status FROM run_steps WHERE id = $1', [stepId]);
    expect(step).toEqual({ status: 'finished' });
    await over(run);
  });

  it('binds its transaction anew for as long as the gate keeps it waiting', async () => {
    const run = await claimed();
    const stepId = await begun(run);
    const holder = await Observer.on(server.url);
    await holder.query('BEGIN');
    await holder.query('SELECT FROM runs WHERE id = $1 FOR NO KEY UPDATE', [run.runId]);
    const boundAt: number[] = [];
    const finishing = steps.finish(run, stepId, RESULT, {
      bind: () => {
        boundAt.push(performance.now());
        return Promise.resolve();
      },
      commit: () => {
        boundAt.push(performance.now());
        return Promise.resolve();
      },
    });
    await sleep(3500);
    await holder.query('COMMIT');
    await holder.close();
    await finishing;

    const pauses = boundAt.slice(1).map((at, i) => at - boundAt[i]!);
    expect(Math.max(...pauses)).toBeLessThan(COMMIT_WITHIN_MS);
    await over(run);
  });

  it.each(['bind', 'commit'] as const)(
    'keeps no connection to the metadata while the data source does not answer (%s)',
    async (silent) => {
      const run = await claimed();
      const stepIds: number[] = [];
      while (stepIds.length < POOL_SIZE) stepIds.push(await begun(run, stepIds.length));
      let goOn: () => void = () => undefined;
      const answered = new Promise<void>((resolve) => (goOn = resolve));
      const never = Promise.resolve();
      const transaction = { bind: () => never, commit: () => never, [silent]: () => answered };
      const finishing = stepIds.map((stepId) => steps.finish(run, stepId, RESULT, transaction));
      const asked = performance.now();
      await orm.query('SELECT 1');
      expect(performance.now() - asked).toBeLessThan(5000);
      goOn();
      await Promise.all(finishing);
      const ended = await query(
        server.url,
        `SELECT FROM run_steps WHERE run_id = $1 AND status = 'finished'`,
        [run.runId],
      );
      expect(ended).toHaveLength(POOL_SIZE);
      await over(run);
    },
  );

  it('commits nothing when the gate could not be opened', async () => {
    const run = await claimed();
    const stepId = await begun(run);
    const pool = (orm.driver as unknown as { master: pg.Pool }).master;
    const gate = await pool.connect();
    const send = gate.query.bind(gate) as (...values: unknown[]) => unknown;
    gate.query = ((statement: unknown, ...more: unknown[]) =>
      typeof statement === 'string' && statement.startsWith('BEGIN')
        ? Promise.resolve()
        : send(statement, ...more)) as typeof gate.query;
    gate.release();
    let commits = 0;
    await expect(
      steps.finish(run, stepId, RESULT, {
        bind: () => Promise.resolve(),
        commit: () => {
          commits += 1;
          return Promise.resolve();
        },
      }),
    ).rejects.toThrow(RunFenced);
    gate.query = send as typeof gate.query;

    expect(commits).toBe(0);
    const [step] = await query(server.url, 'SELECT status FROM run_steps WHERE id = $1', [stepId]);
    expect(step).toEqual({ status: 'running' });
    await over(run);
  });

  it('keeps nobody from claiming that stood still while it counted', async () => {
    const limited = server.config({ WORKER_CONCURRENCY: '0', RUNS_PER_WORKSPACE: '10' });
    const proxy = await proxyOf(server.url);
    const databaseUrl = throughProxy(server.url, proxy);
    const behind = await openOrm(ormOptions({ databaseUrl, databasePoolSize: 1 }));
    const pool = (behind.driver as unknown as { master: pg.Pool }).master;
    const turn = await pool.connect();
    const send = turn.query.bind(turn) as (...values: unknown[]) => Promise<unknown>;
    turn.query = (async (statement: unknown, ...more: unknown[]) => {
      const answer = await send(statement, ...more);
      if (typeof statement === 'string' && statement.includes('advisory'))
        await proxy.set('freeze');
      return answer;
    }) as typeof turn.query;
    turn.release();
    const runs = [await startRun(owner, GOLF_FLOW), await startRun(owner, ALPINE_FLOW)];

    const claiming = new RunClaims(behind, limited).claim('frozen');
    await until('it stands still', () => Promise.resolve(proxy.mode === 'freeze'));
    const next = new RunClaims(orm, limited).claim('next');
    const claimed = await Promise.race([next, sleep(5000, null, { ref: false })]);
    await proxy.set('pass');
    const ids = [await claiming, await next].map((run) => `/api/runs/${run?.runId ?? ''}`);
    await behind.destroy();
    await proxy.close();

    expect(claimed).not.toBeNull();
    expect(ids.sort()).toEqual(runs.sort());
    await query(
      server.url,
      `UPDATE runs SET status = 'failed', ended_at = now() WHERE status = 'running'`,
    );
  });

  it('acknowledges its sessions although the run is not its own any more', async () => {
    const first = await claimed();
    const id = await opened(first, 1);
    const next = await takenOver(first);
    const current = await opened(next, 2);
    const ending = new RunEnding(orm);
    const sessionsLeft = () =>
      query(
        server.url,
        'SELECT id::int FROM run_sessions WHERE run_id = $1 AND closed_at IS NULL',
        [first.runId],
      );

    const seen = [{ id, ending: 'cancelled' as const }];
    expect(await ending.end(first.runId, ERROR, first.epoch, seen)).toBeNull();
    expect(await sessionsLeft()).toEqual([{ id: current }]);

    // Its own end waits for the session that nobody has acknowledged.
    expect(await ending.end(next.runId, ERROR, next.epoch)).toBeNull();
    const rest = [{ id: current, ending: 'closed' as const }];
    expect(await ending.end(next.runId, ERROR, next.epoch, rest)).toBe('failed');
    expect(await sessionsLeft()).toEqual([]);
  });

  it('stops a run although its session failed meanwhile: the stop may have done that', async () => {
    const run = await claimed();
    await stop();
    expect(await new RunEnding(orm).end(run.runId, ERROR, run.epoch)).toBe('stopped');
    const { response } = await owner.get(`/api/runs/${run.runId}`);
    expect(response).toMatchObject({ error: null, stop_receipt: { outcome: 'stopped' } });
  });

  it('fails a run that is being stopped when an operator had failed', async () => {
    const run = await claimed();
    const stepId = await begun(run);
    await steps.end(stepId, { ...ERROR, interrupted: false, abandoned: false }, []);
    await stop();
    await sessions.gone(run.runId, null);
    expect(await new RunEnding(orm).end(run.runId, ERROR, run.epoch)).toBe('failed');
    const { response } = await owner.get(`/api/runs/${run.runId}`);
    expect(response).toMatchObject({ error: { message: ERROR.message } });
  });
});
