import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aDataSource, create, DEMO_DATABASE, DEMO_SOURCE, post } from '../support/data-sources.js';
import { ReferenceClient } from '../support/reference/client.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

/** client-expectations.md 6. */
describe('the reference client’s data sources', () => {
  let server: TestServer;
  let app: TestApp;
  let client: ReferenceClient;
  let owner: TestClient;
  let lake: number;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '1000', WORKER_CONCURRENCY: '0' }));
    client = await ReferenceClient.as(app.url, 'owner');
    owner = await app.as('owner');
  });
  afterAll(async () => {
    client.close();
    await app.close();
    await server.stop();
  });

  it('are two lists, also while there is nothing in one of them', async () => {
    expect(await client.dataSources.getList('hadoop')).toEqual([]);
    const databases = await client.dataSources.getList('database');
    expect(databases.map(({ id }) => id)).toContain(DEMO_SOURCE);
    expect(await client.dataSources.getList()).toEqual(databases);
    await expect(client.dataSources.getId('no such')).rejects.toThrow(
      'DataSourceNotFoundException',
    );
  });

  it('are of every kind, joined without a type, and in one order', async () => {
    const account = { db_username: 'scott', db_password: 'tiger' };
    const port = { port: 1, db_name: 'd', host: 'h.example' };
    for (const [entity_type, others] of [
      ['oracle_data_source', port],
      ['hawq_data_source', port],
      ['jdbc_data_source', { host: 'jdbc:x:y' }],
      ['jdbc_hive_data_source', { host: 'jdbc:hive2://h.example:10000' }],
    ] as const)
      expect(
        (await create(owner, { entity_type, name: `a ${entity_type}`, ...account, ...others }))
          .status,
      ).toBe(201);
    await aDataSource(server, owner, { name: 'live' });
    for (const [name, is_hdfs_hive] of [
      ['a lake', false],
      ['a hive', true],
    ] as const) {
      const body = { name, is_hdfs_hive, host: 'h.example', port: 1, hdfs_version: 'CDH5' };
      lake = (await post(owner, '/api/hdfs_data_sources', body)).response.id as number;
    }
    const databases = await client.dataSources.getList('database');
    expect(new Set(databases.map(({ entity_type: kind }) => kind as string))).toEqual(
      new Set([
        ...['gpdb_data_source', 'pg_data_source', 'oracle_data_source', 'hawq_data_source'],
        ...['jdbc_data_source', 'jdbc_hive_data_source'],
      ]),
    );
    const hadoop = await client.dataSources.getList('hadoop');
    expect(hadoop.map(({ name }) => name as string)).toEqual(['a hive', 'a lake']);
    expect(await client.dataSources.getList()).toEqual([...databases, ...hadoop]);
    for (const perPage of [1, 2, 3]) {
      expect(await client.dataSources.getList('database', perPage)).toEqual(databases);
      expect(await client.dataSources.getList('hadoop', perPage)).toEqual(hadoop);
    }
    // Somebody without an account asks for all of them, and gets them.
    const outsider = await ReferenceClient.as(app.url, 'outsider');
    expect((await outsider.dataSources.getList()).map(({ id }) => id as number)).toEqual(
      [...databases, ...hadoop].map(({ id }) => id as number),
    );
    outsider.close();
  });

  it('have the recorded keys, and an owner with a name', async () => {
    for (const one of await client.dataSources.getList('database')) {
      expect(Object.keys(one as object)).toEqual(
        expect.arrayContaining([
          ...['complete_json', 'db_name', 'db_username', 'description', 'entity_type', 'host'],
          ...['id', 'is_deleted', 'is_hawq', 'name', 'online', 'owner', 'owner_id', 'port'],
          ...['public', 'schema_blacklist', 'shared', 'ssl', 'state', 'tags', 'version'],
        ]),
      );
      expect(one.owner).toMatchObject({ id: one.owner_id, username: 'owner' });
      expect([Array.isArray(one.schema_blacklist), Array.isArray(one.tags)]).toEqual([true, true]);
      expect(JSON.stringify(one)).not.toMatch(/password|tiger/);
    }
    expect(await client.dataSources.get(DEMO_SOURCE, 'database')).toMatchObject({
      data_source_provider: 'Greenplum Database',
    });
  });

  it('are shown at the address of their type, and not at the other', async () => {
    const { dataSources } = client;
    for (const [type, other] of [
      ['database', 'hadoop'],
      ['hadoop', 'database'],
    ] as const)
      for (const one of await dataSources.getList(type)) {
        expect(await dataSources.get(one.id as number, type)).toEqual(one);
        expect(await dataSources.getId(one.name as string)).toBe(one.id);
        expect(await dataSources.getId(one.name as string, type)).toBe(one.id);
        await expect(dataSources.get(one.id as number, other)).rejects.toThrow(
          'DataSourceNotFoundException: 404',
        );
      }
    for (const type of ['database', 'hadoop'] as const)
      await expect(dataSources.get(4711, type)).rejects.toThrow('DataSourceNotFoundException: 404');
    await expect(dataSources.getId('OWNERS')).rejects.toThrow('DataSourceNotFoundException');
  });

  it('list their databases, each with id and name', async () => {
    const all = await client.dataSources.getDatabaseList(DEMO_SOURCE);
    expect(all.length).toBeGreaterThan(0);
    for (const one of all)
      expect(one).toMatchObject({ id: expect.any(Number), name: expect.any(String) });
    expect(all).toContainEqual(expect.objectContaining({ id: DEMO_DATABASE, name: 'default' }));
    for (const perPage of [1, 2])
      expect(
        (await client.dataSources.getDatabaseList(DEMO_SOURCE, perPage)).map(({ id }) => id),
      ).toEqual(all.map(({ id }) => id as number));
    // Those without databases say so in JSON.
    const reply = await client.session.call('GET', `/api/data_sources/${lake}/databases`);
    expect([reply.status, reply.json()]).toEqual([404, { errors: { record: 'NOT_FOUND' } }]);
  });
});
