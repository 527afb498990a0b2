import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SqlLedger } from '../../src/data-sources/sql-executions/sql-ledger.js';
import { metadataBehind, proxyOf } from '../support/behind-proxy.js';
import { Observer } from '../support/observer.js';
import {
  aCheckId,
  anSqlFile,
  aSlowTable,
  execute,
  executionOf,
  sqlSessions,
} from '../support/sql-files.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startSourceApp } from '../support/source-app.js';
import type { TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

describe('ad-hoc SQL whose metadata is in trouble', () => {
  let server: TestServer;
  let proxy: TcpProxy;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;
  let file: string;

  beforeAll(async () => {
    server = await startTestServer();
    proxy = await proxyOf(server.url);
    app = await startSourceApp(
      server.config({
        ...metadataBehind(server, proxy),
        WORKER_CONCURRENCY: '0',
        // Nothing but the gate keeps it from being committed.
        STOP_TERMINATE_AFTER_MS: '60000',
      }),
    );
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
    file = await anSqlFile(server);
    await aSlowTable(owner, file, observer, 1);
  });
  afterAll(async () => {
    await proxy.set('pass');
    await app.close();
    await proxy.close();
    await observer.close();
    await server.stop();
  });

  /** A row that a process left, as if it had begun and sent nothing. */
  const left = async (columns: { lease: string; cancelled: boolean }) => {
    const id = randomUUID();
    await query(
      server.url,
      `INSERT INTO sql_executions (id, check_id, user_id, workfile_id, database_id, account_id, process_id, lease_until,
         cancel_requested_at, cancel_reason)
       SELECT $1, $2, 1000006, $3, 1000001, a.id, 'nobody', now() + $4::interval, ${columns.cancelled ? `now(), 'asked'` : 'NULL, NULL'}
       FROM data_source_accounts a WHERE a.owner_id = 1000006 AND a.deleted_at IS NULL LIMIT 1`,
      [id, aCheckId(), Number(/\d+/.exec(file)?.[0]), columns.lease],
    );
    return id;
  };
  const ended = async (id: string) => {
    const [row] = await query(server.url, 'SELECT ended_at FROM sql_executions WHERE id = $1', [
      id,
    ]);
    return row?.['ended_at'] !== null;
  };

  it('says that it is committed, though the gate was lost meanwhile', async () => {
    const checkId = aCheckId();
    const answer = execute(owner, file, 'INSERT INTO slow VALUES (1)', { checkId });
    const gate = await until('the gate', async () => {
      const [seen] = await observer.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = 'fermata' AND state = 'idle in transaction'
           AND query LIKE '%sql_executions%FOR NO KEY UPDATE%'`,
      );
      return seen?.['pid'] as number | undefined;
    });
    await observer.query('SELECT pg_terminate_backend($1)', [gate]);
    expect((await answer).status).toBe(200);
    expect(await executionOf(server, checkId)).toMatchObject({ outcome: 'committed' });
    expect(await sqlSessions(observer)).toEqual([]);
  });

  it('of dead processes is ended, though the row of one of them is held', async () => {
    const holder = await Observer.on(server.url);
    try {
      const [held, other] = await Promise.all([
        left({ lease: '1 hour', cancelled: false }),
        left({ lease: '1 hour', cancelled: false }),
      ]);
      await holder.query('BEGIN');
      await holder.query('SELECT FROM sql_executions WHERE id = $1 FOR NO KEY UPDATE', [held]);
      await holder.query(
        `UPDATE sql_executions SET lease_until = now() - interval '1 hour' WHERE id = $1`,
        [held],
      );
      await holder.query('COMMIT; BEGIN');
      await holder.query('SELECT FROM sql_executions WHERE id = $1 FOR NO KEY UPDATE', [held]);
      await query(
        server.url,
        `UPDATE sql_executions SET lease_until = now() - interval '1 hour' WHERE id = $1`,
        [other],
      );
      await until('the other one is ended', () => ended(other));
      expect(await ended(held)).toBe(false);
      await holder.query('ROLLBACK');
      await until('and then the one that was held', () => ended(held));
    } finally {
      await holder.close();
    }
  });

  it('is not asked about without a pause while nobody answers', async () => {
    const id = await left({ lease: '1 hour', cancelled: true });
    await sleep(1500);
    await proxy.set('reset');
    await sleep(500);
    const before = proxy.counters.reset;
    await sleep(2000);
    const asked = proxy.counters.reset - before;
    await proxy.set('pass');
    expect(asked).toBeLessThan(100);
    await query(server.url, 'UPDATE sql_executions SET lease_until = now() WHERE id = $1', [id]);
    await until('it is ended', () => ended(id));
  });

  it('is not committed behind its gate by a process that stood still there', async () => {
    await observer.query('CREATE TABLE public.stood (n int); GRANT ALL ON stood TO PUBLIC');
    const ledger = SqlLedger.prototype;
    const original = Object.getOwnPropertyDescriptor(ledger, 'commit')!
      .value as SqlLedger['commit'];
    const elsewhere = await startSourceApp(
      server.config({ WORKER_CONCURRENCY: '0', STOP_TERMINATE_AFTER_MS: '60000' }),
    );
    const checkId = aCheckId();
    try {
      const ownerElsewhere = await elsewhere.as('owner');
      // Between the answers to the gate and to the COMMIT, for longer than the gate is open.
      ledger.commit = function (this: SqlLedger, id, { bind, commit }) {
        return original.call(this, id, {
          bind,
          commit: async () => {
            await sleep(4000);
            return commit();
          },
        });
      };
      const executing = execute(owner, file, 'INSERT INTO public.stood VALUES (1)', { checkId });
      await until('the gate', async () => {
        const [seen] = await observer.query(
          `SELECT pid FROM pg_stat_activity WHERE datname = 'fermata' AND state = 'idle in transaction'
             AND query LIKE '%sql_executions%FOR NO KEY UPDATE%'`,
        );
        return seen?.['pid'] as number | undefined;
      });
      const cancelled = await ownerElsewhere.delete(`${file}/${checkId}`);
      expect([200, 202]).toContain(cancelled.status);
      expect((await executing).status).toBe(422);
      expect(await observer.query('SELECT FROM public.stood')).toEqual([]);
    } finally {
      ledger.commit = original;
      await elsewhere.close();
    }
  });
});

describe('ad-hoc SQL whose COMMITs hang', () => {
  let server: TestServer;
  let app: TestApp;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    const few = { DATABASE_POOL_SIZE: '3', STOP_REPLY_TIMEOUT_MS: '1000' };
    app = await startSourceApp(server.config({ ...few, WORKER_CONCURRENCY: '0' }));
    observer = await Observer.on(server.dataUrl);
  });
  afterAll(async () => {
    await app.close();
    await observer.close();
    await server.stop();
  });

  it('is cancelled, though there is more of it than there are connections to the metadata', async () => {
    const owner = await app.as('owner');
    const file = await anSqlFile(server);
    await aSlowTable(owner, file, observer, 300);
    const checkIds = [aCheckId(), aCheckId(), aCheckId()];
    const answers = checkIds.map((checkId) =>
      execute(owner, file, 'INSERT INTO slow VALUES (1)', { checkId }),
    );
    await until('all of them commit', async () => {
      const seen = (await sqlSessions(observer)).filter((one) => one.query === 'COMMIT');
      return seen.length === checkIds.length;
    });
    // Their rows are let go.
    await sleep(2000);

    for (const checkId of checkIds)
      expect([200, 202]).toContain((await owner.call('DELETE', `${file}/${checkId}`)).status);
    for (const answer of answers) expect((await answer).status).toBe(422);
    expect(await observer.query('SELECT FROM "default".slow')).toEqual([]);
  });

  it('is cancelled, though their data source says nothing at the gate', async () => {
    const owner = await app.as('owner');
    const file = await anSqlFile(server);
    const checkIds = [aCheckId(), aCheckId(), aCheckId()];
    const ledger = SqlLedger.prototype;
    const original = Object.getOwnPropertyDescriptor(ledger, 'commit')!
      .value as SqlLedger['commit'];
    let answer: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => (answer = resolve));
    let silent = 0;
    ledger.commit = function (this: SqlLedger, id, { commit }) {
      const bind = () => {
        silent += 1;
        return silence;
      };
      return original.call(this, id, { bind, commit });
    };
    try {
      const answers = checkIds.map((checkId) => execute(owner, file, 'SELECT 1', { checkId }));
      await until('all of them are silent', () => Promise.resolve(silent === checkIds.length));
      for (const checkId of checkIds)
        expect([200, 202]).toContain((await owner.call('DELETE', `${file}/${checkId}`)).status);
      answer();
      for (const one of answers) expect((await one).status).toBe(422);
    } finally {
      answer();
      ledger.commit = original;
    }
  });
});
