import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OWN_HANDLE } from '../../src/data-sources/connectors/postgres-control.js';
import { DEMO_SOURCE, OWNER } from '../support/data-sources.js';
import { flowXml, operator, rowFilter, tableSource, variable } from '../support/flows.js';
import { storeFlows } from '../support/many-flows.js';
import { Observer } from '../support/observer.js';
import { type ProductProcess, SERVING, startProduct, WORKING } from '../support/product-process.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const LEASE_SECONDS = 2;
/** The third operator waits until somebody opens the gate. */
const FLOW = flowXml({
  operators: [
    tableSource('golfnew'),
    variable('first_@flow_id', 'play', { one: ['INTEGER', '1'] }),
    rowFilter('second_@flow_id', `"one" = 1 AND public.gate()`),
    rowFilter('third_@flow_id', '"one" = 1'),
  ],
  links: [
    ['golfnew', 'first_@flow_id'],
    ['first_@flow_id', 'second_@flow_id'],
    ['second_@flow_id', 'third_@flow_id'],
  ],
  variables: { '@flow_id': '@flow_id' },
});
const AT_GATE = /public\.gate/;
/** The same, and the third one does not heed a cancel. */
const DEAF_FLOW = FLOW.replaceAll('public.gate()', 'public.deaf_gate()');
const AT_DEAF_GATE = /public\.deaf_gate/;

describe('a run that loses its worker', () => {
  let server: TestServer;
  let api: TestApp;
  let owner: TestClient;
  let observer: Observer;
  const workers: ProductProcess[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    await query(
      server.dataUrl,
      `CREATE TABLE public.gate_state (open boolean);
       GRANT SELECT ON public.gate_state TO PUBLIC;
       CREATE FUNCTION public.gate() RETURNS boolean LANGUAGE plpgsql AS $$
       BEGIN
         WHILE NOT EXISTS (SELECT FROM public.gate_state WHERE open) LOOP PERFORM pg_sleep(0.01); END LOOP;
         RETURN true;
       END $$;
       CREATE FUNCTION public.deaf_gate() RETURNS boolean LANGUAGE plpgsql AS $$
       BEGIN
         LOOP
           BEGIN RETURN public.gate(); EXCEPTION WHEN query_canceled THEN NULL; END;
         END LOOP;
       END $$`,
    );
    api = await startTestApp(
      server.config({ WORKER_CONCURRENCY: '0', STOP_REPLY_TIMEOUT_MS: '2000' }),
    );
    owner = await api.as('owner');
    observer = await Observer.on(server.dataUrl);
  });
  afterEach(async () => {
    await owner.post('/api/runs/stop', { all: true });
    await Promise.all(workers.splice(0).map((worker) => worker.kill('SIGKILL')));
    await query(server.dataUrl, 'TRUNCATE public.gate_state');
  });
  afterAll(async () => {
    await observer.close();
    await api.close();
    await server.stop();
  });

  const startWorker = async (variables: Record<string, string> = {}): Promise<ProductProcess> => {
    const environment = {
      DATABASE_URL: server.url,
      SECRET_KEY: TEST_KEY,
      LEASE_SECONDS: String(LEASE_SECONDS),
      ...variables,
    };
    const worker = await startProduct({ ...WORKING, environment });
    workers.push(worker);
    return worker;
  };
  const openGate = () => query(server.dataUrl, 'INSERT INTO public.gate_state VALUES (true)');
  const attempts = async (run: string): Promise<string[]> => {
    const rows = await query<{ step: string }>(
      server.url,
      `SELECT position || ' ' || epoch || ' ' || status AS step FROM run_steps WHERE run_id = $1 ORDER BY epoch, position`,
      [run.split('/').at(-1)],
    );
    return rows.map(({ step }) => step);
  };
  const begin = async (flow = FLOW): Promise<string> => {
    const [id = 0] = await storeFlows(server, 1, flow);
    return startRun(owner, id);
  };
  const taken = (run: string, epoch: number) =>
    until(`epoch ${epoch} of ${run}`, async () => {
      const id = run.split('/').at(-1);
      const rows = await query(server.url, 'SELECT FROM runs WHERE id = $1 AND epoch = $2', [
        id,
        epoch,
      ]);
      return rows.length > 0;
    });

  it('is taken up by another one: nothing that is finished is done again', async () => {
    const first = await startWorker();
    const run = await begin();
    await seenWorking(observer, run, AT_GATE);
    await startWorker();
    await first.kill('SIGKILL');
    await taken(run, 2);
    await seenWorking(observer, run, AT_GATE);
    // The session of the dead worker is gone before anything is done anew.
    expect(await observer.tagged()).toHaveLength(1);
    await openGate();
    expect(await runEnded(owner, run)).toMatchObject({ status: 'succeeded', error: null });
    expect(await attempts(run)).toEqual([
      '0 1 finished',
      '1 1 finished',
      '2 1 rolled_back',
      '2 2 finished',
      '3 2 finished',
    ]);
    expect(await observer.tagged()).toEqual([]);
  });

  it('is handed over at once by one that is told to end', async () => {
    const first = await startWorker({ SHUTDOWN_GRACE_MS: '100', LEASE_SECONDS: '600' });
    const run = await begin();
    await seenWorking(observer, run, AT_GATE);
    await startWorker();
    // Long before the first one's lease would be over.
    expect(await first.kill('SIGTERM')).toBe(0);
    await taken(run, 2);
    await openGate();
    expect((await runEnded(owner, run)).status).toBe('succeeded');
    expect((await attempts(run)).filter((step) => step.startsWith('1 '))).toEqual(['1 1 finished']);
    const [row] = await query<{ workers_lost: number }>(
      server.url,
      'SELECT workers_lost FROM runs WHERE id = $1',
      [run.split('/').at(-1)],
    );
    expect(row).toEqual({ workers_lost: 0 });
  });

  it('is handed over by one on which somebody watches it', async () => {
    const environment = server.environment({ PORT: '0', SHUTDOWN_GRACE_MS: '100' });
    const product = await startProduct({ ...SERVING, environment });
    workers.push(product);
    const watcher = await new TestClient(product.ready).login('owner');
    const run = await begin();
    await seenWorking(observer, run, AT_GATE);
    const watching = await fetch(product.ready + run + '/events', {
      headers: { cookie: watcher.cookie ?? '' },
    });
    const seen = watching.text();
    const toldAt = performance.now();
    expect(await product.kill('SIGTERM')).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(5000);
    // As it stood then: a browser asks again where there is somebody to ask.
    expect(await seen).toContain('operator_started');
    expect(await seen).not.toMatch(/succeeded|failed|stopped/);
    expect((await owner.get(run)).response.status).toBe('running');
  });

  it('is waited for by one that is told to end, if it does not take long', async () => {
    const first = await startWorker({ SHUTDOWN_GRACE_MS: '20000' });
    const run = await begin();
    await seenWorking(observer, run, AT_GATE);
    const ended = first.kill('SIGTERM');
    await until('the worker waits', () =>
      Promise.resolve(first.output().includes('waiting for runs')),
    );
    await openGate();
    expect(await ended).toBe(0);
    expect((await owner.get(run)).response.status).toBe('succeeded');
    expect(await attempts(run)).toHaveLength(4);
  });

  it('is not done by two: one that stood still notices that it lost it', async () => {
    const frozen = await startWorker();
    const run = await begin();
    await seenWorking(observer, run, AT_GATE);
    process.kill(frozen.pid, 'SIGSTOP');
    await startWorker();
    await taken(run, 2);
    await seenWorking(observer, run, AT_GATE);
    process.kill(frozen.pid, 'SIGCONT');
    await until('it gives up', () =>
      Promise.resolve(frozen.output().includes('run cut off: lost')),
    );
    await openGate();
    expect((await runEnded(owner, run)).status).toBe('succeeded');
    expect((await attempts(run)).filter((step) => step.endsWith('finished'))).toEqual([
      '0 1 finished',
      '1 1 finished',
      '2 2 finished',
      '3 2 finished',
    ]);
    // It is still of use.
    const next = await begin();
    expect((await runEnded(owner, next)).status).toBe('succeeded');
  });

  it('is taken up once by the one that lost it, when what it was at is over', async () => {
    const frozen = await startWorker({ STOP_TERMINATE_AFTER_MS: '8000' });
    const run = await begin(DEAF_FLOW);
    const { pid } = await seenWorking(observer, run, AT_DEAF_GATE);
    process.kill(frozen.pid, 'SIGSTOP');
    await sleep((LEASE_SECONDS + 1) * 1000);
    process.kill(frozen.pid, 'SIGCONT');
    await until('its session ends', async () => {
      const sessions = await observer.tagged();
      return sessions.every((one) => one.pid !== pid);
    });
    await seenWorking(observer, run, AT_DEAF_GATE);
    await openGate();
    expect(await runEnded(owner, run)).toMatchObject({ status: 'succeeded', error: null });
    const [row] = await query(server.url, 'SELECT epoch, workers_lost FROM runs WHERE id = $1', [
      run.split('/').at(-1),
    ]);
    expect(row).toEqual({ epoch: 2, workers_lost: 1 });
  });

  it('is stopped without waiting for the lease of the dead', async () => {
    const worker = await startWorker({ LEASE_SECONDS: '600' });
    const run = await begin();
    const { pid } = await seenWorking(observer, run, AT_GATE);
    await worker.kill('SIGKILL');
    const answer = await owner.post(`/api/runs/stop`, {
      ids: run.split('/').at(-1),
      reason: 'dead',
    });
    expect(await observer.tagged()).toEqual([]);
    expect(answer.response).toMatchObject([{ outcome: 'stopped' }]);
    const { stop_receipt } = (await owner.get(run)).response;
    expect(stop_receipt).toMatchObject({
      outcome: 'stopped',
      operators: { rolled_back: [expect.stringMatching(/^second/)] },
    });
    expect(stop_receipt.sessions_ended.map((one: any) => one.backend_pid)).toContain(pid);
  });

  it('is not called stopped while a session of the first one does not end', async () => {
    const first = await startWorker({ SHUTDOWN_GRACE_MS: '100' });
    const run = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, run, AT_WORK);
    const idle = await until('a session is at rest', async () =>
      (await observer.tagged()).find(({ state }) => state === 'idle'),
    );
    // The server's process of that session: it cannot end, whatever it is sent.
    process.kill(idle.pid, 'SIGSTOP');
    try {
      expect(await first.kill('SIGTERM')).toBe(0);
      await startWorker();
      await taken(run, 2);
      const answer = await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
      expect(answer.response.status).toBe('stopping');
      expect(await observer.tagged()).toMatchObject([{ pid: idle.pid }]);
    } finally {
      process.kill(idle.pid, 'SIGCONT');
    }
    expect((await runEnded(owner, run)).status).toBe('stopped');
    expect(await observer.tagged()).toEqual([]);
  });

  it('fails when it loses one too often', async () => {
    const limit = { RUN_RESUME_LIMIT: '1' };
    const run = await begin();
    for (let epoch = 1; epoch <= 2; epoch += 1) {
      const worker = await startWorker(limit);
      await taken(run, epoch);
      await seenWorking(observer, run, AT_GATE);
      await worker.kill('SIGKILL');
    }
    await startWorker(limit);
    expect(await runEnded(owner, run)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('lost 2 times') },
    });
    expect(await observer.tagged()).toEqual([]);
  });

  describe('while free SQL is committed', () => {
    const NOTES = flowXml({
      operators: [
        operator('note', 'SqlExecute', { sql: 'INSERT INTO public.notes VALUES (@flow_id)' }),
        operator('after_@flow_id', 'SqlExecute', {
          sql: 'CREATE TABLE alpine_sql_output AS SELECT count(*)::int AS n FROM public.notes WHERE flow = @flow_id',
          passOutput: 'Yes',
        }),
      ],
      links: [['note', 'after_@flow_id']],
      variables: { '@flow_id': '@flow_id' },
    });
    const DONE = {
      delivery: { kind: 'nothing' },
      report: { kind: 'table', columns: [], types: [], rows: [], table: null, rowCount: null },
    };

    beforeAll(async () => {
      await query(
        server.dataUrl,
        'CREATE TABLE public.notes (flow integer); GRANT SELECT, INSERT ON public.notes TO PUBLIC',
      );
    });

    /** A run as its worker leaves it when it dies between the data source's answer and its own record of it. */
    const leftBehind = async (
      outcome: 'committed' | 'rolled back' | 'forgotten',
      prepared: typeof DONE | { delivery: null; report: null },
    ): Promise<{ run: string; flow: number }> => {
      const [flow = 0] = await storeFlows(server, 1, NOTES);
      const run = await startRun(owner, flow);
      const client = new pg.Client({ connectionString: server.dataUrl });
      await client.connect();
      await client.query('BEGIN');
      const { rows } = await client.query<{ xid: string }>('SELECT txid_current()::text AS xid');
      await client.query('INSERT INTO public.notes VALUES ($1)', [flow]);
      const [own] = (await client.query<{ life: string }>(OWN_HANDLE)).rows;
      await client.query(outcome === 'rolled back' ? 'ROLLBACK' : 'COMMIT');
      await client.end();
      // Of a transaction older than all its books the data source knows nothing.
      const xid = outcome === 'forgotten' ? '3' : rows[0]!.xid;
      await query(
        server.url,
        `WITH r AS (
           UPDATE runs SET status = 'running', epoch = 1, worker_id = 'dead', started_at = now(), lease_until = now(),
             operator_names = ARRAY['note', 'after_@flow_id'] WHERE id = $1 RETURNING id
         ), s AS (
           INSERT INTO run_sessions (run_id, epoch, database_id, account_id, backend_pid, backend_start, data_source_life)
           SELECT r.id, 1, place.database_id, account.id, 1, now(), $6 FROM r, data_source_accounts account,
             workfile_execution_locations place JOIN databases db ON db.id = place.database_id
           WHERE place.workfile_id = $2 AND account.data_source_id = db.data_source_id AND account.owner_id = 1000006
           RETURNING id, run_id
         )
         INSERT INTO run_steps (run_id, session_id, epoch, position, operator_uuid, operator_name, operator_type,
           data_transaction_id, delivery, report)
         SELECT run_id, id, 1, 0, 'u0', 'note', 'SQL Execute', $3, $4, $5 FROM s`,
        [run.split('/').at(-1), flow, xid, prepared.delivery, prepared.report, own!.life],
      );
      return { run, flow };
    };
    const notes = async (flow: number): Promise<number> => {
      const rows = await query(server.dataUrl, 'SELECT FROM public.notes WHERE flow = $1', [flow]);
      return rows.length;
    };

    it('goes on behind it when it took effect', async () => {
      const { run, flow } = await leftBehind('committed', DONE);
      await startWorker();
      expect((await runEnded(owner, run)).error).toBeNull();
      expect(await notes(flow)).toBe(1);
      expect(await attempts(run)).toEqual(['0 1 finished', '1 2 finished']);
    });

    it('waits for a data source that is away, and keeps no other run from the worker', async () => {
      const { run } = await leftBehind('committed', DONE);
      await query(
        server.url,
        `WITH source AS (
           INSERT INTO data_sources (kind, name, host, port, owner_id, state)
           SELECT kind, 'Away', host, 1, owner_id, state FROM data_sources WHERE id = ${DEMO_SOURCE} RETURNING id
         ), place AS (
           INSERT INTO databases (data_source_id, name) SELECT id, 'default' FROM source RETURNING id
         ), account AS (
           INSERT INTO data_source_accounts (data_source_id, owner_id, db_username, db_password_encrypted)
           SELECT source.id, owner_id, db_username, db_password_encrypted FROM source, data_source_accounts
           WHERE data_source_id = ${DEMO_SOURCE} AND owner_id = ${OWNER} RETURNING id
         )
         UPDATE run_sessions SET database_id = place.id, account_id = account.id FROM place, account WHERE run_id = $1`,
        [run.split('/').at(-1)],
      );
      await startWorker({ WORKER_CONCURRENCY: '1' });
      await taken(run, 2);
      const other = await startRun(owner, GOLF_FLOW);
      expect((await runEnded(owner, other)).status).toBe('succeeded');
      expect((await owner.get(run)).response.status).toBe('running');

      const { port } = new URL(server.dataUrl);
      await query(server.url, `UPDATE data_sources SET port = $1 WHERE name = 'Away'`, [port]);
      expect((await runEnded(owner, run)).error).toBeNull();
      expect((await attempts(run)).at(0)).toBe('0 1 finished');
      const [row] = await query(server.url, 'SELECT workers_lost FROM runs WHERE id = $1', [
        run.split('/').at(-1),
      ]);
      expect(row).toEqual({ workers_lost: 1 });
    });

    it('does it again when it did not', async () => {
      const { run, flow } = await leftBehind('rolled back', DONE);
      await startWorker();
      expect((await runEnded(owner, run)).error).toBeNull();
      expect(await notes(flow)).toBe(1);
      expect(await attempts(run)).toEqual(['0 1 rolled_back', '0 2 finished', '1 2 finished']);
    });

    it('fails, and says so, when nobody can tell', async () => {
      const { run, flow } = await leftBehind('forgotten', DONE);
      await startWorker();
      expect(await runEnded(owner, run)).toMatchObject({
        status: 'failed',
        error: { operator: 'note', message: expect.stringContaining('cannot tell whether') },
      });
      expect(await notes(flow)).toBe(1);
    });

    it('says in the receipt of a stop what really happened', async () => {
      for (const [outcome, finished] of [
        ['committed', ['note']],
        ['rolled back', []],
      ] as const) {
        const { run } = await leftBehind(outcome, DONE);
        const id = run.split('/').at(-1);
        await owner.post('/api/runs/stop', { ids: id });
        const ended = await runEnded(owner, run);
        expect(ended.stop_receipt).toMatchObject({ outcome: 'stopped', operators: { finished } });
      }
    });
  });
});
