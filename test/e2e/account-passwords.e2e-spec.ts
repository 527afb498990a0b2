import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aDataSource, put } from '../support/data-sources.js';
import { proxyOf } from '../support/behind-proxy.js';
import { Observer } from '../support/observer.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

/** An execution that has begun and opened nothing yet. */
const BEGUN = (account: string) => `INSERT INTO sql_executions
    (id, check_id, user_id, workfile_id, database_id, account_id, process_id, lease_until)
  SELECT gen_random_uuid(), gen_random_uuid(), a.owner_id, 1000004, 1000001, a.id, 'nobody', now() + interval '1 hour'
  FROM data_source_accounts a WHERE a.id = ${account}`;

describe('the password of an account that was retired', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let proxy: TcpProxy;

  beforeAll(async () => {
    server = await startTestServer();
    proxy = await proxyOf(server.dataUrl);
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
  });
  afterAll(async () => {
    await app.close();
    await proxy.close();
    await server.stop();
  });

  const accountsOf = (id: number) =>
    query<{ id: number; live: boolean; sealed: boolean }>(
      server.url,
      `SELECT id, deleted_at IS NULL AS live, db_password_encrypted IS NOT NULL AS sealed
       FROM data_source_accounts WHERE data_source_id = $1 ORDER BY id`,
      [id],
    );

  it('is wiped with a change of address, though something begins with it at that moment', async () => {
    const id = await aDataSource(server, owner);
    await query(
      server.url,
      `CREATE FUNCTION slip_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         ${BEGUN('(SELECT max(id) FROM data_source_accounts WHERE data_source_id = NEW.id AND deleted_at IS NULL)')};
         RETURN NEW;
       END $$;
       CREATE TRIGGER slip_in AFTER UPDATE OF port ON data_sources FOR EACH ROW
         WHEN (OLD.port IS DISTINCT FROM NEW.port) EXECUTE FUNCTION slip_in()`,
    );
    expect((await put(owner, `/api/data_sources/${id}`, { port: proxy.port })).status).toBe(200);
    const begun = await query(
      server.url,
      'SELECT FROM sql_executions x JOIN data_source_accounts a ON a.id = x.account_id WHERE a.data_source_id = $1',
      [id],
    );
    expect(begun).toHaveLength(1);
    // It is over once its process is: nobody can be asked about it, and nothing can have been opened.
    await query(server.url, `UPDATE sql_executions SET lease_until = now()`);
    await until('its end', async () => {
      const rows = await query(server.url, 'SELECT outcome FROM sql_executions');
      return rows.every(({ outcome }) => outcome === 'never_started');
    });
    // It finds no way in, at the new address or the old one.
    expect((await accountsOf(id)).map(({ live, sealed }) => [live, sealed])).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  it('is kept for what began a moment before it was to be wiped', async () => {
    const [id, other] = await Promise.all([aDataSource(server, owner), aDataSource(server, owner)]);
    /** Any change of a data source wipes what is not needed any more. */
    const wiping = () => put(owner, `/api/data_sources/${other}`, { description: 'wiped' });
    const [old] = await accountsOf(id);
    const beginning = await Observer.on(server.url);
    try {
      await beginning.query('BEGIN');
      await beginning.query(`UPDATE data_source_accounts SET deleted_at = now() WHERE id = $1`, [
        old?.id,
      ]);
      await beginning.query('COMMIT; BEGIN');
      await beginning.query('SELECT FROM data_source_accounts WHERE id = $1 FOR SHARE', [old?.id]);
      await beginning.query(BEGUN(String(old?.id)));
      const wiped = wiping();
      await until('it waits to be wiped', async () => {
        const waiting = await query(
          server.url,
          `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%data_source_accounts%'`,
        );
        return waiting.length > 0;
      });
      await beginning.query('COMMIT');
      expect((await wiped).status).toBe(200);
      expect(await accountsOf(id)).toEqual([{ id: old?.id, live: false, sealed: true }]);
      await query(
        server.url,
        `UPDATE sql_executions SET ended_at = now(), outcome = 'never_started' WHERE account_id = $1`,
        [old?.id],
      );
      await wiping();
      expect(await accountsOf(id)).toEqual([{ id: old?.id, live: false, sealed: false }]);
    } finally {
      await beginning.close();
    }
  });
});
