import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { ADMIN } from '../support/data-sources.js';
import { flowXml, tableSource, variable } from '../support/flows.js';
import { storeFlows } from '../support/many-flows.js';
import { Observer } from '../support/observer.js';
import { runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import { PRIVATE } from '../support/workfiles.js';

const flow = (expression: string) =>
  flowXml({
    operators: [
      tableSource('golfnew'),
      variable('limited_@flow_id', 'play', { waits: ['TEXT', expression] }),
    ],
    links: [['golfnew', 'limited_@flow_id']],
    variables: { '@flow_id': '@flow_id' },
  });
const SLEEPS = flow('pg_sleep(600)::text');
const QUICK = flow(`'done'::text`);

describe('limits of runs', () => {
  let server: TestServer;
  let observer: Observer;
  const apps: TestApp[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    observer = await Observer.on(server.dataUrl);
  });
  afterEach(async () => {
    const [one] = apps;
    if (one !== undefined)
      await (await one.as('chorusadmin')).post('/api/runs/stop', { all: true });
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });
  afterAll(async () => {
    await observer.close();
    await server.stop();
  });

  const start = async (variables: Record<string, string>): Promise<TestApp> => {
    const app = await startTestApp(server.config(variables));
    apps.push(app);
    return app;
  };
  const states = async (): Promise<Record<string, number>> => {
    const rows = await query<{ status: string; n: number }>(
      server.url,
      `SELECT status, count(*)::int AS n FROM runs WHERE status IN ('queued', 'running') GROUP BY status`,
    );
    return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
  };
  const reach = (wanted: Record<string, number>) =>
    until(JSON.stringify(wanted), async () => {
      return isDeepStrictEqual(await states(), wanted);
    });
  const begin = (client: TestClient, flows: readonly number[]) =>
    Promise.all(flows.map((id) => startRun(client, id)));

  it.each([
    ['worker', { WORKER_CONCURRENCY: '2' }],
    ['workspace', { WORKER_CONCURRENCY: '8', RUNS_PER_WORKSPACE: '2' }],
    ['data source', { WORKER_CONCURRENCY: '8', RUNS_PER_DATA_SOURCE: '2' }],
  ])('hold per %s, and who waits is taken when there is room', async (_what, limits) => {
    const app = await start(limits);
    // Limits are those of all workers together; that of a worker is its own.
    if (_what !== 'worker') await start(limits);
    const owner = await app.as('owner');
    const flows = await storeFlows(server, 5, SLEEPS);
    const runs = await begin(owner, flows);
    await reach({ running: 2, queued: 3 });
    // Nothing moves while nothing ends: as long as it takes the workers to look twice.
    for (let look = 0; look < 25; look += 1) {
      expect(await states()).toEqual({ running: 2, queued: 3 });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { response } = await owner.get('/api/runs');
    expect(response.map((run: any) => run.queue_position).filter(Boolean)).toEqual([1, 2, 3]);
    const waiting = response.find((run: any) => run.queue_position === 3);
    expect((await owner.get(`/api/runs/${waiting.id}`)).response.queue_position).toBe(3);
    const history = await owner.get(`/api/workfiles/${waiting.workfile_id}/runs`);
    expect(history.response.map((run: any) => run.queue_position)).toEqual([3]);

    const busy = response.find((run: any) => run.status === 'running');
    await owner.post(`/api/workfiles/${busy.workfile_id}/stop`);
    await reach({ running: 2, queued: 2 });
    expect(runs).toHaveLength(5);
  });

  it('let people take turns: many runs of one do not delay the first of another', async () => {
    const app = await start({ WORKER_CONCURRENCY: '0' });
    const owner = await app.as('owner');
    const member = await app.as('member');
    const flows = await storeFlows(server, 6, QUICK);
    for (const id of flows.slice(0, 5)) await startRun(owner, id);
    const late = await startRun(member, flows[5]!);
    // At most one run of the other's goes first.
    expect((await member.get(late)).response.queue_position).toBeLessThanOrEqual(2);

    await start({ WORKER_CONCURRENCY: '1' });
    await runEnded(member, late);
    await reach({});
    const begun = await query<{ requested_by: number }>(
      server.url,
      `SELECT requested_by FROM runs WHERE workfile_id = ANY ($1) ORDER BY started_at`,
      [flows],
    );
    expect(begun.map((one) => one.requested_by).indexOf(1_000_007)).toBeLessThanOrEqual(1);
  });

  it('let no stop of many be filled up with what it cannot end, or is being ended already', async () => {
    const app = await start({ WORKER_CONCURRENCY: '0' });
    const outsider = await app.as('outsider');
    const created = await outsider.json('POST', '/api/workspaces', { name: 'Far behind' });
    const others = await storeFlows(server, 1000, QUICK);
    const own = await storeFlows(server, 1, QUICK, created.response.id);
    const queue = (flows: readonly number[], queuedBefore: string) =>
      query(
        server.url,
        `INSERT INTO runs (id, workfile_id, requested_by, snapshot, queued_at)
         SELECT gen_random_uuid(), id, 1000006, '{}', now() - $2::interval FROM unnest($1::int[]) id`,
        [flows, queuedBefore],
      );
    const stopped = async (client: TestClient) => {
      const { response } = await client.post('/api/runs/stop', { all: true });
      expect(response).toHaveLength(1000);
      return response
        .filter((one: any) => one.outcome === 'stopped')
        .map((one: any) => one.workfile_id);
    };
    await queue(others, '1 hour');
    await queue(own, '0');
    expect(await stopped(outsider)).toEqual(own);

    await query(
      server.url,
      `UPDATE runs SET status = 'running', lease_until = now() + interval '1 hour' WHERE workfile_id = ANY ($1)`,
      [others],
    );
    await query(
      server.url,
      `UPDATE runs SET status = 'stopping', stop_requested_at = now(), stop_driven_until = lease_until
       WHERE workfile_id = ANY ($1)`,
      [others],
    );
    await queue(own, '0');
    expect(await stopped(await app.as('chorusadmin'))).toEqual(expect.arrayContaining(own));
    await query(server.url, 'DELETE FROM runs WHERE workfile_id = ANY ($1)', [others]);
  });

  it('stop what takes too long, with the reason timeout, in nobody’s name', async () => {
    const app = await start({ RUN_TIMEOUT: '1', STOP_REPEAT_MS: '50' });
    const owner = await app.as('owner');
    const [id = 0] = await storeFlows(server, 1, SLEEPS);
    const ended = await runEnded(owner, await startRun(owner, id));
    expect(ended).toMatchObject({
      status: 'stopped',
      stop_receipt: { reason: 'timeout', requested_by: null, method: 'cancelled' },
      stop_requests: [{ reason: 'timeout', requested_by: null }],
    });
    expect(await observer.tagged()).toEqual([]);
    expect((await owner.get(`/api/workfiles/${id}`)).response.status).toBe('idle');
  });

  it('find runs whose job was lost', async () => {
    const app = await start({ WORKER_CONCURRENCY: '0' });
    const owner = await app.as('owner');
    const flows = await storeFlows(server, 3, QUICK);
    const runs = await begin(owner, flows);
    if (process.env['TEST_QUEUE'] === undefined)
      await query(server.url, 'TRUNCATE bullmq.job CASCADE');
    await start({ WORKER_CONCURRENCY: '2' });
    for (const run of runs) expect((await runEnded(owner, run)).status).toBe('succeeded');
  });

  it('start nothing in an archived workspace, nor of a deleted workfile', async () => {
    const app = await start({ WORKER_CONCURRENCY: '0' });
    const admin = await app.as('chorusadmin');
    const [id = 0] = await storeFlows(server, 1, QUICK, 1_000_010);
    await query(
      server.url,
      'UPDATE workspaces SET archived_at = now(), archiver_id = 1000001 WHERE id = 1000010 AND archived_at IS NULL',
    );
    const answer = await admin.post(`/api/workfiles/${id}/run`);
    expect([answer.status, answer.json]).toEqual([
      422,
      { errors: { fields: { workspace: { ARCHIVED: null } } } },
    ]);
    const [deleted = 0] = await storeFlows(server, 1, QUICK);
    await query(server.url, 'UPDATE workfiles SET deleted_at = now() WHERE id = $1', [deleted]);
    expect((await admin.post(`/api/workfiles/${deleted}/run`)).status).toBe(404);
  });

  it('start nothing that waited when its place went, and stop it though nobody is left to', async () => {
    const app = await start({ WORKER_CONCURRENCY: '0' });
    const [admin, owner] = [await app.as('chorusadmin'), await app.as('owner')];
    const [inArchived = 0] = await storeFlows(server, 1, QUICK, PRIVATE);
    const [deleted = 0, moved = 0, ofNobody = 0, other = 0] = await storeFlows(server, 4, QUICK);
    const gone = [
      ...(await begin(owner, [inArchived, deleted, moved])),
      ...(await begin(admin, [ofNobody])),
    ].map((path) => path.split('/').at(-1));
    const late = await startRun(owner, other);
    const lake = { name: 'Gone', host: 'h', port: 1, hdfs_version: 'x' };
    const { response } = await owner.json('POST', '/api/hdfs_data_sources', lake);
    await query(server.url, 'UPDATE runs SET data_source_ids = $1 WHERE workfile_id = $2', [
      [response.id],
      moved,
    ]);
    // The process that did it died before it could stop them; when, is said below.
    const goes = async (when: string) => {
      for (const sql of [
        `workfiles SET deleted_at = ${when} WHERE id = ${deleted}`,
        `workspaces SET archiver_id = ${ADMIN}, archived_at = ${when} WHERE id = ${PRIVATE}`,
        `data_sources SET deleted_at = ${when} WHERE name = 'Gone'`,
        `users SET deleted_at = ${when} WHERE id = ${ADMIN}`,
      ])
        await query(server.url, `UPDATE ${sql}`);
    };
    const left = () =>
      query(
        server.url,
        'SELECT status, started_at, stop_requested_by, stop_reason FROM runs WHERE id = ANY ($1)',
        [gone],
      );
    try {
      // However slow this is, nobody takes him for dead.
      await goes(`now() + interval '1 hour'`);
      await start({ WORKER_CONCURRENCY: '1' });
      expect((await runEnded(owner, late)).status).toBe('succeeded');
      const untouched = { started_at: null, stop_requested_by: null };
      const waiting = { ...untouched, status: 'queued', stop_reason: null };
      expect(await left()).toEqual(gone.map(() => waiting));

      await goes(`now() - interval '1 minute'`);
      await reach({});
      const stopped = { ...untouched, status: 'stopped', stop_reason: 'its place is gone' };
      expect(await left()).toEqual(gone.map(() => stopped));
    } finally {
      await goes('NULL');
    }
  });
});
