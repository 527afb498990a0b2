import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataSourcesBehind, metadataBehind, proxyOf } from '../support/behind-proxy.js';
import { Observer } from '../support/observer.js';
import { type ProductProcess, startProduct, WORKING } from '../support/product-process.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('a worker as a process of its own', () => {
  let server: TestServer;
  let api: TestApp;
  let owner: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    api = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await api.as('owner');
    observer = await Observer.on(server.dataUrl);
  });
  afterAll(async () => {
    await observer.close();
    await api.close();
    await server.stop();
  });

  const startWorker = () => startProduct({ ...WORKING, environment: server.environment() });

  it('runs what the API queued, also before it was there', async () => {
    const run = await startRun(owner, GOLF_FLOW);
    const worker = await startWorker();
    expect((await runEnded(owner, run)).status).toBe('succeeded');
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    expect(await worker.kill('SIGTERM')).toBe(0);
  });

  it('ends in order when it is told to while it starts', async () => {
    const starting = { ...WORKING, ready: /"message":"(Starting Nest application[^"]*)"/ };
    const worker = await startProduct({ ...starting, environment: server.environment() });
    expect(await worker.kill('SIGTERM')).toBe(0);
  });

  it('is stopped through the API', async () => {
    const worker = await startWorker();
    const run = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, run, AT_WORK);

    const answer = await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);

    expect(await observer.tagged()).toEqual([]);
    expect(answer.response.status).toBe('idle');
    expect((await owner.get(run)).response.stop_receipt).toMatchObject({
      method: 'cancelled',
      operators: { rolled_back: ['Look-alikes'], never_started: ['Risk band'] },
    });
    expect(worker.output()).toContain(`"requestId"`);
    expect(await worker.kill('SIGTERM')).toBe(0);
  });

  it('may die: the stop is still true', async () => {
    const worker = await startWorker();
    const run = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, run, AT_WORK);
    await worker.kill('SIGKILL');

    const answer = await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);

    // Never idle while the lease of the dead worker runs; and idle once it is over.
    if (answer.response.status === 'idle') expect(await observer.tagged()).toEqual([]);
    else expect(answer.response.status).toBe('stopping');
    const ended = await runEnded(owner, run);
    expect(await observer.tagged()).toEqual([]);
    expect(ended.status).toBe('stopped');
    expect(ended.stop_receipt.operators.finished).not.toContain('Look-alikes');
    expect(await observer.tableExists('default', 'alp1000006_1000004_join_0')).toBe(false);
    expect((await owner.get(`/api/workfiles/${ALPINE_FLOW}`)).response.status).toBe('idle');
  });

  describe('ends when it is told to, although its data source', () => {
    let proxy: TcpProxy;
    let worker: ProductProcess;

    beforeEach(async () => {
      proxy = await proxyOf(server.dataUrl);
      await dataSourcesBehind(server, proxy);
      const variables = { SHUTDOWN_GRACE_MS: '100', CONNECT_TIMEOUT_MS: '3000' };
      worker = await startProduct({ ...WORKING, environment: server.environment(variables) });
    });
    afterEach(async () => {
      await worker.kill('SIGKILL');
      await proxy.close();
      const { hostname: host, port } = new URL(server.dataUrl);
      await dataSourcesBehind(server, { host, port: Number(port) });
      await owner.post('/api/runs/stop', { all: true });
    });
    const ended = async (): Promise<unknown> => {
      const code = worker.kill('SIGTERM');
      return Promise.race([code, sleep(25_000, 'still there', { ref: false })]);
    };

    it('has gone dark while a run is at work there', async () => {
      const run = await startRun(owner, ALPINE_FLOW);
      await seenWorking(observer, run, AT_WORK);
      await proxy.set('blackhole');
      expect(await ended()).toBe(0);
      expect((await owner.get(run)).response.status).toBe('running');
    }, 60_000);

    it('has gone dark since it was last asked something', async () => {
      expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
      await proxy.set('blackhole');
      expect(await ended()).toBe(0);
    }, 60_000);
  });

  it('ends when it is told to, although the metadata has gone dark', async () => {
    const proxy = await proxyOf(server.url);
    const variables = { ...metadataBehind(server, proxy), DATABASE_TIMEOUT_MS: '2000' };
    const worker = await startProduct({ ...WORKING, environment: server.environment(variables) });
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    await proxy.set('blackhole');
    const code = worker.kill('SIGTERM');
    const late = sleep(25_000, 'still there', { ref: false });
    const how = await Promise.race([code, late]);
    await worker.kill('SIGKILL');
    await proxy.close();
    expect(how).toBe(0);
  }, 60_000);
});
