import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Observer } from '../support/observer.js';
import { type ProductProcess, SERVING, startProduct, WORKING } from '../support/product-process.js';
import { ALPINE_FLOW, GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { type Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const ROUNDS = 25;
// Everybody's but the observer's and the test's own.
const END_ALL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND application_name NOT IN ('observer', 'test-query')`;

describe('two processes whose every session is ended again and again', () => {
  let server: TestServer;
  let api: ProductProcess;
  let worker: ProductProcess;

  beforeAll(async () => {
    server = await startTestServer();
    const environment = server.environment({ LEASE_SECONDS: '2', RUN_RESUME_LIMIT: '100' });
    api = await startProduct({
      ...SERVING,
      environment: { ...environment, WORKER_CONCURRENCY: '0', PORT: '0' },
    });
    worker = await startProduct({ ...WORKING, environment });
  });
  afterAll(async () => {
    for (const process of [api, worker]) await process.kill('SIGKILL');
    await server.stop();
  });

  it('live on, tell the truth, and are as before when it is over', async () => {
    const owner = await new TestClient(api.ready).login('owner');
    const observer = await Observer.on(server.dataUrl);
    const statuses = new Set<number>();
    const ask = async (request: Promise<Answer>) => {
      const answer = await request;
      statuses.add(answer.status);
      if (answer.status === 500) throw new Error(answer.text);
      return answer;
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const asked = [
        ask(owner.post(`/api/workfiles/${round % 2 ? GOLF_FLOW : ALPINE_FLOW}/run`)),
        ask(owner.get(`/api/workfiles/${ALPINE_FLOW}`)),
        ask(owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`)),
      ];
      await sleep(Math.random() * 150);
      await query(server.url, END_ALL);
      await Promise.all(asked);
    }
    for (const id of [ALPINE_FLOW, GOLF_FLOW])
      await until(`${id} is idle`, async () => {
        const { response } = await ask(owner.post(`/api/workfiles/${id}/stop`));
        return response?.status === 'idle';
      });
    expect(await observer.tagged()).toEqual([]);
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    expect([...statuses].every((status) => [200, 202, 422, 503].includes(status))).toBe(true);
    for (const process of [api, worker]) {
      expect(process.output()).not.toMatch(/unhandled/i);
      expect(await process.kill('SIGTERM')).toBe(0);
    }
    await observer.close();
  }, 120_000);
});
