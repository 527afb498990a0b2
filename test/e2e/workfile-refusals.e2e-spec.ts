import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { flowXml, tableSource } from '../support/flows.js';
import { json, multipart } from '../support/forms.js';
import { storedState } from '../support/stored-state.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PRIVATE, PUBLIC, type StoredWorkfile } from '../support/workfiles.js';

const LIST = `/api/workspaces/${PUBLIC}/workfiles`;
const LARGEST = 2_147_483_647;
const FLOW = flowXml({ operators: [tableSource('golfnew')] });
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

interface Sent {
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | FormData | URLSearchParams;
}
/** What is sent, the status, and the fields of a 422. */
type Refusal = readonly [title: string, sent: Sent, status: number, fields?: object];

const file = (name: string, contents: string | Buffer = 'x', more: [string, string][] = []) => ({
  body: multipart([...more, ['workfile[versions_attributes][0][contents]', { name, contents }]]),
});
const flow = (more: [string, string][], contents: string | Buffer = FLOW) =>
  file('flow.afm', contents, [['workfile[entity_subtype]', 'alpine'], ...more]);

// Refused before any route sees them, on every one.
const UNREADABLE: readonly Refusal[] = [
  ['broken JSON', { headers: JSON_TYPE, body: '{"file_name":' }, 400],
  ['a NUL in JSON', { headers: JSON_TYPE, body: '{"file_name":"a\\u0000b"}' }, 400],
  ['a NUL in a form', { headers: FORM, body: 'file_name=a%00b' }, 400],
  ['a NUL in a name of a form', { headers: FORM, body: 'file%00name=a' }, 400],
  ['bytes that are not UTF-8', { headers: FORM, body: 'file_name=%E9' }, 400],
  [
    'JSON that is not UTF-8',
    { headers: JSON_TYPE, body: Buffer.from('{"file_name":"\xe9"}', 'latin1') },
    400,
  ],
  ['half a surrogate pair', { headers: JSON_TYPE, body: '{"file_name":"\\ud800"}' }, 400],
  ['a NUL in multipart', { body: multipart([['workfile[file_name]', 'a\0b']]) }, 400],
  [
    'multipart without an end',
    {
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\nContent-Disposition: form-data; name="file_name"\r\n\r\nx',
    },
    400,
  ],
  [
    'a text field beyond the limit of a body',
    { body: multipart([['workfile[description]', 'x'.repeat(1_048_577)]]) },
    413,
  ],
  [
    'a body beyond its limit',
    { headers: JSON_TYPE, body: JSON.stringify({ description: 'x'.repeat(1_100_000) }) },
    413,
  ],
];

const name = (code: object) => ({ file_name: code });

const CREATE: readonly Refusal[] = [
  ['no body', {}, 422, name({ BLANK: {} })],
  ['an empty form', { headers: FORM, body: '' }, 422, name({ BLANK: {} })],
  [
    'a wrapper that is none',
    json({ workfile: 'x', file_name: 'ignored' }),
    422,
    name({ BLANK: {} }),
  ],
  ['null as wrapper', json({ workfile: null }), 422, name({ BLANK: {} })],
  ['a list as body', json([1, 2]), 422, name({ BLANK: {} })],
  ['a blank name', json({ file_name: '   ' }), 422, name({ BLANK: {} })],
  ['a slash', json({ file_name: '../x' }), 422, name({ INVALID: { value: '../x' } })],
  ['a line end', json({ file_name: 'a\nb' }), 422, name({ INVALID: { value: 'a\nb' } })],
  ['a letter beyond ASCII', json({ file_name: 'ü' }), 422, name({ INVALID: { value: 'ü' } })],
  ['markup', json({ file_name: '<b>' }), 422, name({ INVALID: { value: '<b>' } })],
  [
    'SQL',
    json({ file_name: `x'; DROP TABLE workfiles` }),
    422,
    name({ INVALID: { value: `x'; DROP TABLE workfiles` } }),
  ],
  ['256 letters', json({ file_name: 'n'.repeat(256) }), 422, name({ TOO_LONG: { count: 255 } })],
  ['a name that is taken', json({ file_name: 'golf.sql' }), 422, name({ TAKEN: {} })],
  ['a name that a workflow has', json({ file_name: 'golf_days' }), 422, name({ TAKEN: {} })],
  ['an object as name', json({ file_name: { a: 1 } }), 422, name({ INVALID: {}, BLANK: {} })],
  ['a bad name of an upload', file('a;b.txt'), 422, name({ INVALID: { value: 'a;b.txt' } })],
  [
    'a long description',
    json({ file_name: 'x', description: 'd'.repeat(10_001) }),
    422,
    { description: { TOO_LONG: { count: 10_000 } } },
  ],
  [
    'everything wrong at once',
    json({ entity_subtype: 'worklet', description: ['x'], file_name: '/', link_url: 'x:y' }),
    422,
    {
      entity_subtype: { INCLUSION: { value: 'worklet' } },
      description: { INVALID: {} },
      file_name: { INVALID: { value: '/' } },
      link_url: { INVALID: { value: 'x:y' } },
    },
  ],
  [
    'a text in the place of a file',
    {
      body: multipart([
        ['workfile[versions_attributes][0][contents]', 'text'],
        ['workfile[file_name]', 'x'],
      ]),
    },
    422,
    { 'versions.contents': { INVALID: {} } },
  ],
  [
    'an object in the place of a file',
    json({ file_name: 'x', versions_attributes: [{ contents: { fileName: 'x', contents: 'y' } }] }),
    422,
    { 'versions.contents': { INVALID: {} } },
  ],
  [
    'versions that are no list',
    json({ file_name: 'x', versions_attributes: 'x' }),
    422,
    { versions_attributes: { INVALID: {} } },
  ],
  [
    'a drawing without a name',
    json({ svg_data: '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>' }),
    422,
    name({ BLANK: {} }),
  ],
  [
    'a drawing that is none',
    json({ file_name: 'x.png', svg_data: 'lines' }),
    422,
    { svg_data: { INVALID: {} } },
  ],
  [
    'a script as link',
    json({ file_name: 'x', link_url: 'javascript:alert(1)' }),
    422,
    { link_url: { INVALID: { value: 'javascript:alert(1)' } } },
  ],
  [
    'a long link',
    json({ file_name: 'x', link_url: `http://a/${'x'.repeat(2048)}` }),
    422,
    { link_url: { TOO_LONG: { count: 2048 } } },
  ],
  ['a link without a name', json({ link_url: 'http://a' }), 422, name({ BLANK: {} })],
  [
    'an unknown kind of place',
    flow([['workfile[execution_locations][0][entity_type]', 'moon']]),
    422,
    { execution_locations: { INVALID: {} } },
  ],
  [
    'a place that is no object',
    json({ entity_subtype: 'alpine', file_name: 'x', execution_locations: [7] }),
    422,
    { execution_locations: { INVALID: {} } },
  ],
  [
    '101 places',
    json({
      entity_subtype: 'alpine',
      file_name: 'x',
      execution_locations: new Array(101).fill({ entity_type: 'pg_database', id: 1000001 }),
    }),
    422,
    { execution_locations: { TOO_LONG: { count: 100 } } },
  ],
  ...['999', '0', '-1', '1.5', 'x', '', String(LARGEST), '99999999999999999999', '1 OR 1=1'].map(
    (id): Refusal => [
      `the database ${id}`,
      flow([
        ['workfile[execution_locations][0][entity_type]', 'gpdb_database'],
        ['workfile[execution_locations][0][id]', id],
      ]),
      404,
    ],
  ),
  [
    'a data source of another kind',
    json({
      entity_subtype: 'alpine',
      file_name: 'x',
      execution_locations: [{ entity_type: 'oracle_data_source', id: 1000002 }],
    }),
    404,
  ],
  [
    'a Hadoop source, of which there are none',
    json({
      entity_subtype: 'alpine',
      file_name: 'x',
      execution_locations: [{ entity_type: 'hdfs_data_source', id: 1000002 }],
    }),
    404,
  ],
  [
    '1001 datasets',
    json({ entity_subtype: 'alpine', file_name: 'x', dataset_ids: new Array(1001).fill(1000011) }),
    422,
    { dataset_ids: { TOO_LONG: { count: 1000 } } },
  ],
  [
    'a large id of a dataset',
    json({ entity_subtype: 'alpine', file_name: 'x', dataset_ids: [2 ** 40] }),
    404,
  ],
  [
    'datasets that are a text',
    json({ entity_subtype: 'alpine', file_name: 'x', dataset_ids: 'all' }),
    422,
    { dataset_ids: { INVALID: {} } },
  ],
];

const UPDATE: readonly Refusal[] = [
  ['a blank name', json({ file_name: '' }), 422, name({ BLANK: {} })],
  ['null as name', json({ file_name: null }), 422, name({ BLANK: {} })],
  ['a blank name in the wrapper', json({ workfile: { file_name: ' ' } }), 422, name({ BLANK: {} })],
  ['a slash', json({ file_name: 'a/b' }), 422, name({ INVALID: { value: 'a/b' } })],
  ['a backslash', json({ file_name: 'a\\b' }), 422, name({ INVALID: { value: 'a\\b' } })],
  ['a quote', json({ file_name: 'a"b' }), 422, name({ INVALID: { value: 'a"b' } })],
  ['a tab', json({ file_name: 'a\tb' }), 422, name({ INVALID: { value: 'a\tb' } })],
  ['256 letters', json({ file_name: 'n'.repeat(256) }), 422, name({ TOO_LONG: { count: 255 } })],
  ['a list as name', json({ file_name: ['a'] }), 422, name({ INVALID: {}, BLANK: {} })],
  [
    'a name that is taken',
    json({ file_name: 'golf.sql', description: 'x' }),
    422,
    name({ TAKEN: {} }),
  ],
  ['an object as description', json({ description: {} }), 422, { description: { INVALID: {} } }],
  [
    'a long description',
    json({ description: 'd'.repeat(10_001) }),
    422,
    { description: { TOO_LONG: { count: 10_000 } } },
  ],
  [
    'an unknown status',
    json({ status: 'done' }),
    422,
    { status: { INCLUSION: { value: 'done' } } },
  ],
  ['a status that is no text', json({ status: { a: 1 } }), 422, { status: { INCLUSION: {} } }],
  ['an empty status', json({ status: '' }), 422, { status: { INCLUSION: { value: '' } } }],
  [
    'all of them at once',
    json({ status: 'x', file_name: '', description: [] }),
    422,
    {
      status: { INCLUSION: { value: 'x' } },
      file_name: { BLANK: {} },
      description: { INVALID: {} },
    },
  ],
  [
    'a schema that is a text',
    json({ execution_schema: 'x' }),
    422,
    { execution_schema: { INVALID: {} } },
  ],
  ...[999, 0, -1, 1.5, LARGEST, 2 ** 53, 'x'].map((id): Refusal => [
    `the schema ${id}`,
    json({ execution_schema: { id }, description: 'x' }),
    404,
  ]),
];

const COPY: readonly Refusal[] = [
  ['a slash', json({ file_name: 'a/b' }), 422, name({ INVALID: { value: 'a/b' } })],
  ['a letter beyond ASCII', json({ file_name: 'é' }), 422, name({ INVALID: { value: 'é' } })],
  ['a semicolon', json({ file_name: 'a;b' }), 422, name({ INVALID: { value: 'a;b' } })],
  ['a line end', json({ file_name: 'a\r\nb' }), 422, name({ INVALID: { value: 'a\r\nb' } })],
  ['256 letters', json({ file_name: 'n'.repeat(256) }), 422, name({ TOO_LONG: { count: 255 } })],
  ['a name that is taken', json({ file_name: 'golf.sql' }), 422, name({ TAKEN: {} })],
  ['an object as name', json({ file_name: {} }), 422, name({ INVALID: {} })],
  ...[999, 0, -1, 1.5, LARGEST, 2 ** 40, 'x', [1], {}].map((id): Refusal => [
    `the workspace ${JSON.stringify(id)}`,
    json({ workspace_id: id }),
    404,
  ]),
];

const VERSION: readonly Refusal[] = [
  ['no body', {}, 422, { content: { BLANK: {} } }],
  ['an empty wrapper', json({ workfile: {} }), 422, { content: { BLANK: {} } }],
  ['a wrapper beside it', json({ workfile: {}, content: 'x' }), 422, { content: { BLANK: {} } }],
  ['null', json({ content: null }), 422, { content: { BLANK: {} } }],
  ['a number', json({ content: 7 }), 422, { content: { INVALID: {} } }],
  ['a boolean', json({ content: true }), 422, { content: { INVALID: {} } }],
  ['a list', json({ content: ['x'] }), 422, { content: { INVALID: {} } }],
  ['an object', json({ content: { a: 'x' } }), 422, { content: { INVALID: {} } }],
  [
    'two files',
    {
      body: multipart([
        ['content', { name: 'a', contents: 'x' }],
        ['content', { name: 'b', contents: 'y' }],
      ]),
    },
    422,
    { content: { INVALID: {} } },
  ],
  [
    'a long message',
    json({ content: 'x', commit_message: 'm'.repeat(257) }),
    422,
    { commit_message: { TOO_LONG: { count: 256 } } },
  ],
  [
    'a message that is no text',
    json({ content: 'x', commit_message: {} }),
    422,
    { commit_message: { INVALID: {} } },
  ],
  [
    'both wrong',
    json({ content: [], commit_message: 'm'.repeat(257) }),
    422,
    { content: { INVALID: {} }, commit_message: { TOO_LONG: { count: 256 } } },
  ],
  [
    'a file beyond the limit',
    { body: multipart([['content', { name: 'a', contents: Buffer.alloc(2_097_153) }]]) },
    422,
    {
      contents_file_size: { LESS_THAN: { message: 'file_size_exceeded', count: '2097152 Bytes' } },
    },
  ],
];

const DRAFT: readonly Refusal[] = [
  ['no body', {}, 422, { content: { BLANK: {} } }],
  ['an empty wrapper', json({ workfile_draft: {} }), 422, { content: { BLANK: {} } }],
  ['another wrapper', json({ workfile: { content: 'x' } }), 422, { content: { BLANK: {} } }],
  ['a wrapper that is a text', json({ workfile_draft: 'x' }), 422, { content: { BLANK: {} } }],
  ['null', json({ content: null }), 422, { content: { BLANK: {} } }],
  ['a number', json({ content: 7 }), 422, { content: { INVALID: {} } }],
  ['a boolean', json({ content: false }), 422, { content: { INVALID: {} } }],
  ['a list', json({ content: [] }), 422, { content: { INVALID: {} } }],
  ['an object', json({ content: {} }), 422, { content: { INVALID: {} } }],
  [
    'a form with two',
    { headers: FORM, body: 'content=a&content=b' },
    422,
    { content: { INVALID: {} } },
  ],
];

describe('what is refused changes nothing', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let text: StoredWorkfile;
  let before: Readonly<Record<string, string>>;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(
      server.config({ WORKER_CONCURRENCY: '0', WORKFILE_LIMIT_BYTES: '2097152' }),
    );
    owner = await app.as('owner');
    text = await aWorkfile(server, { name: 'target.txt' });
    await owner.post(`/api/workfiles/${text.id}/draft`, { content: 'half' });
    before = await storedState(server.url);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const check = async (answer: Answer, status: number, fields: object | null = null) => {
    expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
    if (fields) expect(answer.json).toEqual({ errors: { fields } });
    if (status === 404) expect(answer.json).toEqual({ errors: { record: 'NOT_FOUND' } });
    if (status !== 422)
      expect(answer.text).not.toMatch(/select|insert|update|syntax|relation|pg_/i);
    expect(await storedState(server.url)).toEqual(before);
  };
  const cases = (all: readonly Refusal[]) =>
    [...UNREADABLE, ...all].map(([title, sent, status, fields = null]) => ({
      title,
      sent,
      status,
      fields,
    }));

  it.each(cases(CREATE))('creating: $title', async ({ sent, status, fields }) => {
    await check(await owner.call('POST', LIST, sent), status, fields);
  });

  it.each(cases(UPDATE))('changing: $title', async ({ sent, status, fields }) => {
    await check(await owner.call('PUT', `/api/workfiles/${text.id}`, sent), status, fields);
  });

  it.each(cases(COPY))('copying: $title', async ({ sent, status, fields }) => {
    await check(await owner.call('POST', `/api/workfiles/${text.id}/copy`, sent), status, fields);
  });

  it.each(cases(VERSION))('saving a version: $title', async ({ sent, status, fields }) => {
    const path = `/api/workfiles/${text.id}/versions`;
    await check(await owner.call('POST', path, sent), status, fields);
    await check(await owner.call('PUT', `${path}/${text.versionId}`, sent), status, fields);
  });

  it.each(cases(DRAFT))('writing a draft: $title', async ({ sent, status, fields }) => {
    const path = `/api/workfiles/${text.id}/draft`;
    await check(await owner.call('POST', path, sent), status, fields);
    await check(await owner.call('PUT', path, sent), status, fields);
  });

  it.each(cases([]))('reporting a result: $title', async ({ sent, status }) => {
    await check(await owner.call('POST', '/api/workfiles/1000005/results', sent), status);
  });

  it.each([
    ['no id', {}],
    ['an empty id', { result_id: '' }],
    ['a blank id', { result_id: '  ' }],
    ['null', { result_id: null }],
  ])('reporting a result with %s', async (_title, fields) => {
    const sent = json({ ...fields, results_written: 'true' });
    const answer = await owner.call('POST', '/api/workfiles/1000005/results', sent);
    await check(answer, 422, { result_id: { BLANK: {} } });
  });

  it.each([
    ['no ids', '', { workfile_ids: { BLANK: {} } }],
    ['an empty list', '?workfile_ids=', { workfile_ids: { BLANK: {} } }],
    ['no number', '?workfile_ids[]=x', { workfile_ids: { INVALID: {} } }],
    [
      'one that is no number',
      '?workfile_ids[]=1000010&workfile_ids[]=x',
      { workfile_ids: { INVALID: {} } },
    ],
    ['zero', '?workfile_ids[]=0', { workfile_ids: { INVALID: {} } }],
    ['a negative one', '?workfile_ids[]=-1000010', { workfile_ids: { INVALID: {} } }],
    ['a fraction', '?workfile_ids[]=1000010.5', { workfile_ids: { INVALID: {} } }],
    ['one beyond all ids', '?workfile_ids[]=99999999999', { workfile_ids: { INVALID: {} } }],
    ['SQL', '?workfile_ids[]=1000010);DELETE+FROM+workfiles', { workfile_ids: { INVALID: {} } }],
    ['an object', '?workfile_ids[a][b]=1', { workfile_ids: { INVALID: {} } }],
    [
      'one that a touchpoint needs',
      '?workfile_ids[]=1000010&workfile_ids[]=1000005',
      { workfile: { WORKLET_ASSOCIATED: {} } },
    ],
  ])('deleting many: %s', async (_title, parameters, fields) => {
    await check(await owner.delete(LIST + parameters), 422, fields);
  });

  it.each([
    '?workfile_ids[]=%E9',
    '?workfile_ids[]=%00',
    `?${'workfile_ids[]=1&'.repeat(700)}a=%FF`,
  ])('deleting many with a query that cannot be read: %.30s', async (parameters) => {
    await check(await owner.delete(LIST + parameters), 400);
  });

  it('deleting many of another workspace changes nothing there', async () => {
    const answer = await owner.delete(
      `/api/workspaces/${PRIVATE}/workfiles?workfile_ids[]=${text.id}`,
    );
    expect(answer.text).toBe('{}');
    expect(await storedState(server.url)).toEqual(before);
  });

  it.each(['page=0', 'page=x', 'per_page=-1', 'page=1;DROP', 'per_page[]=1'])(
    'listing with %s',
    async (parameters) => {
      expect((await owner.get(`${LIST}?${parameters}`)).status).toBe(422);
      expect((await owner.get(`/api/workfiles/${text.id}/versions?${parameters}`)).status).toBe(
        422,
      );
    },
  );

  it.each([
    'name_pattern[]=a',
    'file_type[a]=b',
    'order[]=date',
    `name_pattern=${encodeURIComponent(`' OR 1=1 --`)}`,
    `file_type=${encodeURIComponent(`sql' OR '1'='1`)}`,
  ])('listing with %s is no error', async (parameters) => {
    const answer = await owner.get(`${LIST}?${parameters}`);
    expect(answer.status).toBe(200);
    if (parameters.includes('OR')) expect(answer.response).toEqual([]);
  });

  it('a connection that breaks in the middle of an upload leaves nothing', async () => {
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    const head = [
      `POST ${LIST} HTTP/1.1`,
      'Host: localhost',
      `Cookie: ${owner.cookie!}`,
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 9000000',
      '',
      '--b',
      'Content-Disposition: form-data; name="workfile[versions_attributes][0][contents]"; filename="cut.bin"',
      '',
      'x'.repeat(1_900_000),
    ];
    await new Promise((resolve) => socket.write(head.join('\r\n'), resolve));
    socket.destroy();
    expect((await owner.get(LIST)).status).toBe(200);
    expect(await storedState(server.url)).toEqual(before);
    const [row] = await query(
      server.url,
      `SELECT count(*)::int AS n FROM workfiles WHERE file_name = 'cut.bin'`,
    );
    expect(row).toEqual({ n: 0 });
  });
});
