import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource as OrmDataSource } from 'typeorm';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import type { JobQueue } from '../../src/queue/job-queue.js';
import { PostgresJobQueue } from '../../src/queue/postgres-job-queue.js';
import { jobQueueOf } from '../../src/queue/queue.module.js';
import {
  dataSourcesBehind,
  metadataBehind,
  proxyOf,
  throughProxy,
} from '../support/behind-proxy.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, runEnded, seenWorking, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import '../support/quiet.js';

/** @returns how many sessions were ended */
async function endSessions(server: TestServer, ...applicationNames: string[]): Promise<number> {
  const rows = await query(
    server.url,
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ANY ($1)',
    [applicationNames],
  );
  return rows.length;
}

describe('sessions that the server ends', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it('of the metadata pool are replaced', async () => {
    for (let round = 0; round < 5; round += 1) {
      const show = () => owner.get(`/api/workfiles/${ALPINE_FLOW}`);
      await Promise.all(Array.from({ length: 12 }, show));
      expect(await endSessions(server, 'fermata')).toBeGreaterThan(3);
      const answers = await Promise.all(Array.from({ length: 12 }, show));
      // The end of a session and a statement on it may cross.
      for (const { status } of answers) expect([200, 503]).toContain(status);
      expect((await show()).status).toBe(200);
    }
  });

  it('of control are replaced: the stop comes through', async () => {
    const observer = await Observer.on(server.dataUrl);
    for (let round = 0; round < 3; round += 1) {
      const run = await startRun(owner, ALPINE_FLOW);
      await seenWorking(observer, run, AT_WORK);
      await endSessions(server, 'fermata-control');
      const { response } = await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
      expect(response.status).toBe('idle');
      expect(await observer.tagged()).toEqual([]);
    }
    await observer.close();
  });
});

describe('a control connection', () => {
  it.each(['reset', 'freeze', 'blackhole'] as const)(
    'through a bad network (%s) is tried until the stop is proven',
    async (mode) => {
      const server = await startTestServer();
      const proxy = await proxyOf(server.dataUrl);
      await dataSourcesBehind(server, proxy);
      const app = await startTestApp(
        server.config({ STOP_REPLY_TIMEOUT_MS: '300', CONNECT_TIMEOUT_MS: '500' }),
      );
      const owner = await app.as('owner');
      const observer = await Observer.on(server.dataUrl);
      const run = await startRun(owner, ALPINE_FLOW);
      await seenWorking(observer, run, AT_WORK);

      await proxy.set(mode);
      const { response } = await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
      expect(response.status).toBe('stopping');
      await until('it says why', async () => {
        const { stopping } = (await owner.get(run)).response;
        return stopping?.last_error;
      });
      await proxy.set('pass');
      const { status, stop_receipt: receipt } = await runEnded(owner, run);
      // A reset also ends the run's own session, which may be noticed before the stop is.
      expect(mode === 'reset' ? ['stopped', 'failed'] : ['stopped']).toContain(status);
      expect(receipt.outcome).toBe(status);
      expect(await observer.tagged()).toEqual([]);
      await observer.close();
      await app.close();
      await proxy.close();
      await server.stop();
    },
  );
});

/** The queue alone: without the workers' own looking around. */
describe('the queue', () => {
  let server: TestServer;
  let orm: OrmDataSource;

  beforeAll(async () => {
    server = await startTestServer();
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: 2 }));
  });
  afterAll(async () => {
    await orm.destroy();
    await server.stop();
  });

  const cutQueue = async () => {
    if (server.redis === null) return endSessions(server, 'fermata-queue', 'probe');
    return (await server.redis.call('CLIENT', 'KILL', 'TYPE', 'normal')) as number;
  };

  /** A worker of the queue, and a way to wait until it gets a job. */
  const probe = (queue: JobQueue) => {
    let latest = 0;
    const worker = queue.work('probe', 2, (data) => {
      latest = Math.max(latest, (data as { n: number }).n);
      return Promise.resolve();
    });
    const delivers = (deadlineMs: number) => {
      const before = jobs;
      return until(
        'a job arrives',
        async () => {
          jobs += 1;
          const n = jobs;
          const announce = await orm.transaction((tx) =>
            queue.addInTransaction(tx, 'probe', `probe-${n}`, { n }),
          );
          announce();
          await sleep(100);
          return latest > before;
        },
        deadlineMs,
      );
    };
    return { worker, delivers };
  };
  let jobs = 0;

  it('delivers again after its connections were ended, and at once', async () => {
    const queue = jobQueueOf(server.config());
    if (queue instanceof PostgresJobQueue) await queue.onModuleInit();
    const { worker, delivers } = probe(queue);
    await delivers(15_000);
    for (let round = 0; round < 4; round += 1) {
      expect(await cutQueue()).toBeGreaterThanOrEqual(2);
      await delivers(15_000);
      // Idle, it waits for a notification: without one it would look after five seconds.
      await sleep(300);
      await delivers(1000);
      expect((await queue.state()).status).toBe('up');
    }
    await worker.close();
    await queue.onApplicationShutdown();
  });

  it.each(['refuse', 'reset', 'freeze', 'blackhole'] as const)(
    'delivers after a bad start and another outage (%s)',
    async (mode) => {
      const { redis } = server;
      const proxy = await proxyOf(redis?.url ?? server.url);
      const variables: Record<string, string> =
        redis === null
          ? metadataBehind(server, proxy)
          : { QUEUE_URL: throughProxy(redis.url, proxy) };
      await proxy.set(mode);
      const queue = jobQueueOf(server.config({ ...variables, DATABASE_TIMEOUT_MS: '500' }));
      const { worker, delivers } = probe(queue);
      await sleep(1500);
      expect((await queue.state()).status).toBe('down');
      await proxy.set('pass');
      await delivers(15_000);

      await proxy.set(mode);
      if (mode === 'refuse') proxy.cut();
      await sleep(1500);
      await proxy.set('pass');
      await delivers(25_000);
      await worker.close();
      await queue.onApplicationShutdown();
      await proxy.close();
    },
  );
});
