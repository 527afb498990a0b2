import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create as register, DEMO_DATABASE, DEMO_SOURCE, post } from '../support/data-sources.js';
import { flowXml, tableSource } from '../support/flows.js';
import { ReferenceClient } from '../support/reference/client.js';
import type { ChosenSource } from '../support/reference/workfiles.js';
import { runEnded } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PUBLIC } from '../support/workfiles.js';

const EXAMPLE = readFileSync(join(import.meta.dirname, '../golden/worked-example.afm'));
const FLOW = flowXml({ operators: [tableSource('golfnew')] });
const GREENPLUM: ChosenSource = {
  dataSourceId: DEMO_SOURCE,
  className: 'GpdbDataSource',
  entityType: 'gpdb_database',
  databaseId: DEMO_DATABASE,
};

/** client-expectations.md 4. */
describe('the reference client’s workfiles', () => {
  let server: TestServer;
  let app: TestApp;
  let client: ReferenceClient;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '1000' }));
    client = await ReferenceClient.as(app.url, 'owner');
    owner = await app.as('owner');
  });
  afterAll(async () => {
    client.close();
    await app.close();
    await server.stop();
  });

  const upload = (name: string, sources = [GREENPLUM], contents: string | Buffer = FLOW) =>
    client.workfiles.upload(PUBLIC, { name, contents }, sources);

  it('are listed by a body, in one order whatever the size of a page', async () => {
    const all = await client.workfiles.getList(PUBLIC);
    expect(all.length).toBeGreaterThan(10);
    for (const perPage of [1, 3, all.length, 1000])
      expect(await client.workfiles.getList(PUBLIC, perPage)).toEqual(all);
    const names = all.map(({ file_name: name }) => name.toLowerCase() as string);
    expect(names).toEqual(names.toSorted());
    // The body says that published touchpoints are not wanted.
    expect(all.map(({ file_type: type }) => type)).not.toContain('published_worklet');
    const { pagination } = (await client.workfiles.page(PUBLIC, 2, 3)).json();
    expect(pagination).toEqual({
      page: 2,
      per_page: 3,
      records: all.length,
      total: Math.ceil(all.length / 3),
    });
  });

  it('are found by their exact name, and shown as the whole document', async () => {
    const id = await client.workfiles.getId('alpine_flow', PUBLIC);
    const document = await client.workfiles.get(id);
    expect(Object.keys(document as object)).toEqual(['response']);
    expect(document.response).toMatchObject({ id, file_name: 'alpine_flow' });
    await expect(client.workfiles.getId('Alpine_Flow', PUBLIC)).rejects.toThrow(
      'WorkfileNotFoundException',
    );
    await expect(client.workfiles.get(4711)).rejects.toThrow('WorkfileNotFoundException: 404');
  });

  it('are deleted once, and quietly after that', async () => {
    const { id } = await aWorkfile(server);
    expect(await client.workfiles.delete(id)).toBe(200);
    await expect(client.workfiles.get(id)).rejects.toThrow('WorkfileNotFoundException: 404');
    expect(await client.workfiles.delete(id)).toBeNull();
    expect(await client.workfiles.delete(4711)).toBeNull();
  });

  it('are uploaded with fields in the client’s order, and lie where they were sent', async () => {
    const reply = await upload('worked example.afm', [GREENPLUM], EXAMPLE);
    expect(reply.status).toBe(201);
    const { response } = reply.json();
    expect(response).toMatchObject({
      id: expect.any(Number),
      file_name: 'worked example',
      file_type: 'work_flow',
      entity_subtype: 'alpine',
      execution_locations: [{ id: DEMO_DATABASE, data_source: { id: DEMO_SOURCE } }],
    });
    expect(await client.workfiles.getId('worked example', PUBLIC)).toBe(response.id);
    // Its data sources are those that were chosen now.
    const afm = (await client.workfiles.download(response.id as number)).toString();
    expect(afm).toContain('<Parameter key="dbConnectionName" value="Owners"/>');
    expect(afm).not.toContain('"warehouse"');
    // The same bytes again: what was downloaded can be uploaded.
    const again = await upload('worked example.afm', [GREENPLUM], afm);
    expect(again.json().response.file_name).toBe('worked example_1');
    expect((await upload('worked example.afm')).json().response.file_name).toBe('worked example_2');
  });

  it('run as soon as they are uploaded', async () => {
    const { response } = (await upload('runs at once.afm')).json();
    const run = await client.session.call(
      'POST',
      `/alpinedatalabs/api/v1/json/workflows/${response.id}/run?saveResult=true`,
      { type: 'application/json', bare: true },
    );
    const ended = await runEnded(owner, `/api/runs/${run.json().meta.processId}`);
    expect(ended.status).toBe('succeeded');
  });

  it('lie in several places at once, in the order in which they were chosen', async () => {
    const { name } = (await owner.get(`/api/data_sources/${DEMO_SOURCE}`)).response;
    const jdbc = await source({ entity_type: 'jdbc_data_source', host: 'jdbc:x:y' });
    const both = await upload('two places.afm', [
      { ...jdbc, className: 'JdbcDataSource', entityType: 'jdbc_data_source', databaseId: '' },
      GREENPLUM,
    ]);
    expect(both.json().response.execution_locations).toMatchObject([
      { id: jdbc.dataSourceId, entity_type: 'jdbc_data_source' },
      { id: DEMO_DATABASE, data_source: { name } },
    ]);
  });

  let made = 0;
  const source = async (others: object): Promise<{ dataSourceId: number }> => {
    const answer = await register(owner, {
      name: `chosen ${(made += 1)}`,
      db_username: 'scott',
      db_password: 'tiger',
      ...others,
    });
    expect(answer.status).toBe(201);
    return { dataSourceId: answer.response.id as number };
  };

  it.each([
    ['OracleDataSource', 'oracle_data_source', { port: 1521, db_name: 'ORCL', host: 'h.example' }],
    ['JdbcDataSource', 'jdbc_data_source', { host: 'jdbc:mysql://h.example/d' }],
    // Sent in the plural.
    ['JdbcHiveDataSource', 'jdbc_hive_data_sources', { host: 'jdbc:hive2://h.example:10000' }],
  ])('lie in a %s, with its own id or without one', async (className, entityType, others) => {
    const kind = entityType.replace(/sources$/, 'source');
    const { dataSourceId } = await source({ entity_type: kind, ...others });
    for (const databaseId of ['', dataSourceId] as const) {
      const name = `${className} ${databaseId === '' ? 'without' : 'with'}.afm`;
      const reply = await upload(name, [{ dataSourceId, className, entityType, databaseId }]);
      expect([reply.status, reply.json().response?.execution_locations]).toEqual([
        201,
        [expect.objectContaining({ id: dataSourceId, entity_type: kind })],
      ]);
    }
  });

  it('lie in a Hadoop source, whose id is sent as the database', async () => {
    const body = { name: 'a lake', host: 'h.example', port: 8020, hdfs_version: 'Cloudera CDH5' };
    const { id: dataSourceId } = (await post(owner, '/api/hdfs_data_sources', body)).response;
    for (const databaseId of [dataSourceId, ''] as const) {
      const reply = await upload('in the lake.afm', [
        { dataSourceId, className: 'HdfsDataSource', entityType: 'hdfs_data_source', databaseId },
      ]);
      expect([reply.status, reply.json().response?.execution_locations]).toEqual([
        201,
        [expect.objectContaining({ id: dataSourceId, entity_type: 'hdfs_data_source' })],
      ]);
    }
  });

  it.each([
    ['PgDataSource', 'pg_database'],
    // HAWQ is sent like this too.
    ['GpdbDataSource', 'gpdb_database'],
  ])('lie in a database of a %s', async (className, entityType) => {
    const reply = await upload(`of ${className}.afm`, [{ ...GREENPLUM, className, entityType }]);
    expect([reply.status, reply.json().response?.execution_locations]).toEqual([
      201,
      [expect.objectContaining({ id: DEMO_DATABASE })],
    ]);
  });

  it('take a name as it is, and count up when it is taken', async () => {
    const names = [];
    for (const name of ['taken (1).afm', 'taken (1).afm', 'no suffix', 'UPPER.AFM'])
      names.push((await upload(name)).json().response?.file_name);
    expect(names).toEqual(['taken (1)', 'taken (1)_1', 'no suffix', 'UPPER']);
  });

  it('refuse an upload with a document that has no response', async () => {
    const reply = await upload('no flow.afm', [GREENPLUM], 'this is no XML');
    expect(reply.status).toBe(422);
    expect(reply.json()).toEqual({
      errors: { fields: { 'versions.contents': { INVALID: { problems: expect.any(Array) } } } },
    });
    const nowhere = await upload('nowhere.afm', [{ ...GREENPLUM, databaseId: 4711 }]);
    expect(nowhere.json()).toEqual({ errors: { record: 'NOT_FOUND' } });
  });

  it('are downloaded as bytes, or not found', async () => {
    const { id } = await aWorkfile(server);
    expect((await client.workfiles.download(id)).toString()).toBe('first\n');
    await expect(client.workfiles.download(4711)).rejects.toThrow('WorkfileNotFoundException: 404');
  });
});
