import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { RunSignals } from '../../src/runs/run-signals.js';
import { metadataBehind, proxyOf } from '../support/behind-proxy.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, GOLF_FLOW, runEnded, seenWorking, startRun } from '../support/runs.js';
import { insideTrap, storeStubbornFlow, STUBBORN } from '../support/stubborn.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import '../support/quiet.js';

const SHOW = `/api/workfiles/${ALPINE_FLOW}`;
const UNREACHABLE = {
  errors: {
    message: 'The metadata database cannot be reached at the moment. Please try again.',
  },
};
// Enough to start in on a busy machine.
const TIMEOUT_MS = 1500;

describe('an outage of the metadata database', () => {
  let server: TestServer;
  let proxy: TcpProxy;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    proxy = await proxyOf(server.url);
    app = await startTestApp(
      server.config({
        ...metadataBehind(server, proxy),
        DATABASE_TIMEOUT_MS: String(TIMEOUT_MS),
        STOP_TERMINATE_AFTER_MS: '3000',
      }),
    );
    owner = await app.as('owner');
  });
  afterEach(async () => {
    await proxy.set('pass');
    await app.close();
    await proxy.close();
  });
  afterAll(async () => {
    await server.stop();
  });

  const down = async () => {
    await proxy.set('refuse');
    proxy.cut();
  };
  const requests = (): Promise<Answer>[] => [
    owner.get(SHOW),
    owner.get('/api/workspaces/1000008/workfiles'),
    owner.post(`${SHOW}/stop`),
    owner.post(`/api/workfiles/${GOLF_FLOW}/run`),
    owner.get(`/alpinedatalabs/api/v1/json/processes/${crypto.randomUUID()}/query`),
    app.anonymous.post('/api/sessions', { username: 'owner', password: 'secret' }),
  ];
  const stopAll = async () => {
    for (const id of [ALPINE_FLOW, GOLF_FLOW])
      await until('idle', async () => {
        const { response } = await owner.post(`/api/workfiles/${id}/stop`);
        return response?.status === 'idle';
      });
  };

  it('is 503 in the documented envelope, and over as soon as it is over', async () => {
    await down();
    for (const answer of await Promise.all(requests())) {
      expect(answer.status).toBe(503);
      expect(answer.json).toEqual(UNREACHABLE);
      expect(answer.headers.get('retry-after')).toBe('2');
    }
    expect((await app.anonymous.get('/health/live')).status).toBe(200);
    const ready = await app.anonymous.get('/health/ready');
    expect([ready.status, ready.json]).toEqual([
      503,
      { errors: { service: 'DATABASE_UNREACHABLE' } },
    ]);

    await proxy.set('pass');
    expect((await owner.get(SHOW)).status).toBe(200);
    expect((await app.anonymous.get('/health/ready')).status).toBe(200);
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
  });

  it('in the middle of requests is never a 500, and leaves none hanging', async () => {
    const statuses = new Set<number>();
    for (let round = 0; round < 15; round += 1) {
      const pending = requests();
      await new Promise((resolve) => setTimeout(resolve, round));
      proxy.cut();
      for (const { status, text } of await Promise.all(pending)) {
        statuses.add(status);
        if (status === 500) throw new Error(text);
      }
    }
    expect([...statuses]).toContain(503);
    await stopAll();
    expect((await owner.get(SHOW)).status).toBe(200);
  });

  it.each(['freeze', 'blackhole'] as const)(
    'that says nothing (%s) is 503 after DATABASE_TIMEOUT_MS, and leaves no transaction open',
    async (mode) => {
      // More than the pool has connections.
      await Promise.all([...requests(), ...requests(), ...requests()]);
      await stopAll();
      await proxy.set(mode);
      const began = performance.now();
      const answers = await Promise.all([...requests(), ...requests(), ...requests()]);
      // Waiting for a connection, then for an answer on it.
      expect(performance.now() - began).toBeLessThan(3 * (TIMEOUT_MS + 1000) + 2000);
      for (const answer of answers)
        expect([answer.status, answer.json]).toEqual([503, UNREACHABLE]);

      await proxy.set('pass');
      await until('it is as before', async () => (await owner.get(SHOW)).status === 200);
      const after = await Promise.all(Array.from({ length: 20 }, () => owner.get(SHOW)));
      expect(new Set(after.map(({ status }) => status))).toEqual(new Set([200]));
      await stopAll();
      await until('no transaction is left open', async () => {
        const open = await query(
          server.url,
          `SELECT FROM pg_stat_activity WHERE application_name = 'fermata' AND state LIKE 'idle in%'
             AND state_change < clock_timestamp() - interval '1 second'`,
        );
        return open.length === 0;
      });
    },
  );

  it('does not take a stop away: what was accepted before is confirmed after', async () => {
    const observer = await Observer.on(server.dataUrl);
    await storeStubbornFlow(server);
    const run = await startRun(owner, GOLF_FLOW);
    await seenWorking(observer, run, STUBBORN);
    await insideTrap(observer);
    const status = async () => {
      const sql = 'SELECT status FROM runs WHERE id = $1';
      return (await query(server.url, sql, [run.split('/').at(-1)]))[0]?.['status'];
    };
    const stopping = owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
    await until('the stop is accepted', async () => (await status()) !== 'running');
    await down();
    expect(await status()).toBe('stopping');
    expect(await observer.tagged()).toHaveLength(1);
    await stopping;
    await proxy.set('pass');
    expect((await runEnded(owner, run)).status).toBe('stopped');
    expect(await observer.tagged()).toEqual([]);
    await observer.close();
  });
});

describe('a transaction whose answer does not come', () => {
  it.each(['freeze', 'blackhole'] as const)(
    'is not finished by the next one on its connection (%s)',
    async (mode) => {
      const server = await startTestServer();
      const proxy = await proxyOf(server.url);
      const { databaseUrl } = server.config(metadataBehind(server, proxy));
      const orm = await openOrm(ormOptions({ databaseUrl, databasePoolSize: 1 }, 400));
      const interrupted = orm.transaction(async (tx) => {
        await tx.query(`UPDATE users SET title = 'Lost' WHERE id = 1000006`);
        await proxy.set(mode);
        await tx.query(`UPDATE users SET title = 'Lost too' WHERE id = 1000007`);
      });
      await expect(interrupted).rejects.toThrow('Query read timeout');
      await proxy.set('pass');
      await until('the pool works', () =>
        orm
          .transaction((tx) => tx.query('SELECT 1'))
          .then(
            () => true,
            () => false,
          ),
      );
      const titles = await query(server.url, `SELECT title FROM users WHERE title LIKE 'Lost%'`);
      expect(titles).toEqual([]);
      await orm.destroy();
      await proxy.close();
      await server.stop();
    },
  );
});

describe('the connection for run signals', () => {
  let server: TestServer;
  let proxy: TcpProxy;
  let signals: RunSignals;
  const runId = '00000000-0000-4000-8000-000000000001';

  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    proxy = await proxyOf(server.url);
    signals = new RunSignals(
      server.config({ ...metadataBehind(server, proxy), DATABASE_TIMEOUT_MS: '500' }),
    );
  });
  afterEach(async () => {
    await proxy.set('pass');
    await signals.onApplicationShutdown();
    await proxy.close();
  });
  afterAll(async () => {
    await server.stop();
  });

  /** Until a notification arrives: those sent while nobody listens are lost. */
  const hears = () => {
    const heard: string[] = [];
    signals.watch(runId, (status) => heard.push(status));
    return until('a signal arrives', async () => {
      await query(server.url, `SELECT pg_notify('fermata_runs', $1)`, [`${runId} running`]);
      return heard.length > 0;
    });
  };

  it.each(['refuse', 'reset', 'freeze', 'blackhole'] as const)(
    'is tried again when the first attempt fails (%s)',
    async (mode) => {
      await proxy.set(mode);
      await signals.onApplicationBootstrap();
      await proxy.set('pass');
      await hears();
    },
  );

  it('is made anew when the server ends it', async () => {
    await signals.onApplicationBootstrap();
    await hears();
    for (let time = 0; time < 3; time += 1) {
      const { pid } = await until('the connection', async () => {
        const [ended] = await query<{ pid: number }>(
          server.url,
          `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fermata-signals'`,
        );
        return ended ?? null;
      });
      // While it is ending it may still hear.
      await until('its end', async () => {
        const left = await query(server.url, 'SELECT FROM pg_stat_activity WHERE pid = $1', [pid]);
        return left.length === 0;
      });
      await hears();
    }
  });

  it('is made anew when it is silent', async () => {
    await signals.onApplicationBootstrap();
    await hears();
    await proxy.set('blackhole');
    await until('it was tried again', () => Promise.resolve(proxy.counters.accepted > 1));
    await proxy.set('pass');
    await hears();
  });
});
