import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ProductProcess, SERVING, startProduct } from '../support/product-process.js';
import { startRedis, type TestRedis } from '../support/redis-server.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { TestClient } from '../support/test-client.js';
import { startTestServer, testFolder, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const PASSWORD = 'marker-4711';

describe('a process whose Redis comes and goes', () => {
  let server: TestServer;
  let redis: TestRedis;
  let product: ProductProcess;

  beforeAll(async () => {
    server = await startTestServer();
    redis = await startRedis(testFolder('own-redis'), { password: PASSWORD });
    await redis.kill();
  });
  afterAll(async () => {
    await redis.kill();
    await product.kill('SIGKILL');
    await server.stop();
  });

  const lines = (pattern: RegExp) => product.output().match(pattern) ?? [];
  const lost = () => lines(/the queue in Redis at [^ ]+ is out of reach/g);
  const back = () => lines(/the queue in Redis at [^ ]+ is back/g);
  const hasSaid = (what: () => string[], times: number) =>
    until(`it was said ${times} times`, () => Promise.resolve(what().length === times));

  it('starts, works, says it once each time, never the password, and ends', async () => {
    product = await startProduct({
      ...SERVING,
      environment: server.environment({ QUEUE_URL: redis.url, PORT: '0' }),
    });
    const owner = await new TestClient(product.ready).login('owner');
    const runs = async () => runEnded(owner, await startRun(owner, GOLF_FLOW));
    expect(await runs()).toMatchObject({ status: 'succeeded' });
    await hasSaid(lost, 1);
    expect(back()).toEqual([]);

    for (let time = 1; time <= 2; time += 1) {
      await redis.start();
      await hasSaid(back, time);
      expect(await runs()).toMatchObject({ status: 'succeeded' });
      await redis.kill();
      await hasSaid(lost, time + 1);
      expect(await runs()).toMatchObject({ status: 'succeeded' });
    }

    expect(lost()).toHaveLength(3);
    expect(product.output().match(/ECONNREFUSED/g) ?? []).toHaveLength(1);
    expect(await product.kill('SIGTERM')).toBe(0);
    expect(product.output()).not.toContain(PASSWORD);
  });

  it('says that the password is wrong, without telling it', async () => {
    await redis.start();
    product = await startProduct({
      ...SERVING,
      environment: server.environment({
        QUEUE_URL: redis.url.replace(PASSWORD, 'marker-1234'),
        PORT: '0',
      }),
    });
    await until('it says so', () => Promise.resolve(product.output().includes('WRONGPASS')));
    expect((await new TestClient(product.ready).get('/health/ready')).json).toEqual({
      status: 'ok',
      queue: { transport: 'redis', status: 'down' },
    });
    expect(await product.kill('SIGTERM')).toBe(0);
    expect(lost()).toHaveLength(1);
    expect(product.output()).not.toMatch(/marker-/);
  });
});
