import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type RawQueue, rawQueue } from '../support/raw-queue.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

/** On PostgreSQL, or on Redis with `TEST_QUEUE=redis`. */
describe('the queue', () => {
  let server: TestServer;
  let raw: RawQueue;
  let app: TestApp;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(async () => {
    await raw.close();
    await app.close();
  });
  afterAll(async () => {
    await server.stop();
  });

  const open = async (workerConcurrency: number) => {
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: String(workerConcurrency) }));
    raw = rawQueue(server);
    return app.as('owner');
  };
  const rowsOf = (runId: string) =>
    query(
      server.url,
      `SELECT r.*, (SELECT json_agg(s ORDER BY s.id) FROM run_steps s WHERE s.run_id = r.id) AS steps
       FROM runs r WHERE id = $1`,
      [runId],
    );

  it('brings a run to a worker', async () => {
    const owner = await open(1);
    const { completed: before } = await raw.queue.getJobCounts('completed');
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    await until('its job is done', async () => {
      const { completed, failed } = await raw.queue.getJobCounts('completed', 'failed');
      return failed === 0 && completed === before! + 1;
    });
  });

  it('may deliver twice, late, and what does not exist: nothing is done twice', async () => {
    const owner = await open(3);
    const path = await startRun(owner, GOLF_FLOW);
    const runId = path.split('/').at(-1)!;
    const stray = [runId, runId, runId, randomUUID(), 'no id at all'];
    const deliver = (when: string) =>
      raw.queue.addBulk([
        ...stray.map((id, i) => ({
          name: 'job',
          data: { runId: id },
          opts: { jobId: `${when}-${i}` },
        })),
        ...stray.map((id, i) => ({
          name: 'job',
          data: { runId: id },
          opts: { jobId: `${when}-late-${i}`, delay: 50 * i },
        })),
        { name: 'job', data: null, opts: { jobId: `${when}-empty` } },
      ]);
    const delivered = () =>
      until('all were delivered', async () => {
        const { completed: _completed, failed, ...waiting } = await raw.queue.getJobCounts();
        expect(failed).toBe(0);
        return Object.values(waiting).every((count) => count === 0);
      });

    await deliver('during');
    expect((await runEnded(owner, path)).status).toBe('succeeded');
    await delivered();
    const [run] = await rowsOf(runId);
    expect(run).toMatchObject({ status: 'succeeded', epoch: 1, workers_lost: 0 });
    expect(run!['steps']).toHaveLength(2);

    await deliver('after');
    await delivered();
    expect(await rowsOf(runId)).toEqual([run]);
  });

  it('may lose everything: workers find what waits', async () => {
    const owner = await open(0);
    const path = await startRun(owner, GOLF_FLOW);
    await until('the job is there', async () => (await raw.queue.getJobCounts())['waiting'] === 1);
    await raw.wipe();
    expect(await raw.queue.getJob(`run-${path.split('/').at(-1)}`)).toBeFalsy();

    const worker = await startTestApp(server.config());
    expect((await runEnded(owner, path)).status).toBe('succeeded');
    await worker.close();
  });
});
