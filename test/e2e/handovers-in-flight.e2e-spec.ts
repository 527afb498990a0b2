import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { proxyOf } from '../support/behind-proxy.js';
import { aDataSource, aRole, MEMBER, OUTSIDER, post, put, quiet } from '../support/data-sources.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const WAITING = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'fermata%'`;
const FORBIDDEN = { errors: { model_data: expect.objectContaining({ owner_id: MEMBER }) } };
const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };

describe('a data source that is given to somebody else, while the owner before him', () => {
  let server: TestServer;
  let app: TestApp;
  let proxy: TcpProxy;
  let owner: TestClient;
  let admin: TestClient;
  let path: string;
  let account: { owner_id: number; db_username: string; db_password: string };

  beforeAll(async () => {
    server = await startTestServer();
    proxy = await proxyOf(server.dataUrl);
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
    admin = await app.as('chorusadmin');
    const { name, password } = await aRole(server);
    account = { owner_id: MEMBER, db_username: name, db_password: password };
  });
  beforeEach(async () => {
    path = `/api/data_sources/${await aDataSource(server, owner)}`;
    await post(owner, `${path}/members`, { account });
    await quiet(server);
  });
  afterAll(async () => {
    await app.close();
    await proxy.close();
    await server.stop();
  });

  const handOver = () => put(admin, `${path}/owner`, { id: MEMBER });
  /** What is stored of it and its accounts. */
  const stored = async () => {
    const id = Number(path.split('/').at(-1));
    const rows = await query(
      server.url,
      `SELECT to_jsonb(ds) - 'moving_until' AS source, (SELECT jsonb_agg(a ORDER BY a.id)
         FROM data_source_accounts a WHERE a.data_source_id = ds.id) AS accounts
       FROM data_sources ds WHERE ds.id = $1`,
      [id],
    );
    return rows;
  };

  it.each<[string, () => Promise<Answer>]>([
    ['tries another address', () => put(owner, path, { host: 'localhost' })],
    ['tries an account', () => post(owner, `${path}/members`, { account })],
  ])('%s, is not changed by him', async (_, send) => {
    const address = { host: proxy.host, port: proxy.port };
    await put(admin, path, address);
    await quiet(server);
    await proxy.set('freeze');
    const { accepted } = proxy.counters;
    const asked = send();
    await until('the test', () => Promise.resolve(proxy.counters.accepted > accepted));
    expect((await handOver()).status).toBe(200);
    const before = await stored();
    await proxy.set('pass');
    const { status, json } = await asked;
    expect([status, json]).toEqual([403, FORBIDDEN]);
    expect(await stored()).toEqual(before);
  });

  const idOfAccount = async () => {
    const [row] = (await owner.get(`${path}/members`)).response.filter(
      ({ owner_id }: { owner_id: number }) => owner_id === MEMBER,
    );
    return row.id as number;
  };
  it.each<[string, (accountId: number) => Promise<Answer>, [number, object]]>([
    ['changes it', () => put(owner, path, { description: 'his' }), [403, FORBIDDEN]],
    ['shares it', () => post(owner, `${path}/sharing`, {}), [403, FORBIDDEN]],
    ['ends its sharing', () => owner.delete(`${path}/sharing`), [403, FORBIDDEN]],
    ['hands it over', () => put(owner, `${path}/owner`, { id: OUTSIDER }), [404, NOT_FOUND]],
    ['deletes it', () => owner.delete(path), [403, FORBIDDEN]],
    [
      'saves an account',
      () => post(owner, `${path}/members`, { account, incomplete: true }),
      [403, FORBIDDEN],
    ],
    [
      'changes an account',
      (id) => put(owner, `${path}/members/${id}`, { account, incomplete: true }),
      [403, FORBIDDEN],
    ],
    ['removes an account', (id) => owner.delete(`${path}/members/${id}`), [403, FORBIDDEN]],
  ])('%s, is left as the new one has it', async (_, send, expected) => {
    const accountId = await idOfAccount();
    const holder = new pg.Client({ connectionString: server.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM data_sources WHERE id = $1 FOR UPDATE', [
      path.split('/').at(-1),
    ]);
    const waiting = (count: number) =>
      until(`${count} who wait`, async () => (await query(server.url, WAITING)).length === count);
    const handed = handOver();
    await waiting(1);
    const asked = send(accountId);
    await waiting(2);
    await holder.end();
    expect((await handed).status).toBe(200);
    const { status, json } = await asked;
    expect([status, json]).toEqual(expected);
    const [row] = await stored();
    expect(row).toMatchObject({
      source: { owner_id: MEMBER, shared: false, deleted_at: null, description: null },
    });
    expect(row?.['accounts']).toHaveLength(2);
  });
});
