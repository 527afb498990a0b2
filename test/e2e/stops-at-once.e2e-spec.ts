import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { DataSource as OrmDataSource } from 'typeorm';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { StopWorkflow } from '../../src/runs/commands/stop-workflow.command.js';
import { RunClaims } from '../../src/runs/run-claims.js';
import { StopIntents } from '../../src/runs/stop-intent.js';
import { flowXml, tableSource } from '../support/flows.js';
import { storeFlows } from '../support/many-flows.js';
import { startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import '../support/quiet.js';

const OWNER = 1_000_006;
const FLOW = flowXml({ operators: [tableSource('golfnew')] });

/** Wishes that come together are committed together, and stay each its own. */
describe('stops asked for at the same moment', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let member: TestClient;
  let orm: OrmDataSource;
  let claims: RunClaims;
  let sent: string[] = [];
  let intents: StopIntents;

  beforeAll(async () => {
    server = await startTestServer();
    const config = server.config({ WORKER_CONCURRENCY: '0', STOP_REPLY_TIMEOUT_MS: '1' });
    app = await startTestApp(config);
    owner = await app.as('owner');
    member = await app.as('member');
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: 20 }));
    claims = new RunClaims(orm, config);
    const pool = (orm.driver as unknown as { master: pg.Pool }).master;
    const send = pool.query.bind(pool) as (statement: pg.QueryConfig) => unknown;
    pool.query = ((statement: pg.QueryConfig) => {
      sent.push(statement.name ?? '');
      return send(statement);
    }) as typeof pool.query;
    intents = new StopIntents(orm);
  });
  afterEach(() =>
    query(
      server.url,
      `UPDATE runs SET status = 'failed', ended_at = now() WHERE status IN ('running', 'stopping')`,
    ),
  );
  afterAll(async () => {
    await orm.destroy();
    await app.close();
    await server.stop();
  });

  /** Runs that a worker has claimed. */
  const running = async (count: number): Promise<number[]> => {
    const flows = await storeFlows(server, count, FLOW);
    for (const flow of flows) await startRun(owner, flow);
    for (const _flow of flows) await claims.claim('somebody');
    sent = [];
    return flows;
  };
  const wish = (workfileId: number, reason: string | null = null, force = false) =>
    new StopWorkflow(workfileId, OWNER, { reason, force, requestId: `request of ${reason}` });
  const receiptsOf = (flows: readonly number[]) =>
    query(
      server.url,
      `SELECT status, stop_reason, stop_requested_by FROM runs WHERE workfile_id = ANY ($1) ORDER BY workfile_id`,
      [flows],
    );

  it('take a few statements, and each run has the reason of its own wish', async () => {
    const flows = await running(30);
    const idle = await storeFlows(server, 5, FLOW);
    const all = [...flows, ...idle];

    const found = await Promise.all(all.map((flow) => intents.commit(wish(flow, `why ${flow}`))));

    expect(found.map((intent) => intent?.workfileId ?? null)).toEqual([
      ...flows,
      ...idle.map(() => null),
    ]);
    expect(found.slice(0, 30)).toEqual(
      flows.map(() => expect.objectContaining({ status: 'stopping', forced: false, sessions: [] })),
    );
    expect(sent.length).toBeLessThanOrEqual(6);
    expect(await receiptsOf(flows)).toEqual(
      flows.map((flow) => ({
        status: 'stopping',
        stop_reason: `why ${flow}`,
        stop_requested_by: OWNER,
      })),
    );
    const asked = await query(
      server.url,
      `SELECT workfile_id, reason, asked.request_id, forced FROM stop_requests asked JOIN runs ON runs.id = run_id
       WHERE workfile_id = ANY ($1) ORDER BY workfile_id`,
      [flows],
    );
    expect(asked).toEqual(
      flows.map((flow) => ({
        workfile_id: flow,
        reason: `why ${flow}`,
        request_id: `request of why ${flow}`,
        forced: false,
      })),
    );
  });

  it('for one run: the first stops it, all are on record, one with force makes it hard', async () => {
    const [flow = 0, ...others] = await running(6);
    const wishes = [wish(flow, 'first'), wish(flow, 'second', true), wish(flow, 'third')];
    // The first few go alone; these meet behind them.
    const before = others.map((other) => intents.commit(wish(other)));
    const found = await Promise.all(wishes.map((one) => intents.commit(one)));
    await Promise.all(before);

    expect(found.map((intent) => intent?.status)).toEqual(wishes.map(() => 'stopping'));
    expect(found.map((intent) => intent?.forced)).toContain(true);
    expect(await receiptsOf([flow])).toMatchObject([{ stop_reason: 'first' }]);
    const rows = await query(
      server.url,
      `SELECT reason, forced, stop_forced FROM stop_requests JOIN runs ON runs.id = run_id
       WHERE workfile_id = $1 ORDER BY stop_requests.id`,
      [flow],
    );
    expect(rows).toEqual([
      { reason: 'first', forced: false, stop_forced: true },
      { reason: 'second', forced: true, stop_forced: true },
      { reason: 'third', forced: false, stop_forced: true },
    ]);
  });

  it('do not wait for one whose operator is being committed', async () => {
    const flows = await running(12);
    const [held = 0, ...others] = flows;
    const gate = new pg.Client(server.url);
    await gate.connect();
    await gate.query('BEGIN');
    await gate.query(`SELECT FROM runs WHERE workfile_id = $1 FOR SHARE`, [held]);
    let isHeld = true;
    const late = intents.commit(wish(held, 'late')).then((intent) => {
      expect(isHeld).toBe(false);
      return intent;
    });

    const found = await Promise.all(others.map((flow) => intents.commit(wish(flow))));

    expect(found.every((intent) => intent?.status === 'stopping')).toBe(true);
    expect(await receiptsOf([held])).toMatchObject([{ status: 'running' }]);
    isHeld = false;
    await gate.query('COMMIT');
    expect(await late).toMatchObject({ workfileId: held, status: 'stopping' });
    expect(await receiptsOf([held])).toMatchObject([{ stop_reason: 'late' }]);
    await gate.end();
  });

  it('do not suffer from one that cannot be stored', async () => {
    const flows = await running(12);
    const outcomes = await Promise.allSettled(
      flows.map((flow, i) => intents.commit(wish(flow, i === 7 ? 'a NUL: \0' : 'fine'))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      flows.map((_, i) => (i === 7 ? 'rejected' : 'fulfilled')),
    );
    const states = await receiptsOf(flows);
    expect(states.map(({ status }) => status)).toEqual(
      flows.map((_, i) => (i === 7 ? 'running' : 'stopping')),
    );
  });

  it('answer each requester for his own workfile', async () => {
    const flows = await running(16);
    const clients = flows.map((_, i) => (i % 2 === 0 ? owner : member));
    const answers = await Promise.all(
      flows.map((flow, i) =>
        clients[i]!.post(`/api/workfiles/${flow}/stop`, { reason: `${flow}` }),
      ),
    );
    expect(answers.map(({ response }) => [response.id, response.status])).toEqual(
      flows.map((flow) => [flow, 'stopping']),
    );
    const states = await receiptsOf(flows);
    expect(states.map((state) => state['stop_reason'])).toEqual(flows.map(String));
    expect(new Set(states.map((state) => state['stop_requested_by'])).size).toBe(2);
  });
});
