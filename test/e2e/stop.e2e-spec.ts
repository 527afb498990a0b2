import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  flowXml,
  operator,
  rowFilter,
  storeFlow,
  tableSource,
  variable,
} from '../support/flows.js';
import { Observer } from '../support/observer.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { insideTrap, storeStubbornFlow, STUBBORN } from '../support/stubborn.js';
import { startSourceApp } from '../support/source-app.js';
import type { TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import { withinReach } from '../support/within-reach.js';

type Query = (this: pg.Client, ...parameters: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };

// Computes for minutes, and can be cancelled at any moment.
const HEAVY = `(select sum(ln(i * 1.5)) from generate_series(1, 100000000) as i where i <> "humidity")`;

const stopPath = (id: number) => `/api/workfiles/${id}/stop`;

describe('stop', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    app = await startSourceApp(
      server.config({
        STOP_REPEAT_MS: '50',
        STOP_TERMINATE_AFTER_MS: '300',
        STOP_REPLY_TIMEOUT_MS: '5000',
      }),
    );
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
  });
  afterEach(async () => {
    await observer.close();
    await app.close();
  });
  afterAll(async () => {
    await server.stop();
  });

  it('kills the SQL: nothing is left in the data source, and the receipt says the same', async () => {
    const run = await startRun(owner, ALPINE_FLOW);
    const working = await seenWorking(observer, run, AT_WORK);

    const answer = await owner.post(stopPath(ALPINE_FLOW), { reason: 'wrong cut' });

    expect(answer.response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    expect(await observer.locksOf([working.pid])).toBe(0);
    expect(await observer.tableExists('default', 'alp1000006_1000004_rowfil_0')).toBe(true);
    expect(await observer.tableExists('default', 'alp1000006_1000004_join_0')).toBe(false);
    expect(await observer.tableExists('default', 'alp1000006_1000004_var_0')).toBe(false);

    expect(answer.headers.get('location')).toBe(run);
    const { response } = await owner.get(run);
    expect(response.status).toBe('stopped');
    expect(response.stop_receipt).toEqual({
      requested_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      requested_by: 1_000_006,
      reason: 'wrong cut',
      first_kill_at: expect.any(String),
      confirmed_at: expect.any(String),
      latency_ms: expect.any(Number),
      method: 'cancelled',
      outcome: 'stopped',
      // The branch beside it had a session of its own, idle by then.
      sessions_ended: expect.arrayContaining([
        { data_source_id: 1_000_002, backend_pid: working.pid, ending: 'cancelled' },
      ]),
      operators: {
        finished: ['credit', 'Heavy users', 'demographics'],
        rolled_back: ['Look-alikes'],
        never_started: ['Risk band'],
      },
      last_error: null,
    });
  });

  it('leaves the old output of the interrupted operator', async () => {
    await storeFlow(
      server,
      GOLF_FLOW,
      flowXml({
        operators: [tableSource('golfnew'), variable('kept_output', 'play', {})],
        links: [['golfnew', 'kept_output']],
      }),
    );
    await runEnded(owner, await startRun(owner, GOLF_FLOW));
    await storeFlow(
      server,
      GOLF_FLOW,
      flowXml({
        operators: [
          tableSource('golfnew'),
          variable('kept_output', 'wind', { slow: ['NUMERIC', HEAVY] }),
        ],
        links: [['golfnew', 'kept_output']],
      }),
    );
    const run = await startRun(owner, GOLF_FLOW);
    await seenWorking(observer, run, /CREATE TABLE/);

    expect((await owner.post(stopPath(GOLF_FLOW))).response.status).toBe('idle');

    const rows = await observer.query('SELECT * FROM "default".kept_output');
    expect(rows).toHaveLength(14);
    expect(Object.keys(rows[0]!)).toEqual(['play']);
  });

  it('ends a statement that traps the cancel, and says so', async () => {
    await storeStubbornFlow(server);
    const run = await startRun(owner, GOLF_FLOW);
    await seenWorking(observer, run, STUBBORN);
    await insideTrap(observer);

    const answer = await owner.post(stopPath(GOLF_FLOW));

    expect(answer.response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    expect(await observer.tableExists('default', 'trapped')).toBe(false);
    const { stop_receipt } = (await owner.get(run)).response;
    expect(stop_receipt).toMatchObject({
      method: 'terminated',
      outcome: 'stopped',
      sessions_ended: [{ ending: 'terminated' }],
      operators: { finished: ['golfnew'], rolled_back: ['trapped'], never_started: [] },
    });
    expect(stop_receipt.latency_ms).toBeGreaterThanOrEqual(300);
  });

  it('says stopping, not idle, for as long as it is not confirmed', async () => {
    await app.close();
    app = await startSourceApp(
      server.config({
        STOP_REPEAT_MS: '50',
        STOP_TERMINATE_AFTER_MS: '1500',
        STOP_REPLY_TIMEOUT_MS: '100',
      }),
    );
    owner = await app.as('owner');
    const run = await startRun(owner, GOLF_FLOW);
    await seenWorking(observer, run, STUBBORN);
    await insideTrap(observer);

    const first = await owner.post(stopPath(GOLF_FLOW), { reason: 'first' });
    expect(first.status).toBe(202);
    expect(first.response.status).toBe('stopping');
    expect(await observer.tagged()).toContainEqual(expect.objectContaining({ state: 'active' }));
    expect((await owner.get(run)).response).toMatchObject({
      status: 'stopping',
      stop_receipt: null,
      stopping: { requested_by: 1_000_006, reason: 'first', last_error: null },
    });
    // The second joins the first.
    const member = await app.as('member');
    expect((await member.post(stopPath(GOLF_FLOW), { reason: 'second' })).response.status).toBe(
      'stopping',
    );

    const ended = await runEnded(owner, run);
    expect(await observer.tagged()).toEqual([]);
    expect(ended.stop_receipt).toMatchObject({
      reason: 'first',
      requested_by: 1_000_006,
      method: 'terminated',
    });
    expect((await owner.get(`/api/workfiles/${GOLF_FLOW}`)).response.status).toBe('idle');
  });

  it('of an idle workfile is 202 and changes nothing, however often', async () => {
    const before = await query(server.url, 'SELECT count(*) FROM runs');
    for (let i = 0; i < 2; i += 1) {
      const answer = await owner.post(stopPath(ALPINE_FLOW));
      expect(answer.status).toBe(202);
      expect(answer.response.status).toBe('idle');
      expect(answer.headers.get('location')).toBeNull();
    }
    expect(await query(server.url, 'SELECT count(*) FROM runs')).toEqual(before);
  });

  it('of a queued run starts nothing, also when a worker comes', async () => {
    await app.close();
    app = await startSourceApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
    const run = await startRun(owner, ALPINE_FLOW);
    expect((await owner.get(run)).response.status).toBe('queued');
    expect((await owner.get(`/api/workfiles/${ALPINE_FLOW}`)).response.status).toBe('running');

    const answer = await owner.post(stopPath(ALPINE_FLOW));
    expect(answer.response.status).toBe('idle');
    const receipt = (await owner.get(run)).response.stop_receipt;
    expect(receipt).toMatchObject({
      method: 'not_started',
      outcome: 'stopped',
      first_kill_at: null,
      sessions_ended: [],
      operators: null,
    });

    await app.close();
    app = await startSourceApp(server.config());
    owner = await app.as('owner');
    // The worker has passed the stopped run's job when a later one of the same queue has run.
    await storeFlow(server, GOLF_FLOW, flowXml({ operators: [tableSource('golfnew')] }));
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    expect((await owner.get(run)).response).toMatchObject({
      status: 'stopped',
      started_at: null,
      steps: [],
    });
  });

  it('from a process without a worker reaches the run of another', async () => {
    const api = await startSourceApp(server.config({ WORKER_CONCURRENCY: '0' }));
    const run = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, run, AT_WORK);

    const answer = await (await api.as('chorusadmin')).post(stopPath(ALPINE_FLOW));

    expect(await observer.tagged()).toEqual([]);
    expect(answer.response.status).toBe('idle');
    expect((await owner.get(run)).response.stop_receipt).toMatchObject({
      requested_by: 1_000_001,
      method: 'cancelled',
    });
    await api.close();
  });

  it('that comes after the end leaves the end as it was', async () => {
    const run = await startRun(owner, GOLF_FLOW);
    await runEnded(owner, run);
    const answer = await owner.post(stopPath(GOLF_FLOW));
    expect(answer.response.status).toBe('idle');
    expect((await owner.get(run)).response).toMatchObject({
      status: 'succeeded',
      stop_receipt: null,
    });
  });

  it('never touches a session that is not the run’s', async () => {
    const bystander = await Observer.on(await withinReach(server));
    await bystander.query(`SET application_name = 'fermata:00000000-0000-4000-8000-000000000000'`);
    await observer.query('SELECT pg_advisory_lock(4712)');
    const working = bystander.query(`SELECT pg_advisory_lock(4712), 'unharmed' AS state`);
    const states = async () =>
      (
        await observer.query(
          `SELECT state FROM pg_stat_activity WHERE query LIKE '%unharmed%' AND pid <> pg_backend_pid()`,
        )
      ).map((row) => row['state']);
    await until('it is at work', async () => (await states()).includes('active'));
    const run = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, run, AT_WORK);
    await owner.post(stopPath(ALPINE_FLOW));
    expect(await states()).toEqual(['active']);
    await observer.query('SELECT pg_advisory_unlock(4712)');
    expect(await working).toMatchObject([{ state: 'unharmed' }]);
    await bystander.close();
  });

  it('confirmed while its worker is slow says how the session ended all the same', async () => {
    await app.close();
    // Time for a kill or two before it is confirmed without the worker, and none for a termination.
    app = await startSourceApp(
      server.config({ STOP_TERMINATE_AFTER_MS: '20000', STOP_REPLY_TIMEOUT_MS: '15000' }),
    );
    owner = await app.as('owner');
    await storeFlow(
      server,
      GOLF_FLOW,
      flowXml({ operators: [operator('asleep', 'SqlExecute', { sql: 'SELECT pg_sleep(600)' })] }),
    );
    const run = await startRun(owner, GOLF_FLOW);
    const { pid } = await seenWorking(observer, run, /pg_sleep/);
    const { query: real } = prototype;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      if ((parameters[0] as { name?: string }).name !== 'step-end')
        return real.apply(this, parameters);
      return held.then(() => real.apply(this, parameters));
    };
    try {
      expect((await owner.post(stopPath(GOLF_FLOW))).response.status).toBe('idle');
    } finally {
      prototype.query = real;
      goOn();
    }
    expect(await observer.tagged()).toEqual([]);
    expect((await owner.get(run)).response.stop_receipt).toMatchObject({
      method: 'cancelled',
      outcome: 'stopped',
      sessions_ended: [{ backend_pid: pid, ending: 'cancelled' }],
      operators: { finished: [], rolled_back: ['asleep'], never_started: [] },
    });
  });

  it('finds a session that SQL of the author has given another name', async () => {
    await storeFlow(
      server,
      GOLF_FLOW,
      flowXml({
        operators: [
          operator('disguised', 'SqlExecute', {
            sql: `SELECT set_config('application_name', 'nobody', false); SELECT pg_sleep(600)`,
          }),
        ],
      }),
    );
    const run = await startRun(owner, GOLF_FLOW);
    const [session] = await until('the disguise', async () => {
      const rows = await observer.query(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'nobody' AND query LIKE '%pg_sleep%'`,
      );
      return rows.length > 0 ? rows : null;
    });
    const answer = await owner.post(stopPath(GOLF_FLOW));
    expect(answer.response.status).toBe('idle');
    expect(
      await observer.query(`SELECT FROM pg_stat_activity WHERE application_name = 'nobody'`),
    ).toEqual([]);
    const { stop_receipt } = (await owner.get(run)).response;
    expect(stop_receipt).toMatchObject({
      outcome: 'stopped',
      sessions_ended: [{ backend_pid: session!['pid'] }],
    });
  });

  it('ends at once what SQL of the author has renamed when its process goes', async () => {
    // The name it is left with is that of a session that is being opened.
    await storeFlow(
      server,
      GOLF_FLOW,
      flowXml({
        operators: [operator('reset', 'SqlExecute', { sql: 'RESET ALL; SELECT pg_sleep(60)' })],
      }),
    );
    const asleep = async () =>
      (
        await observer.query(`SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'
          AND application_name LIKE 'fermata-opening:%'`)
      ).length > 0;
    await startRun(owner, GOLF_FLOW);
    await until('its sleep', asleep);

    const since = performance.now();
    await app.close();
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(await asleep()).toBe(false);

    app = await startSourceApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
    expect((await owner.post(stopPath(GOLF_FLOW))).response.status).toBe('idle');
  });

  it('at random moments leaves nothing alive and outputs whole', async () => {
    await storeFlow(
      server,
      GOLF_FLOW,
      flowXml({
        operators: [
          tableSource('golfnew'),
          rowFilter('first_half', '"temperature" < 74'),
          variable('second_half', 'play,wind', { one: ['INTEGER', '1'] }),
          rowFilter('third_half', '"one" = 1'),
        ],
        links: [
          ['golfnew', 'first_half'],
          ['first_half', 'second_half'],
          ['second_half', 'third_half'],
        ],
      }),
    );
    const outcomes = new Set<string>();
    for (let i = 0; i < 25; i += 1) {
      const run = await startRun(owner, GOLF_FLOW);
      await new Promise((resolve) => setTimeout(resolve, (i * 7) % 60));
      const answer = await owner.post(stopPath(GOLF_FLOW));
      expect(answer.response.status).toBe('idle');
      expect(await observer.tagged()).toEqual([]);
      const { status, stop_receipt: receipt, steps } = (await owner.get(run)).response;
      outcomes.add(status);
      if (receipt === null) {
        expect(status).toBe('succeeded');
        continue;
      }
      expect(receipt.outcome).toBe(status);
      // What the receipt calls finished is there, with all its rows.
      for (const step of steps)
        if (step.status === 'finished' && step.output !== null) {
          const [{ n } = {}] = await observer.query(
            `SELECT count(*)::int AS n FROM "default"."${step.output.table}"`,
          );
          expect(n).toBe(step.row_count);
        }
    }
    expect(outcomes).toContain('stopped');
  });
});
