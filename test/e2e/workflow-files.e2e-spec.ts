import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { flowXml, operator, rowFilter, tableSource } from '../support/flows.js';
import { runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const WORKSPACE = 1_000_008;
const LIST = `/api/workspaces/${WORKSPACE}/workfiles`;
const EXAMPLE = readFileSync(join(import.meta.dirname, '../golden/worked-example.afm'), 'utf8');

describe('workflow files', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  /** As the reference client uploads: fields in its order, the token as a parameter, the file last. */
  const upload = (
    contents: string | Buffer,
    { name = 'flow.afm', databaseId = '1000001', client = owner, path = LIST, fields = {} } = {},
  ): Promise<Answer> => {
    const form = new FormData();
    form.append('workfile[entity_subtype]', 'alpine');
    form.append('data_source', '1000002GpdbDataSource');
    form.append('database', databaseId);
    form.append('workfile[execution_locations][0][entity_type]', 'gpdb_database');
    form.append('workfile[execution_locations][0][id]', databaseId);
    for (const [key, value] of Object.entries(fields)) form.append(key, String(value));
    form.append(
      'workfile[versions_attributes][0][contents]',
      new Blob([Buffer.from(contents)]),
      name,
    );
    return client.call('POST', path, { body: form });
  };
  const count = async () => {
    const [row] = await query(
      server.url,
      `SELECT (SELECT count(*) FROM workfiles) AS workfiles, (SELECT count(*) FROM workfile_flows) AS flows, (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM events) AS events`,
    );
    return row;
  };

  it('upload, run and download: the worked example with its documented outputs', async () => {
    const made = await upload(EXAMPLE, { name: 'worked example.afm' });
    expect(made.status).toBe(201);
    expect(made.response).toMatchObject({
      file_name: 'worked example',
      file_type: 'work_flow',
      entity_subtype: 'alpine',
      status: 'idle',
      execution_locations: [{ id: 1_000_001 }],
      version_info: { created_at: expect.any(String) },
      workspace: { id: WORKSPACE, has_added_workfile: true },
    });
    const { id } = made.response;

    const afm = await owner.get(`/api/workfiles/${id}/download`);
    expect(afm.status).toBe(200);
    expect(afm.headers.get('content-disposition')).toBe(
      'attachment; filename="worked example.afm"',
    );
    expect(afm.text).toContain('<Parameter key="dbConnectionName" value="Owners"/>');
    expect(afm.text).not.toContain('"warehouse"');
    expect(afm.text).toContain('<Note>high = above the cut</Note>');

    // The demo account may write in its own schema.
    const run = await owner.call('POST', `/alpinedatalabs/api/v1/json/workflows/${id}/run`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        variables: [
          { name: '@min_lines', value: '7' },
          { name: '@default_schema', value: 'default' },
        ],
      }),
    });
    const path = `/api/runs/${run.json.meta.processId}`;
    const ended = await runEnded(owner, path);
    expect(ended).toMatchObject({ status: 'succeeded', error: null });
    const prefix = `alp1000006_${id}`;
    expect(ended.steps.flatMap(({ statements }: any) => statements)).toEqual([
      `CREATE VIEW "default"."${prefix}_var_0" AS\nSELECT "id", "credit_lines", "monthly_income", (case when "revolving_util" > 0.5 then 'high' else 'low' end)::text AS "load_band"\nFROM "demo"."credit"`,
      `CREATE TABLE "default"."${prefix}_rowfil_0" AS\nSELECT "id", "credit_lines", "monthly_income", "load_band"\nFROM "default"."${prefix}_var_0"\nWHERE ("credit_lines" >= 7) AND ("load_band" = 'high')`,
      `CREATE TABLE "default"."${prefix}_rowfil_1" AS\nSELECT "outlook", "temperature", "humidity", "wind", "play"\nFROM "demo"."golfnew"\nWHERE ("outlook" = 'rain' and "humidity" between 70 and 90)`,
    ]);
    const results = (await owner.get(`${path}/results`)).json;
    expect(results.outputs.map((one: any) => one.out_title)).toEqual([
      'credit',
      'Load band',
      'Heavy users',
      'golfnew',
      'Golf days',
    ]);
    const [expected] = await query<{ n: string }>(
      server.dataUrl,
      `SELECT count(*) AS n FROM demo.credit WHERE credit_lines >= 7 AND revolving_util > 0.5`,
    );
    expect(results.outputs[2].visualData.errorMessages[0]).toContain(
      `${Number(expected!.n).toLocaleString('en-US')} rows`,
    );
  });

  it('number a taken name, also for twenty at once; a chosen name is refused', async () => {
    const flow = flowXml({ operators: [tableSource('golfnew')] });
    const made = await Promise.all(
      Array.from({ length: 20 }, () => upload(flow, { name: 'same.afm' })),
    );
    expect(made.map(({ status }) => status)).toEqual(new Array(20).fill(201));
    const names = made.map(({ response }) => response.file_name).sort();
    expect(new Set(names).size).toBe(20);
    expect(names).toContain('same');
    expect(names).toContain('same_19');
    const chosen = await upload(flow, { fields: { 'workfile[file_name]': 'same' } });
    expect(chosen.status).toBe(422);
    expect(chosen.json).toEqual({ errors: { fields: { file_name: { TAKEN: {} } } } });
  });

  it('keep no password', async () => {
    const secret = 'c2VjcmV0LW1hcmtlcg==';
    const flow = `<Process Version="5.1"><Operator name="a" type="x.DbTableOperator" uuid="1">
      <Parameter key="dbConnectionName" value="miner_demo"/><Parameter key="url" value="jdbc:postgresql://h/miner?user=x&amp;password=${secret}&amp;ssl=true"/>
      <Parameter key="password" value="${secret}"/><Parameter key="schemaName" value="demo"/><Parameter key="tableName" value="golfnew"/></Operator></Process>`;
    const { response } = await upload(flow);
    const { text } = await owner.get(`/api/workfiles/${response.id}/download`);
    expect(text).not.toContain(secret);
    expect(text).toContain('?user=x&amp;password=&amp;ssl=true');
    const run = await runEnded(owner, await startRun(owner, response.id));
    expect(run.status).toBe('succeeded');
    const [stored] = await query<{ found: boolean }>(
      server.url,
      `SELECT EXISTS (SELECT FROM workfile_flows WHERE strpos(afm, $1) > 0) OR EXISTS (SELECT FROM runs WHERE strpos(snapshot::text, $1) > 0) AS found`,
      [secret],
    );
    expect(stored).toEqual({ found: false });
  });

  it('take what only a run can refuse: Hadoop operators, no execution location', async () => {
    const hadoop = flowXml({ operators: [{ name: 'h', type: 'hadoop.HadoopFileOperator' }] });
    const made = await upload(hadoop);
    expect(made.status).toBe(201);
    const run = await runEnded(owner, await startRun(owner, made.response.id));
    expect(run.error.message).toMatch(/^h: type .* needs a Hadoop data source/);
    const empty = await owner.post(LIST, {
      'workfile[entity_subtype]': 'alpine',
      'workfile[file_name]': 'brand new',
    });
    expect(empty.status).toBe(201);
    expect((await owner.get(`/api/workfiles/${empty.response.id}/download`)).text).toContain(
      '<Process',
    );
  });

  it('take an operator without its parameters, and a run says which are missing and what is there', async () => {
    const made = await upload(
      flowXml({
        operators: [
          tableSource('golfnew'),
          { name: 'clusters', type: 'KMeansOperator', parameters: { numberOfClusters: '3' } },
        ],
        links: [['golfnew', 'clusters']],
      }),
    );
    expect(made.status).toBe(201);
    const run = await runEnded(owner, await startRun(owner, made.response.id));
    const found = 'found parameters: outputSchema, numberOfClusters; elements: none';
    expect(run).toMatchObject({
      status: 'failed',
      error: {
        message: `clusters: parameter "columnNames" is missing; ${found}; clusters: parameter "k" is missing; ${found}`,
      },
      steps: [],
    });
  });

  const filter = (name: string, table: string) => rowFilter(name, 'true', { outputTable: table });
  const links = (...pairs: [string, string][]) => pairs;
  const deep = `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`;
  it.each([
    ['no XML', 'this is not a workflow', /not well-formed XML/],
    ['another root', '<Flow/>', /root element is not "Process"/],
    ['not UTF-8', Buffer.from([0x3c, 0xff, 0xfe]), /not UTF-8/],
    [
      'an entity bomb',
      '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Process>&b;</Process>',
      /document type|not well-formed/,
    ],
    [
      'an external entity',
      '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><Process>&x;</Process>',
      /document type|not well-formed/,
    ],
    [
      'elements nested too deeply',
      `<Process><Operator name="a" type="x.DbTableOperator" uuid="1">${deep}</Operator></Process>`,
      /nested too deeply/,
    ],
    [
      'a cycle',
      flowXml({
        operators: [filter('a', 'a'), filter('b', 'b')],
        links: links(['a', 'b'], ['b', 'a']),
      }),
      /the links form a cycle/,
    ],
    [
      'a missing input',
      flowXml({ operators: [filter('a', 'a')] }),
      /takes exactly 1 data set as input and has 0/,
    ],
    [
      'a dangling link',
      flowXml({ operators: [tableSource('golfnew')], links: links(['golfnew', 'gone']) }),
      /names an operator that is missing/,
    ],
    [
      'two operators on one table',
      flowXml({
        operators: [tableSource('golfnew'), filter('a', 't'), filter('b', 't')],
        links: links(['golfnew', 'a'], ['golfnew', 'b']),
      }),
      /"a" also writes "default"."t"/,
    ],
    [
      'a wrong type of parameter',
      flowXml({
        operators: [
          tableSource('golfnew'),
          operator('s', 'RandomSampling', { sampleCount: 'many' }, '<SampleSizeModel/>'),
        ],
        links: links(['golfnew', 's']),
      }),
      /"sampleCount" must be a whole number/,
    ],
    [
      'a model where a data set is needed',
      flowXml({
        operators: [
          tableSource('golfnew'),
          operator('m', 'KMeans', { k: '2', columnNames: 'humidity' }),
          filter('f', 'f'),
        ],
        links: links(['golfnew', 'm'], ['m', 'f']),
      }),
      /Row Filter takes no model as input and has 1/,
    ],
    [
      'a variable that refers to itself',
      flowXml({ operators: [tableSource('golfnew')], variables: { '@a': '@b', '@b': '@a' } }),
      /refers to itself/,
    ],
    [
      'an output that replaces its source',
      flowXml({
        operators: [
          tableSource('golfnew'),
          rowFilter('f', 'true', { outputSchema: 'demo', outputTable: 'golfnew' }),
        ],
        links: links(['golfnew', 'f']),
      }),
      /would replace "demo"."golfnew"/,
    ],
  ])('refuse %s with the reason, and store nothing', async (_title, contents, reason) => {
    const before = await count();
    const answer = await upload(contents);
    expect(answer.status).toBe(422);
    const { problems } = answer.json.errors.fields['versions.contents'].INVALID;
    expect(problems.map(({ message }: any) => message).join('\n')).toMatch(reason);
    expect(await count()).toEqual(before);
  });

  it('refuse all problems at once, each with operator and parameter', async () => {
    const answer = await upload(
      flowXml({
        operators: [
          filter('a', ''),
          operator('k', 'KMeans', { distance: 'Cosine' }),
          operator('k', 'Sort'),
        ],
      }),
    );
    const { problems } = answer.json.errors.fields['versions.contents'].INVALID;
    expect(problems.length).toBeGreaterThan(5);
    expect(problems).toContainEqual({
      operator: 'k',
      parameter: 'distance',
      message: expect.stringContaining('Euclidean'),
    });
    expect(problems).toContainEqual({
      operator: 'k',
      parameter: null,
      message: 'two operators have this name',
    });
  });

  it('refuse a file of 100 MB', async () => {
    const before = await count();
    const answer = await upload(Buffer.alloc(100_000_000, 'a'));
    expect(answer.status).toBe(422);
    expect(answer.json.errors.fields).toEqual({
      'versions.contents_file_size': {
        LESS_THAN: { message: 'file_size_exceeded', count: '20971520 Bytes' },
      },
    });
    expect(await count()).toEqual(before);
  });

  it.each([
    ['a name that is not allowed', { name: 'a;b.afm' }, 422],
    ['an unknown database', { databaseId: '999' }, 404],
    [
      'an unknown kind of place',
      { fields: { 'workfile[execution_locations][1][entity_type]': 'moon' } },
      422,
    ],
    ['an unknown workspace', { path: '/api/workspaces/999/workfiles' }, 404],
  ])('refuse %s', async (_title, options, status) => {
    const before = await count();
    const answer = await upload(flowXml({ operators: [tableSource('golfnew')] }), options);
    expect(answer.status).toBe(status);
    expect(await count()).toEqual(before);
  });

  it('are listed: by name and date, by type and part of a name, page by page', async () => {
    const all = (await owner.get(`${LIST}?per_page=1000`)).json;
    const names = all.response.map((one: any) => one.file_name.toLowerCase());
    expect(names).toEqual([...names].sort((a: string, b: string) => (a < b ? -1 : 1)));
    const [first] = all.response;
    expect(first.workspace).not.toHaveProperty('complete_json');
    expect(first).not.toHaveProperty('execution_locations');
    expect(first).toHaveProperty('version_info');
    const page = (await owner.get(`${LIST}?per_page=3&page=2&order=date`)).json;
    expect(page.pagination).toEqual({
      page: 2,
      per_page: 3,
      records: all.pagination.records,
      total: Math.ceil(all.pagination.records / 3),
    });
    expect(page.response).toHaveLength(3);
    const flows = (await owner.get(`${LIST}?file_type=work_flow&name_pattern=golf`)).json.response;
    expect(flows.map((one: any) => one.file_name)).toEqual(['golf_days']);
    expect((await owner.get(`${LIST}?page=0`)).status).toBe(422);
    expect((await owner.get(`${LIST}?page=9999`)).json.response).toEqual([]);
  });

  it('are listed for the reference client, which sends its paging as the body of a GET', async () => {
    const body = JSON.stringify({
      no_published_worklets: true,
      order: 'file_name',
      per_page: 2,
      page: 1,
    });
    for (const headers of [{ 'content-type': 'application/json' }, {}]) {
      const json: any = await getWithBody(
        `${app.url}${LIST}?session_id=${owner.token}`,
        headers,
        body,
      );
      expect(json.pagination).toMatchObject({ page: 1, per_page: 2 });
      expect(json.response).toHaveLength(2);
    }
  });

  it('are for those who may', async () => {
    const flow = flowXml({ operators: [tableSource('golfnew')] });
    const outsider = await app.as('outsider');
    const priv = '/api/workspaces/1000009/workfiles';
    expect((await outsider.get(LIST)).status).toBe(200);
    expect((await outsider.get(priv)).status).toBe(403);
    expect((await outsider.get('/api/workfiles/1000004/download')).status).toBe(200);
    expect((await outsider.get('/api/workfiles/1000030/download')).status).toBe(403);
    expect((await outsider.get('/api/workfiles/1000030/runs')).status).toBe(403);
    expect((await upload(flow, { client: outsider })).status).toBe(403);
    expect((await upload(flow, { client: await app.as('member') })).status).toBe(201);
    expect((await upload(flow, { client: app.anonymous })).status).toBe(401);
    expect((await app.anonymous.get(LIST)).status).toBe(401);
    const archived = await upload(flow, {
      client: await app.as('chorusadmin'),
      path: '/api/workspaces/1000010/workfiles',
    });
    expect(archived.json).toEqual({ errors: { fields: { workspace: { ARCHIVED: null } } } });
  });
});

/** `fetch` refuses to send what documented clients send. */
function getWithBody(url: string, headers: Record<string, string>, body: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'GET',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => {
        resolve(JSON.parse(text));
      });
    });
    sent.end(body);
  });
}
