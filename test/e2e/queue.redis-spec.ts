import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Observer } from '../support/observer.js';
import { proxyOf, throughProxy } from '../support/behind-proxy.js';
import { rawQueue } from '../support/raw-queue.js';
import type { TestRedis } from '../support/redis-server.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

/** Redis dies, forgets, is late. */
describe('the queue in Redis', () => {
  let server: TestServer;
  let redis: TestRedis;
  const apps: TestApp[] = [];

  beforeAll(async () => {
    server = await startTestServer('redis');
    redis = server.redis!;
  });
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    await redis.kill();
    await redis.start();
  });
  afterAll(async () => {
    await server.stop();
  });

  const open = async (variables: Record<string, string> = {}) => {
    const app = await startTestApp(server.config(variables));
    apps.push(app);
    return app.as('owner');
  };
  const queueIs = (client: TestClient, status: 'up' | 'down') =>
    until(
      `the queue is ${status}`,
      async () => {
        const answer = await client.get('/health/ready');
        expect(answer.status).toBe(200);
        return answer.json.queue.status === status;
      },
      10_000,
    );
  const completed = async () => {
    const raw = rawQueue(server);
    const { completed: count } = await raw.queue.getJobCounts('completed');
    await raw.close();
    return count;
  };

  it('is killed and forgets what was queued: workers find it', async () => {
    const owner = await open({ WORKER_CONCURRENCY: '0' });
    const runs = [await startRun(owner, GOLF_FLOW), await startRun(owner, ALPINE_FLOW)];
    await redis.kill();
    await redis.start();
    await open();
    const [golf = '', alpine = ''] = runs;
    expect((await runEnded(owner, golf)).status).toBe('succeeded');
    await until('the other is taken', async () =>
      ['running', 'succeeded'].includes((await owner.get(alpine)).response.status as string),
    );
    expect((await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`)).response.status).toBe('idle');
  });

  it('is away: runs are taken, executed and stopped all the same; then it is used again', async () => {
    const owner = await open();
    await queueIs(owner, 'up');
    const observer = await Observer.on(server.dataUrl);
    const atWork = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, atWork, AT_WORK);
    await redis.kill();
    await queueIs(owner, 'down');

    expect((await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`)).response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    await observer.close();
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');

    await redis.start();
    await queueIs(owner, 'up');
    expect(await completed()).toBe(0);
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    await until('its job was done', async () => (await completed()) === 1);
  });

  it('is not there at the start: the product is, and uses it when it comes', async () => {
    await redis.kill();
    const owner = await open();
    expect((await owner.get('/health/ready')).json).toEqual({
      status: 'ok',
      queue: { transport: 'redis', status: 'down' },
    });
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    await redis.start();
    await queueIs(owner, 'up');
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    await until('the job was done', async () => (await completed()) === 1);
  });

  it('goes away for good: the product still ends in order', async () => {
    const owner = await open();
    await queueIs(owner, 'up');
    await redis.kill();
    await queueIs(owner, 'down');
    const began = performance.now();
    await apps.pop()!.close();
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it.each(['freeze', 'blackhole'] as const)(
    'is silent (%s): no request waits for it, and it is used again',
    async (mode) => {
      const proxy = await proxyOf(redis.url);
      const owner = await open({ QUEUE_URL: throughProxy(redis.url, proxy) });
      await queueIs(owner, 'up');
      await proxy.set(mode);
      const began = performance.now();
      const run = await startRun(owner, GOLF_FLOW);
      expect(performance.now() - began).toBeLessThan(1500);
      expect((await runEnded(owner, run)).status).toBe('succeeded');
      await queueIs(owner, 'down');

      await proxy.set('pass');
      await queueIs(owner, 'up');
      const before = await completed();
      expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
      await until('the job was done', async () => (await completed())! > before!, 25_000);
      await apps.pop()!.close();
      await proxy.close();
    },
  );
});
