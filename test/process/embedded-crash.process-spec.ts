import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { Observer } from '../support/observer.js';
import { type ProductProcess, SERVING, startProduct } from '../support/product-process.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { copyCluster, testFolder } from '../support/test-server.js';
import { until } from '../support/wait.js';

jest.setTimeout(180_000);

const RECOVERY_MS = 30_000;
const SHOW = `/api/workfiles/${ALPINE_FLOW}`;

describe('the embedded server is killed', () => {
  const products: ProductProcess[] = [];

  afterEach(async () => {
    // The last one stops the server.
    for (const product of products.splice(0)) expect(await product.kill('SIGTERM')).toBe(0);
  });

  const start = async (dataDir: string, environment: Record<string, string> = {}) => {
    // At any port but the usual one: while the server is dead, that of another test could take it.
    const cluster = join(dataDir, 'postgres');
    if (!existsSync(cluster)) {
      copyCluster(cluster);
      await startEmbeddedPostgres({ cluster, database: 'fermata', preferredPort: 0 });
    }
    const product = await startProduct({
      ...SERVING,
      environment: {
        ...{ DATA_DIR: dataDir, SECRET_KEY: TEST_KEY, PORT: '0', LEASE_SECONDS: '2' },
        ...environment,
      },
    });
    products.push(product);
    return product;
  };
  const ownerOf = (product: ProductProcess) => new TestClient(product.ready).login('owner');
  const recovered = (client: TestClient) =>
    until(
      'the API answers',
      async () => {
        const { status } = await client.get(SHOW);
        // What the log says of it is all there is to go by.
        const unexpected = [200, 503].includes(status) ? [] : products.map((one) => one.output());
        expect(unexpected).toEqual([]);
        return status === 200;
      },
      RECOVERY_MS,
    );
  const observe = (dataDir: string) =>
    Observer.on(databaseUrl(dataDir).replace(/fermata$/, 'default'));
  const said = (what: string) => products.map((product) => product.output().split(what).length - 1);

  it('and started again by a process that comes later: those who were there find it at its old port', async () => {
    const dataDir = testFolder('late-comer');
    const first = await start(dataDir);
    const url = databaseUrl(dataDir);
    const owner = await ownerOf(first);

    process.kill(first.pid, 'SIGSTOP');
    kill(serverPid(dataDir));
    await start(dataDir, { WORKER_CONCURRENCY: '0' });
    expect(databaseUrl(dataDir)).toBe(url);
    process.kill(first.pid, 'SIGCONT');
    await recovered(owner);
  });

  it('with all its sessions: it comes back at its place, and a stop asked for right after is confirmed', async () => {
    const dataDir = testFolder('killed-server');
    const product = await start(dataDir);
    const owner = await ownerOf(product);
    const url = databaseUrl(dataDir);
    const before = await observe(dataDir);
    const run = await startRun(owner, ALPINE_FLOW);
    await seenWorking(before, run, AT_WORK);

    const pid = serverPid(dataDir);
    const children = childrenOf(pid);
    expect(children.length).toBeGreaterThan(5);
    for (const victim of [pid, ...children]) kill(victim);

    await recovered(owner);
    const stop = await owner.post(`${SHOW}/stop`);
    expect(stop.status).toBe(202);
    const ended = await until('the run has ended', () => endOf(owner, run), RECOVERY_MS);
    expect(ended.status).toBe('stopped');
    expect(ended.stop_receipt.outcome).toBe('stopped');
    const after = await observe(dataDir);
    expect(await after.tagged()).toEqual([]);
    expect(await after.tableExists('default', 'alp1000006_1000004_join_0')).toBe(false);
    await after.close();
    expect(serverPid(dataDir)).not.toBe(pid);
    expect(databaseUrl(dataDir)).toBe(url);
    expect((await owner.get(SHOW)).response.status).toBe('idle');
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    expect(said('starting it again')).toEqual([1]);
    expect(said('was started again')).toEqual([1]);
    expect(product.output()).not.toMatch(/unhandled/i);
  });

  it('alone: what it leaves at work is ended, and the run goes on', async () => {
    const dataDir = testFolder('killed-postmaster');
    const owner = await ownerOf(await start(dataDir));
    const before = await observe(dataDir);
    const run = await startRun(owner, ALPINE_FLOW);
    const { pid: orphan } = await seenWorking(before, run, AT_WORK);
    process.kill(serverPid(dataDir), 'SIGKILL');

    // Sessions that have not noticed yet may still answer: first it has to be another server.
    await until(
      'it was started again',
      () => Promise.resolve(said('was started again')[0] === 1),
      RECOVERY_MS,
    );
    expect(isAlive(orphan)).toBe(false);
    await recovered(owner);
    const after = await observe(dataDir);
    await until(
      'the run is at work again',
      async () => (await after.tagged()).some(({ query }) => AT_WORK.test(query)),
      RECOVERY_MS,
    );
    expect((await owner.post(`${SHOW}/stop`)).status).toBe(202);
    expect((await runEnded(owner, run)).status).toBe('stopped');
    expect(await after.tagged()).toEqual([]);
    await after.close();
  });

  it('while two processes share it: one of them starts it, and both go on', async () => {
    const dataDir = testFolder('killed-shared');
    const first = await start(dataDir);
    const second = await start(dataDir, { WORKER_CONCURRENCY: '0' });
    const owners = [await ownerOf(first), await ownerOf(second)];
    for (let death = 1; death <= 3; death += 1) {
      killServer(dataDir);
      for (const owner of owners) await recovered(owner);
      await until('somebody has started it', () => {
        const [one = 0, other = 0] = said('was started again');
        return Promise.resolve(one + other === death);
      });
    }
    const [one, other] = owners;
    const run = await startRun(other!, GOLF_FLOW);
    expect((await runEnded(one!, run)).status).toBe('succeeded');
  });

  it('again and again: it is started again less and less often', async () => {
    const dataDir = testFolder('killed-often');
    const product = await start(dataDir);
    const owner = await ownerOf(product);
    for (let death = 1; death <= 3; death += 1) {
      killServer(dataDir);
      await recovered(owner);
      await until('it was noticed', () => Promise.resolve(said('was started again')[0] === death));
    }
    const pauses = [...product.output().matchAll(/"pauseMs":(\d+)/g)].map(([, ms]) => Number(ms));
    expect(pauses).toHaveLength(3);
    expect(pauses[0]).toBeLessThan(250);
    expect(pauses[1]).toBeGreaterThanOrEqual(500);
    expect(pauses[2]).toBeGreaterThanOrEqual(1000);
  });
});

function killServer(dataDir: string): void {
  const pid = serverPid(dataDir);
  for (const victim of [pid, ...childrenOf(pid)]) kill(victim);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

async function endOf(client: TestClient, path: string): Promise<any> {
  const { response } = await client.get(path);
  return ['stopped', 'succeeded', 'failed'].includes(response?.status) ? response : null;
}

function databaseUrl(dataDir: string): string {
  return readFileSync(join(dataDir, 'database-url'), 'utf8').trim();
}

function serverPid(dataDir: string): number {
  const [pid] = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n', 1);
  return Number(pid);
}

function stateOf(pid: number | string): { state: string; parent: number } | null {
  try {
    const [, state = '', parent] =
      /\) (\w) (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((name) => stateOf(name)?.parent === pid).map(Number);
}

function isAlive(pid: number): boolean {
  const found = stateOf(pid);
  return found !== null && found.state !== 'Z';
}
