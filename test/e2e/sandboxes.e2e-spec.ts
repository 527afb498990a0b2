import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { badInputs, expectRefused } from '../support/bad-inputs.js';
import { fieldsOf } from '../support/documents.js';
import { Observer } from '../support/observer.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const PUBLIC = 1_000_008;
const PRIVATE = 1_000_009;
const ARCHIVED = 1_000_010;
const OUTSIDER = 1_000_008;
const DATA_SOURCE = 1_000_002;
const DATABASE = 1_000_001;
const DEMO_SCHEMA = 1_000_007;
const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };

describe('sandboxes', () => {
  let server: TestServer;
  let app: TestApp;
  let observer: Observer;
  let owner: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0', LOGIN_ATTEMPTS: '1000' }));
    observer = await Observer.on(server.dataUrl);
    [owner, admin] = await Promise.all([app.as('owner'), app.as('chorusadmin')]);
  });
  afterEach(async () => {
    expect(
      await observer.query(
        `SELECT query FROM pg_stat_activity WHERE application_name = 'fermata-sandbox'`,
      ),
    ).toEqual([]);
  });
  afterAll(async () => {
    await app.close();
    await observer.close();
    await server.stop();
  });

  const set = (client: TestClient, id: number, body: object) =>
    client.json('POST', `/api/workspaces/${id}/sandbox`, body);
  const shown = async (id: number) => (await owner.get(`/api/workspaces/${id}`)).response;
  const exists = async (schema: string) =>
    (await observer.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])).length > 0;
  const databaseExists = async (name: string) =>
    (await observer.query('SELECT FROM pg_database WHERE datname = $1', [name])).length > 0;
  const known = (schema: string) =>
    query(server.url, 'SELECT database_id FROM schemas WHERE name = $1 AND deleted_at IS NULL', [
      schema,
    ]);
  const fresh = async () => {
    const name = `Lab ${Math.random()}`;
    return (await owner.json('POST', '/api/workspaces', { name })).response.id as number;
  };

  it.each([
    ['nobody', 401],
    ['chorusadmin', 201],
    ['owner', 201],
    ['member', 403],
    ['outsider', 403],
  ])('are given by owner and administrators: %s', async (role, status) => {
    const client = role === 'nobody' ? app.anonymous : await app.as(role);
    const answer = await set(client, PRIVATE, { schema_id: DEMO_SCHEMA });
    expect(answer.status).toBe(status);
    if (status === 201) expect(answer.json).toEqual({});
    if (status === 403) expect(answer.json).toEqual({ errors: { model_data: {} } });
    const archived = await set(client, ARCHIVED, { schema_id: DEMO_SCHEMA });
    expect(archived.status).toBe(status === 201 ? 422 : status);
  });

  it('may be a schema that is known, from a form too', async () => {
    const id = await fresh();
    const answer = await owner.post(`/api/workspaces/${id}/sandbox`, {
      'sandbox[schema_id]': DEMO_SCHEMA,
      'sandbox[show_sandbox_datasets]': 'false',
    });
    expect(answer.status).toBe(201);
    expect(await shown(id)).toMatchObject({
      has_added_sandbox: true,
      show_sandbox_datasets: false,
      sandbox_info: {
        id: DEMO_SCHEMA,
        name: 'demo',
        entity_type: 'gpdb_schema',
        database: { id: DATABASE, data_source: { id: DATA_SOURCE } },
      },
    });
    expect(
      await query(
        server.url,
        `SELECT target1_type, target1_id, target2_id FROM events
         WHERE workspace_id = $1 AND action = 'WorkspaceAddSandbox'`,
        [id],
      ),
    ).toEqual([{ target1_type: 'schema', target1_id: DEMO_SCHEMA, target2_id: id }]);
  });

  it('may be created in a known database', async () => {
    const id = await fresh();
    const name = 'Odd "name"; DROP SCHEMA demo';
    expect((await set(owner, id, { schema_name: name, database_id: DATABASE })).status).toBe(201);
    expect(await exists(name)).toBe(true);
    expect(await exists('demo')).toBe(true);
    expect((await shown(id)).sandbox_info).toMatchObject({ name, database: { id: DATABASE } });
  });

  it('may be created in a database that is created too', async () => {
    const id = await fresh();
    const body = {
      schema_name: 'lab',
      database_name: 'Lab base',
      data_source_id: DATA_SOURCE,
    };
    const refusal = fieldsOf(await set(owner, id, body));
    expect(refusal).toEqual({
      database: { GENERIC: { message: expect.stringContaining('permission denied') } },
    });
    await observer.query('ALTER ROLE fermata_demo CREATEDB');
    expect((await set(owner, id, body)).status).toBe(201);
    expect(await databaseExists('Lab base')).toBe(true);
    expect((await shown(id)).sandbox_info).toMatchObject({
      name: 'lab',
      database: { name: 'Lab base' },
    });
    // Now it is known, and found by its name.
    const second = { ...body, schema_name: 'lab2' };
    expect((await set(owner, await fresh(), second)).status).toBe(201);
    // A schema that cannot be created takes the database with it that was created for it.
    const odd = { ...body, database_name: 'never', schema_name: 'pg_never' };
    expect(fieldsOf(await set(owner, id, odd))).toHaveProperty('schema');
    expect(await databaseExists('never')).toBe(false);
    expect(
      await query(server.url, `SELECT FROM databases WHERE name = 'never' AND deleted_at IS NULL`),
    ).toEqual([]);
    await observer.query('ALTER ROLE fermata_demo NOCREATEDB');
  });

  it('may be the schema public, which is taken as it is', async () => {
    const id = await fresh();
    const body = { schema_name: 'public', database_id: DATABASE };
    expect((await set(owner, id, body)).status).toBe(201);
    expect((await set(owner, await fresh(), body)).status).toBe(201);
    expect(await known('public')).toHaveLength(1);
  });

  it('take in datasets that were associated from there', async () => {
    expect((await shown(PUBLIC)).datasets_count).toBe(11);
    await set(owner, PUBLIC, { schema_id: DEMO_SCHEMA });
    const left = await query(
      server.url,
      'SELECT FROM associated_datasets WHERE workspace_id = $1',
      [PUBLIC],
    );
    expect(left).toEqual([]);
    // Three in the sandbox, two of the workspace's own.
    expect((await shown(PUBLIC)).datasets_count).toBe(5);
  });

  it('are not created when the database has something against it', async () => {
    const id = await fresh();
    const inDatabase = (schema_name: string) =>
      set(owner, id, { schema_name, database_id: DATABASE });
    expect(fieldsOf(await inDatabase('demo'))).toEqual({
      schema: { GENERIC: { message: 'schema "demo" already exists' } },
    });
    expect(fieldsOf(await inDatabase('pg_lab'))).toHaveProperty('schema.GENERIC.message');
    await query(server.url, 'UPDATE data_sources SET port = 1');
    expect(fieldsOf(await inDatabase('unreachable'))).toEqual({
      schema: { GENERIC: { message: expect.stringContaining('cannot connect') } },
    });
    await query(server.url, 'UPDATE data_sources SET port = $1', [new URL(server.url).port]);
    expect(await known('unreachable')).toEqual([]);
    expect((await shown(id)).sandbox_info).toBeNull();
  });

  it('are one for one of twenty that ask for the same name', async () => {
    const ids = [];
    for (let i = 0; i < 20; i += 1) ids.push(await fresh());
    const answers = await Promise.all(
      ids.map((id) => set(owner, id, { schema_name: 'contested', database_id: DATABASE })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(422)]);
    expect(await known('contested')).toHaveLength(1);
    expect(await exists('contested')).toBe(true);
  });

  it('need an account on the data source', async () => {
    const outsider = await app.as('outsider');
    const { response } = await outsider.json('POST', '/api/workspaces', {
      name: 'Without account',
    });
    const REFUSED = {
      errors: {
        model_data: {
          id: DATA_SOURCE,
          entity_type: 'gpdb_data_source',
          shared: false,
          owner_id: 1_000_006,
          name: 'Owners',
        },
      },
    };
    for (const body of [
      { schema_id: DEMO_SCHEMA },
      { schema_name: 'mine', database_id: DATABASE },
      { schema_name: 'mine', database_name: 'default', data_source_id: DATA_SOURCE },
      { schema_name: 'mine', database_name: 'new', data_source_id: DATA_SOURCE },
    ]) {
      const answer = await set(outsider, response.id, body);
      expect([answer.status, answer.json]).toEqual([403, REFUSED]);
    }
    expect(response.owner.id).toBe(OUTSIDER);
  });

  it('are in a place that exists', async () => {
    for (const body of [
      { schema_id: 7 },
      { schema_name: 'lab', database_id: 7 },
      { schema_name: 'lab', database_name: 'lab', data_source_id: 7 },
    ])
      expect((await set(admin, PRIVATE, body)).json).toEqual(NOT_FOUND);
    expect((await set(admin, 7, { schema_id: DEMO_SCHEMA })).json).toEqual(NOT_FOUND);
    expect(fieldsOf(await set(admin, PRIVATE, {}))).toEqual({
      schema_name: { BLANK: {} },
      database_name: { BLANK: {} },
      data_source_id: { BLANK: {} },
    });
    expect(fieldsOf(await set(admin, PRIVATE, { database_id: DATABASE }))).toEqual({
      schema_name: { BLANK: {} },
    });
    const long = 'é'.repeat(32);
    expect(
      fieldsOf(await set(admin, PRIVATE, { schema_name: long, database_id: DATABASE })),
    ).toEqual({
      schema_name: { TOO_LONG: { count: 63 } },
    });
  });

  it('refuse every bad input, and nothing is changed', async () => {
    const bad = [
      ...badInputs({
        good: { schema_name: 'never', database_id: DATABASE },
        texts: { schema_name: 63 },
        ids: ['schema_id', 'database_id'],
        flags: ['show_sandbox_datasets'],
      }),
      ...badInputs({
        good: { schema_name: 'never', database_name: 'never', data_source_id: DATA_SOURCE },
        texts: { database_name: 63 },
        ids: ['data_source_id'],
      }),
    ];
    await expectRefused(server, owner, ['POST', `/api/workspaces/${PRIVATE}/sandbox`], bad);
    expect(await exists('never')).toBe(false);
    expect(await databaseExists('never')).toBe(false);
  });
});
