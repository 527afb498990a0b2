import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource as OrmDataSource } from 'typeorm';
import { AccountsOfDeletedUsers1795835000000 as AccountsOfDeletedUsers } from '../../src/database/migrations/1795835000000-AccountsOfDeletedUsers.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { dataSourcesBehind, proxyOf } from '../support/behind-proxy.js';
import { DEMO_DATABASE, DEMO_SOURCE, MEMBER, OWNER, post } from '../support/data-sources.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, runEnded, seenWorking, startRun } from '../support/runs.js';
import { anSqlFile, execute } from '../support/sql-files.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const MEMBERS = `/api/data_sources/${DEMO_SOURCE}/members`;
const ENDED_SQL = `INSERT INTO sql_executions (id, check_id, user_id, dataset_id, database_id, account_id, process_id,
    lease_until, ended_at, outcome)
  SELECT gen_random_uuid(), 'old', owner_id, 1000011, ${DEMO_DATABASE}, id, 'old', now(), now(), 'committed'
  FROM data_source_accounts WHERE owner_id = $1`;

describe('accounts of deleted users', () => {
  let server: TestServer;
  let app: TestApp;
  let proxy: TcpProxy;
  let observer: Observer;
  let owner: TestClient;
  let member: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    proxy = await proxyOf(server.dataUrl);
    await dataSourcesBehind(server, proxy);
    app = await startTestApp(server.config({ STOP_REPLY_TIMEOUT_MS: '1000' }));
    observer = await Observer.on(server.dataUrl);
    [owner, member, admin] = await Promise.all([
      app.as('owner'),
      app.as('member'),
      app.as('chorusadmin'),
    ]);
  });
  afterAll(async () => {
    await proxy.set('pass');
    await observer.close();
    await app.close();
    await proxy.close();
    await server.stop();
  });

  let made = 0;
  const aUser = async () => {
    const body = { username: `gone${(made += 1)}`, password: 'demo62', first_name: 'A' };
    const more = { last_name: 'B', email: 'a@example.org' };
    return (await post(admin, '/api/users', { ...body, ...more })).response.id as number;
  };
  /** Nothing is asked of the data source; what is not needed any more is forgotten then. */
  const saveAccount = async (ownerId: number) => {
    const account = { owner_id: ownerId, db_username: 'a', db_password: 'b' };
    expect((await post(owner, MEMBERS, { account, incomplete: true })).status).toBe(201);
  };
  const accountsOf = (userId: number) =>
    query(
      server.url,
      `SELECT deleted_at IS NOT NULL AS retired, db_password_encrypted IS NOT NULL AS "hasPassword"
       FROM data_source_accounts WHERE owner_id = $1`,
      [userId],
    );

  it('open the data source until what they began is proven to be over, then their passwords go', async () => {
    expect((await execute(member, await anSqlFile(server), 'SELECT 1')).status).toBe(200);
    const path = await startRun(member, ALPINE_FLOW);
    await seenWorking(observer, path, AT_WORK);
    await proxy.set('freeze');
    const deleted = await admin.delete(`/api/users/${MEMBER}`);
    expect(deleted.json.stopped).toMatchObject([{ status: 'stopping' }]);
    await saveAccount(await aUser());
    expect(await accountsOf(MEMBER)).toEqual([{ retired: true, hasPassword: true }]);

    await proxy.set('pass');
    expect((await runEnded(admin, path)).status).toBe('stopped');
    expect(await observer.tagged()).toEqual([]);
    await saveAccount(await aUser());
    expect(await accountsOf(MEMBER)).toEqual([{ retired: true, hasPassword: false }]);
  });

  it('are gone from the members, whatever is on record of them or of others', async () => {
    const [first, second] = [await aUser(), await aUser()];
    await saveAccount(first);
    await saveAccount(second);
    await query(server.url, ENDED_SQL, [first]);
    const owners = async () =>
      (await owner.get(MEMBERS)).response.map((one: { owner_id: number }) => one.owner_id);
    expect(await owners()).toEqual(expect.arrayContaining([OWNER, first, second]));
    for (const id of [first, second])
      expect((await admin.delete(`/api/users/${id}`)).json).toEqual({});
    const left = await owners();
    expect(left).toContain(OWNER);
    for (const id of [first, second, MEMBER]) expect(left).not.toContain(id);
  });

  it('are retired by the migration where an earlier version kept them', async () => {
    const [gone, there] = [await aUser(), await aUser()];
    await saveAccount(gone);
    await saveAccount(there);
    await query(server.url, 'UPDATE users SET deleted_at = now() WHERE id = $1', [gone]);
    const orm = new OrmDataSource(ormOptions({ databaseUrl: server.url, databasePoolSize: 2 }));
    await orm.initialize();
    const runner = orm.createQueryRunner();
    await new AccountsOfDeletedUsers().up(runner);
    await runner.release();
    await orm.destroy();
    expect(await accountsOf(gone)).toEqual([{ retired: true, hasPassword: true }]);
    expect(await accountsOf(there)).toEqual([{ retired: false, hasPassword: true }]);
  });
});
