import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { proxyOf } from '../support/behind-proxy.js';
import {
  aDataSource,
  aRole,
  attributesOf,
  create,
  post,
  put,
  quiet,
} from '../support/data-sources.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };
const WAITING = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'fermata%'`;

/** What is asked for while a data source is slow to answer, by or for somebody who is deleted meanwhile. */
describe('a user who is deleted while credentials are tried', () => {
  let server: TestServer;
  let app: TestApp;
  let proxy: TcpProxy;
  let owner: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    proxy = await proxyOf(server.dataUrl);
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
    admin = await app.as('chorusadmin');
  });
  afterEach(() => proxy.set('pass'));
  afterAll(async () => {
    await app.close();
    await proxy.close();
    await server.stop();
  });

  let made = 0;
  const aUser = async (others: object = {}) => {
    const body = { username: `flight${(made += 1)}`, password: 'demo62', first_name: 'A' };
    const more = { last_name: 'B', email: 'a@example.org' };
    const id = (await post(admin, '/api/users', { ...body, ...more, ...others })).response
      .id as number;
    return { id, client: await app.anonymous.login(body.username, body.password) };
  };
  const behindProxy = () => ({ host: proxy.host, port: proxy.port });
  const aSlowSource = async () => {
    const id = await aDataSource(server, owner, behindProxy());
    await quiet(server);
    return `/api/data_sources/${id}`;
  };
  /** Sends it, and deletes the user while the data source keeps silent. */
  const deletedMeanwhile = async (id: number, send: () => Promise<Answer>) => {
    await proxy.set('freeze');
    const { accepted } = proxy.counters;
    const answer = send();
    await until('the test', () => Promise.resolve(proxy.counters.accepted > accepted));
    expect((await admin.delete(`/api/users/${id}`)).json).toEqual({});
    await proxy.set('pass');
    return answer;
  };
  const liveOf = (id: number) =>
    query(
      server.url,
      `SELECT 'data source' AS what FROM data_sources WHERE owner_id = $1 AND deleted_at IS NULL
       UNION ALL SELECT 'account' FROM data_source_accounts WHERE owner_id = $1 AND deleted_at IS NULL`,
      [id],
    );

  it('owns no data source', async () => {
    const { id, client } = await aUser();
    const attributes = attributesOf(server, await aRole(server), behindProxy());
    const answer = await deletedMeanwhile(id, () => create(client, attributes));
    expect(await liveOf(id)).toEqual([]);
    expect([answer.status, answer.json]).toEqual([401, {}]);
  });

  it('has no account that somebody else saves for him', async () => {
    const { id } = await aUser();
    const role = await aRole(server);
    const account = { owner_id: id, db_username: role.name, db_password: role.password };
    const path = `${await aSlowSource()}/members`;
    const answer = await deletedMeanwhile(id, () => post(owner, path, { account }));
    expect(await liveOf(id)).toEqual([]);
    expect([answer.status, answer.json]).toEqual([404, NOT_FOUND]);
  });

  it('has no account that he saves himself', async () => {
    const { id, client } = await aUser();
    const role = await aRole(server);
    const account = { db_username: role.name, db_password: role.password };
    const path = `${await aSlowSource()}/account`;
    const answer = await deletedMeanwhile(id, () => post(client, path, { account }));
    expect(await liveOf(id)).toEqual([]);
    expect([answer.status, answer.json]).toEqual([401, {}]);
  });

  /** Locks an account's row, so that who changes it waits. @returns what lets go */
  const accountHeld = async (ownerId: number) => {
    const holder = new pg.Client({ connectionString: server.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM data_source_accounts WHERE owner_id = $1 FOR UPDATE', [
      ownerId,
    ]);
    return () => holder.end();
  };
  const waiting = (count: number) =>
    until(`${count} who wait`, async () => {
      const rows = await query(server.url, WAITING);
      return rows.length === count;
    });

  type Ask = (path: string, client: TestClient) => Promise<Answer>;
  it.each<[string, number, Ask]>([
    ['changes an address', 200, (path) => put(owner, path, { host: 'localhost' })],
    ['deletes a data source', 200, (path, client) => client.delete(path)],
    ['finds a password wrong', 403, (path, client) => client.get(`${path}/databases`)],
  ])('and who %s do not wait for each other', async (_, status, ask) => {
    const { id, client } = await aUser({ admin: true });
    const path = await aSlowSource();
    const account = { owner_id: id, db_username: 'a', db_password: 'b' };
    expect((await post(owner, `${path}/members`, { account, incomplete: true })).status).toBe(201);
    const letGo = await accountHeld(id);
    const asked = ask(path, client);
    await waiting(1);
    const deleted = admin.delete(`/api/users/${id}`);
    await waiting(2);
    await letGo();
    expect((await deleted).status).toBe(200);
    expect((await asked).status).toBe(status);
    expect(await liveOf(id)).toEqual([]);
  });
});
