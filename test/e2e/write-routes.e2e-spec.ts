import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addressOf,
  badAddresses,
  badInputs,
  type BadInput,
  expectRefused,
  type WritableAttributes,
} from '../support/bad-inputs.js';
import { aDataSource, MEMBER, OUTSIDER, OWNER, post, quiet } from '../support/data-sources.js';
import { json } from '../support/forms.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { anSqlFile } from '../support/sql-files.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PRIVATE } from '../support/workfiles.js';

type Fields = Readonly<Record<string, unknown>>;

type Clients = Readonly<Record<'owner' | 'admin' | 'leaving', TestClient>>;

/** What may be sent to a route that writes. */
interface WriteRoute extends Omit<WritableAttributes, 'good'> {
  /** Parameters of its path; an id that is made for the spec, by its name there. */
  readonly path?: Readonly<Record<string, string | number>>;
  /** Parameters that may be anything. */
  readonly free?: readonly string[];
  /** A value in braces is one of `ids`. */
  readonly good?: Fields;
  readonly by?: keyof Clients;
  /** Why even the good one is refused here. */
  readonly untaken?: string;
  /** Titles of what is no mistake here. */
  readonly allowed?: RegExp;
  /** Queries that are refused. */
  readonly queries?: readonly string[];
}

// Made for the spec; see `ids`.
const SOURCE = { id: 'source' };
const LAKE = { id: 'lake' };
const FILE = { id: 'file' };
const USER = { id: 'user' };
const SPACE = { id: 'workspace' };
/** Forms have nothing but texts; these routes take a number of JSON as its digits. */
const NUMBERS_ARE_TEXTS = /: a number$/;

/** Of a role that the data source knows. */
const ROLE = { db_username: 'somebody', db_password: 'never' };
const CREDENTIALS = {
  good: ROLE,
  required: ['db_username', 'db_password'],
  texts: { db_username: 256, db_password: 1024 },
  allowed: NUMBERS_ARE_TEXTS,
} as const;
const SOURCE_ATTRIBUTES = {
  required: ['name', 'host', 'db_name'],
  texts: { name: 64, host: 256, db_name: 256, description: 10_000 },
  flags: ['ssl', 'public'],
  choices: ['state'],
  taken: { name: 'oWNERS' },
  others: { 'a port in words': { port: 'http' }, 'a large port': { port: 65_536 } },
  allowed: NUMBERS_ARE_TEXTS,
} as const;
const LAKE_ATTRIBUTES = {
  required: ['name', 'host', 'hdfs_version'],
  texts: { name: 64, host: 256, hdfs_version: 256, username: 256, group_list: 256 },
  flags: ['high_availability', 'is_hdfs_hive'],
  choices: ['state'],
  taken: { name: 'oWNERS' },
  allowed: NUMBERS_ARE_TEXTS,
} as const;
const USER_ATTRIBUTES = {
  by: 'admin',
  required: ['username', 'first_name', 'last_name', 'email'],
  texts: { username: 256, first_name: 256, last_name: 256, email: 256, title: 256, notes: 4096 },
  flags: ['admin', 'subscribed_to_emails'],
  choices: ['user_type', 'roles'],
  taken: { username: 'oWNER' },
} as const;
const WORKSPACE_ATTRIBUTES = {
  required: ['name'],
  texts: { name: 256, summary: 10_000 },
  flags: ['public', 'is_project'],
  choices: ['project_status'],
  ids: ['workspace_stage_id'],
  taken: { name: 'pUBLIC' },
} as const;
const STOP = { texts: { reason: 1000 }, flags: ['force'] } as const;
const DRAFT = {
  path: { id: 'sql' },
  good: { content: 'never' },
  texts: { content: null },
  // As long as a body may be.
  allowed: /content: (with NUL|too long)/,
} as const;
const VERSION = {
  good: { content: 'never' },
  texts: { commit_message: 256 },
  allowed: NUMBERS_ARE_TEXTS,
} as const;
const IMAGE = {
  texts: { files: null },
  untaken: 'JSON holds no file',
} as const;
const DATASET_IDS = {
  path: { workspace_id: 'workspace' },
  good: { dataset_ids: [1_000_014, 1_000_015] },
  others: {
    'no ids': { dataset_ids: [] },
    'a blank': { dataset_ids: ' ' },
    'too many': { dataset_ids: Array.from({ length: 1001 }, (_, i) => i + 1) },
    'a boolean': { dataset_ids: true },
  },
};

/** Every route that writes. A new one is missing here until somebody says what may be wrong with it. */
const ROUTES: Readonly<Record<string, WriteRoute>> = {
  'POST /alpinedatalabs/api/v1/json/processes/{processId}/stop': {
    path: { processId: '00000000-0000-4000-8000-000000000000' },
    // Any of them: "Invalid processId or Workflow already stopped."
    free: ['processId'],
    queries: ['stopTimeOut=soon', 'stopTimeOut=-1', 'stopTimeOut=301', 'stopTimeOut[]=1'],
  },
  'POST /alpinedatalabs/api/v1/json/workflows/{workflowId}/run': {
    path: { workflowId: 'workflow' },
    untaken: 'it waits for a worker',
    queries: ['startTimeOut=soon', 'startTimeOut=-1', 'startTimeOut=301', 'startTimeOut[]=1'],
    others: {
      'variables that are no list': { variables: { a: 1 } },
      'a variable without a value': { variables: [{ name: '@a' }] },
      'a variable without a name': { variables: [{ value: '1' }] },
      'a variable that is null': { variables: [null] },
      'an object as value': { variables: [{ name: '@a', value: {} }] },
      'a list as value': { '@a': [] },
      'too many': { variables: Array.from({ length: 1001 }, () => ({ name: '@a', value: 1 })) },
      'a long value': { '@a': 'x'.repeat(100_001) },
    },
  },
  'POST /alpinedatalabs/main/chorus.do': {
    untaken: 'a method is needed; with one: below',
    queries: [
      ...['method=', 'method=dropEverything', 'method[]=runWorkFlow', 'method=runWorkFlow'],
      ...['', 'abc', '0', '-1', '1.5', '2147483648', '%2B1'].map(
        (id) => `method=runWorkFlow&workfile_id=${id}`,
      ),
    ],
  },
  'POST /api/data_sources': {
    ...SOURCE_ATTRIBUTES,
    good: {
      entity_type: 'pg_data_source',
      name: 'Never',
      host: '127.0.0.1',
      port: '{port}',
      db_name: 'default',
      ...ROLE,
    },
    required: ['entity_type', ...SOURCE_ATTRIBUTES.required, ...CREDENTIALS.required],
    texts: { ...SOURCE_ATTRIBUTES.texts, ...CREDENTIALS.texts },
    flags: [...SOURCE_ATTRIBUTES.flags, 'shared', 'is_hawq'],
    choices: ['entity_type', 'state'],
  },
  'PUT /api/data_sources/{id}': { ...SOURCE_ATTRIBUTES, path: SOURCE, good: { description: 'n' } },
  'DELETE /api/data_sources/{id}': { path: SOURCE },
  'POST /api/data_sources/{id}/account': { ...CREDENTIALS, path: SOURCE },
  'PUT /api/data_sources/{id}/account': { ...CREDENTIALS, path: SOURCE },
  'DELETE /api/data_sources/{id}/account': { path: SOURCE },
  'POST /api/data_sources/{id}/members': {
    ...CREDENTIALS,
    path: SOURCE,
    good: { ...CREDENTIALS.good, owner_id: OUTSIDER },
    ids: ['owner_id'],
  },
  'PUT /api/data_sources/{id}/members/{account_id}': {
    ...CREDENTIALS,
    path: { id: 'source', account_id: 'account' },
  },
  'DELETE /api/data_sources/{id}/members/{account_id}': {
    path: { id: 'source', account_id: 'account' },
  },
  'PUT /api/data_sources/{id}/owner': { path: SOURCE, good: { id: OWNER }, ids: ['id'] },
  'POST /api/data_sources/{id}/sharing': { path: { id: 'shared' } },
  'DELETE /api/data_sources/{id}/sharing': { path: { id: 'shared' } },
  'POST /api/data_sources/{id}/stop': { ...STOP, path: SOURCE },
  'POST /api/datasets/{id}/previews': {
    path: { id: 1_000_011 },
    good: { check_id: 'never' },
    required: ['check_id'],
    texts: { check_id: 255 },
  },
  'DELETE /api/datasets/{id}/previews/{check_id}': {
    path: { id: 1_000_011, check_id: 'never' },
    free: ['check_id'],
  },
  'POST /api/hdfs_data_sources': {
    ...LAKE_ATTRIBUTES,
    good: { name: 'Never either', host: 'h', port: 1, hdfs_version: 'x' },
  },
  'PUT /api/hdfs_data_sources/{id}': { ...LAKE_ATTRIBUTES, path: LAKE, good: { description: 'n' } },
  'DELETE /api/hdfs_data_sources/{id}': { path: LAKE },
  'POST /api/runs/stop': {
    ...STOP,
    good: { all: true },
    flags: [...STOP.flags, 'all'],
    others: Object.fromEntries(
      ['user_id', 'workspace_id', 'data_source_id', 'older_than'].flatMap((name) =>
        ['abc', -1, 1.5, 1e30, '9'.repeat(40), {}, [[]], true].map((value, i) => [
          `${name} ${i}`,
          { [name]: value },
        ]),
      ),
    ),
    lists: ['ids'],
  },
  'POST /api/sessions': { good: { username: 'owner', password: 'secret' } },
  'DELETE /api/sessions': { by: 'leaving' },
  'POST /api/users': {
    ...USER_ATTRIBUTES,
    good: {
      ...{ username: 'never', password: 'demo62', first_name: 'A', last_name: 'B' },
      email: 'a@example.org',
    },
    texts: { ...USER_ATTRIBUTES.texts, password: 256 },
  },
  'PUT /api/users/{id}': { ...USER_ATTRIBUTES, path: USER, good: { title: 'Never' } },
  'DELETE /api/users/{id}': { path: USER, by: 'admin' },
  'POST /api/users/{id}/image': { ...IMAGE, path: USER, by: 'admin' },
  'PUT /api/workfiles/{id}': {
    path: FILE,
    good: { description: 'never' },
    required: ['file_name'],
    texts: { file_name: 255, description: 10_000 },
    choices: ['status'],
    others: {
      'a name with a slash': { file_name: '../x' },
      'a schema that is nobody’s': { execution_schema: { id: 4711 } },
      'a schema that is a text': { execution_schema: 'x' },
    },
    taken: { file_name: 'golf.sql' },
    allowed: NUMBERS_ARE_TEXTS,
  },
  'DELETE /api/workfiles/{id}': { path: FILE },
  'POST /api/workfiles/{id}/copy': {
    path: FILE,
    ids: ['workspace_id'],
    texts: { file_name: 255 },
    taken: { file_name: 'golf.sql' },
    others: { 'a name with a slash': { file_name: '../x' } },
    allowed: NUMBERS_ARE_TEXTS,
  },
  'POST /api/workfiles/{id}/draft': DRAFT,
  'PUT /api/workfiles/{id}/draft': DRAFT,
  'DELETE /api/workfiles/{id}/draft': { path: DRAFT.path },
  'POST /api/workfiles/{id}/executions': {
    path: { id: 'sql' },
    good: { check_id: 'never', sql: 'SELECT 1' },
    required: ['check_id', 'sql'],
    texts: { check_id: 255, sql: 1_000_000 },
    others: {
      'half a row': { download: 1, num_of_rows: 1.5 },
      'no row count': { download: 1, num_of_rows: 'all' },
      'a long file name': { download: 1, file_name: 'x'.repeat(201) },
    },
  },
  'DELETE /api/workfiles/{id}/executions/{check_id}': {
    path: { id: 'sql', check_id: 'never' },
    free: ['check_id'],
  },
  'POST /api/workfiles/{id}/results': {
    path: { id: 'workflow' },
    good: { results_written: 'true', result_id: 'never' },
    required: ['result_id'],
    texts: { result_id: 255 },
    allowed: NUMBERS_ARE_TEXTS,
  },
  'POST /api/workfiles/{id}/run': { path: { id: 'workflow' } },
  'POST /api/workfiles/{id}/stop': { ...STOP, path: { id: 'workflow' } },
  'POST /api/workfiles/{id}/versions': { ...VERSION, path: { id: 'versioned' } },
  'PUT /api/workfiles/{id}/versions/{version_id}': {
    ...VERSION,
    path: { id: 'file', version_id: 'version' },
  },
  'DELETE /api/workfiles/{id}/versions/{version_id}': {
    path: { id: 'versioned', version_id: 'first version' },
  },
  'POST /api/workspaces': { ...WORKSPACE_ATTRIBUTES, good: { name: 'Never' } },
  'PUT /api/workspaces/{id}': {
    ...WORKSPACE_ATTRIBUTES,
    path: SPACE,
    good: { summary: 'Never' },
    flags: [...WORKSPACE_ATTRIBUTES.flags, 'archived'],
    ids: ['workspace_stage_id', 'owner_id'],
  },
  'DELETE /api/workspaces/{id}': { path: SPACE },
  'POST /api/workspaces/{id}/image': { ...IMAGE, path: SPACE },
  'POST /api/workspaces/{id}/members': {
    path: SPACE,
    good: { members: [{ user_id: 1_000_006, role: 'Project Manager' }] },
    lists: ['members'],
    others: {
      'an unknown role': { members: [{ user_id: 1_000_006, role: 'King' }] },
      'not the owner': { members: [{ user_id: MEMBER, role: 'Project Member' }] },
      'somebody unknown': { members: [{ user_id: 1_000_006 }, { user_id: 4711 }] },
    },
  },
  'DELETE /api/workspaces/{id}/quickstart': { path: SPACE },
  'POST /api/workspaces/{id}/sandbox': {
    path: SPACE,
    good: { schema_name: 'never', database_id: 1_000_001 },
    texts: { schema_name: 63 },
    ids: ['schema_id', 'database_id'],
    flags: ['show_sandbox_datasets'],
  },
  'POST /api/workspaces/{id}/stop': { ...STOP, path: SPACE },
  'POST /api/workspaces/{workspace_id}/datasets': {
    ...DATASET_IDS,
    others: { ...DATASET_IDS.others, 'nobody’s': { dataset_ids: [4711] } },
    lists: ['dataset_ids'],
  },
  'DELETE /api/workspaces/{workspace_id}/datasets': DATASET_IDS,
  'DELETE /api/workspaces/{workspace_id}/datasets/{id}': {
    path: { workspace_id: 'workspace', id: 1_000_014 },
  },
  'POST /api/workspaces/{workspace_id}/workfiles': {
    path: { workspace_id: 'workspace' },
    good: { file_name: 'never' },
    required: ['file_name'],
    texts: { file_name: 255, description: 10_000, link_url: 2048 },
    choices: ['entity_subtype'],
    others: {
      'a name with a slash': { file_name: '../x' },
      'a touchpoint': { entity_subtype: 'worklet' },
      'a script as link': { link_url: 'javascript:1' },
      'no place': {
        entity_subtype: 'alpine',
        execution_locations: [{ entity_type: 'moon', id: 1 }],
      },
    },
    // Anything else than the known kinds is a file (chorus-api.md 9.2).
    allowed: /: a number$|^entity_subtype: /,
  },
  'DELETE /api/workspaces/{workspace_id}/workfiles': {
    path: { workspace_id: 'workspace' },
    good: { workfile_ids: '{listed}' },
    lists: ['workfile_ids'],
    queries: ['workfile_ids[]=x', 'workfile_ids[]=0', 'workfile_ids=', 'workfile_ids[a][b]=1'],
  },
};

describe('routes that write', () => {
  let server: TestServer;
  let app: TestApp;
  let clients: Clients;
  const ids: Record<string, number> = {};

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0', LOGIN_ATTEMPTS: '1000' }));
    const [owner, admin, leaving] = await Promise.all([
      app.as('owner'),
      app.as('chorusadmin'),
      app.as('member'),
    ]);
    clients = { owner, admin, leaving };
    await query(server.url, `CREATE ROLE somebody LOGIN PASSWORD 'never'`);
    ids['source'] = await aDataSource(server, owner);
    // Sharing takes the accounts of others away.
    ids['shared'] = await aDataSource(server, owner);
    const account = { ...ROLE, owner_id: MEMBER };
    const members = `/api/data_sources/${ids['source']}/members`;
    ids['account'] = (await post(owner, members, account)).response.id as number;
    const lake = { name: 'a lake', host: 'h', port: 1, hdfs_version: 'x' };
    ids['lake'] = (await post(owner, '/api/hdfs_data_sources', lake)).response.id as number;
    ids['workspace'] = PRIVATE;
    const { id, versionId } = await aWorkfile(server);
    ids['file'] = id;
    ids['version'] = versionId!;
    const versioned = await aWorkfile(server);
    ids['versioned'] = versioned.id;
    ids['first version'] = versioned.versionId!;
    ids['listed'] = (await aWorkfile(server, { workspaceId: PRIVATE })).id;
    ids['sql'] = Number(/\d+/.exec(await anSqlFile(server)));
    ids['port'] = Number(new URL(server.url).port);
    ids['workflow'] = (await aWorkfile(server, { kind: 'workflow' })).id;
    const user = { username: 'target', password: 'demo62', first_name: 'A', last_name: 'B' };
    const made = await post(admin, '/api/users', { ...user, email: 'a@example.org' });
    ids['user'] = made.response.id as number;
    await quiet(server);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const addressed = (route: string) => {
    const [method = '', template = ''] = route.split(' ');
    const values = Object.fromEntries(
      Object.entries(ROUTES[route]!.path ?? {}).map(([name, value]) => [name, ids[value] ?? value]),
    );
    return { method, template, values, address: addressOf(template, values) };
  };
  const filled = (good: Fields = {}): Fields =>
    Object.fromEntries(
      Object.entries(good).map(([name, value]) => [
        name,
        ids[/^\{(\w+)\}$/.exec(String(value))?.[1] ?? ''] ?? value,
      ]),
    );

  it('are those that are documented', async () => {
    const { json } = await app.anonymous.get('/docs-json');
    const documented = Object.entries(json.paths as Record<string, object>).flatMap(
      ([path, methods]) =>
        Object.keys(methods)
          .filter((method) => !['get', 'head', 'options'].includes(method))
          .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(Object.keys(ROUTES).sort());
  });

  it.each(Object.keys(ROUTES))('refuse what is wrong, and change nothing: %s', async (route) => {
    const { free, by = 'owner', allowed, queries = [], good, ...attributes } = ROUTES[route]!;
    const { method, template, values, address } = addressed(route);
    const inputs: BadInput[] = [
      ...badInputs({ ...attributes, good: filled(good) }).filter(
        ({ title }) => allowed?.test(title) !== true,
      ),
      ...badAddresses(template, values, free),
      ...queries.map((query) => ({ title: query, path: `${address}?${query}`, options: {} })),
    ];
    await expectRefused(server, clients[by], [method, address], inputs);
  });

  it('refuse what is wrong, and change nothing: the engine’s internal interface, asked to run', async () => {
    const path = '/alpinedatalabs/main/chorus.do?method={method}&workfile_id={id}';
    const inputs = [
      ...badInputs({ good: {} }),
      ...badAddresses(path, { id: ids['workflow']!, method: 'runWorkFlow' }).filter(
        // A query that cannot be read is one already.
        ({ title }) => !title.startsWith('a query'),
      ),
    ];
    const good = addressOf(path, { id: ids['workflow']!, method: 'runWorkFlow' });
    await expectRefused(server, clients.owner, ['POST', good], inputs);
  });

  it('take what is right', async () => {
    const deletes = (route: string) => route.startsWith('DELETE');
    const routes = Object.keys(ROUTES);
    const refused: Record<string, string> = {};
    // What is there goes last, and what is in something before it.
    for (const route of [
      ...routes.filter((one) => !deletes(one)),
      ...routes.filter(deletes).reverse(),
    ]) {
      const { by = 'owner', good, untaken } = ROUTES[route]!;
      if (untaken !== undefined) continue;
      const { method, address } = addressed(route);
      const { status, text } = await clients[by].call(method, address, json(filled(good)));
      if (status >= 300) refused[route] = `${status} ${text.slice(0, 200)}`;
    }
    expect(refused).toEqual({});
  });
});
