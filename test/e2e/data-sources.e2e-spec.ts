import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import {
  aDataSource,
  aRole,
  attributesOf,
  create,
  DEMO_SOURCE,
  OWNER,
  put,
  quietState,
  type TestRole,
} from '../support/data-sources.js';
import { json } from '../support/forms.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };
const PATH = '/api/data_sources';

describe('data sources', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let member: TestClient;
  let outsider: TestClient;
  let admin: TestClient;
  let role: TestRole;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(
      server.config({ WORKER_CONCURRENCY: '0', CONNECT_TIMEOUT_MS: '1500' }),
    );
    [owner, member, outsider, admin] = (await Promise.all(
      (['owner', 'member', 'outsider', 'chorusadmin'] as const).map((name) => app.as(name)),
    )) as [TestClient, TestClient, TestClient, TestClient];
    role = await aRole(server);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const good = (others: object = {}) => attributesOf(server, role, others);
  const eventsOf = (id: number) =>
    query(
      server.url,
      `SELECT action, actor_id, additional_data AS data FROM events
       WHERE target1_type = 'data_source' AND target1_id = $1 ORDER BY id`,
      [id],
    );

  describe('show', () => {
    it('prints the documented keys in their order', async () => {
      const { response, text } = await owner.get(`${PATH}/${DEMO_SOURCE}`);
      expect(Object.keys(response)).toEqual([
        ...['id', 'name', 'entity_type', 'is_deleted', 'shared', 'owner_id', 'version', 'is_hawq'],
        ...['state', 'public', 'host', 'port', 'ssl', 'online', 'db_name', 'description'],
        ...['schema_blacklist', 'db_username', 'owner', 'tags', 'data_source_provider'],
        'complete_json',
      ]);
      expect(response).toMatchObject({
        id: DEMO_SOURCE,
        name: 'Owners',
        entity_type: 'gpdb_data_source',
        is_deleted: false,
        version: '9.1.2 - FactoryVersion',
        online: true,
        db_username: 'fermata_demo',
        owner: { username: 'owner', complete_json: true },
        data_source_provider: 'Greenplum Database',
      });
      expect(text).not.toContain('password');
    });

    it('is for everybody, and hides what is out of use from all but those who manage it', async () => {
      const id = await aDataSource(server, owner);
      for (const client of [owner, member, outsider, admin])
        expect((await client.get(`${PATH}/${id}`)).status).toBe(200);
      expect((await app.anonymous.get(`${PATH}/${id}`)).status).toBe(401);
      for (const state of ['disabled', 'incomplete']) {
        await query(server.url, 'UPDATE data_sources SET state = $2 WHERE id = $1', [id, state]);
        for (const client of [owner, admin])
          expect((await client.get(`${PATH}/${id}`)).response.state).toBe(state);
        for (const client of [member, outsider])
          expect((await client.get(`${PATH}/${id}`)).json).toEqual(NOT_FOUND);
      }
    });

    it.each(['1', '0', 'abc', '-1', '99999999999', '1.5', '%00'])('knows no %s', async (id) => {
      for (const path of [PATH, '/api/hdfs_data_sources'])
        expect((await owner.get(`${path}/${id}`)).json).toEqual(NOT_FOUND);
    });
  });

  describe('list', () => {
    const names = async (client: TestClient, parameters = '') =>
      ((await client.get(`${PATH}?per_page=100&${parameters}`)).response as { name: string }[]).map(
        ({ name }) => name,
      );

    it('is what the reference client asks for and needs', async () => {
      const answer = await owner.get(
        `${PATH}?session_id=${owner.token}&all=True&per_page=100&page=1`,
      );
      expect(answer.status).toBe(200);
      const records = answer.response.length as number;
      expect(answer.json.pagination).toEqual({ page: 1, per_page: 100, records, total: 1 });
      for (const one of answer.response) {
        expect(one).toMatchObject({ id: expect.any(Number), name: expect.any(String) });
        expect(one.owner.username).toEqual(expect.any(String));
        expect(Object.keys(one).sort()).toEqual(
          [
            ...['complete_json', 'data_source_provider', 'db_name', 'db_username', 'description'],
            ...['entity_type', 'host', 'id', 'is_deleted', 'is_hawq', 'name', 'online', 'owner'],
            ...['owner_id', 'port', 'public', 'schema_blacklist', 'shared', 'ssl', 'state'],
            ...['tags', 'version'],
          ].sort(),
        );
      }
      const hadoop = await owner.get(
        `/api/hdfs_data_sources?session_id=${owner.token}&all=True&per_page=100&page=1`,
      );
      expect(hadoop.json).toEqual({
        response: [],
        pagination: { page: 1, per_page: 100, records: 0, total: 1 },
      });
      const databases = await owner.get(
        `${PATH}/${DEMO_SOURCE}/databases?session_id=${owner.token}&all=True&per_page=100&page=1`,
      );
      expect(databases.json.pagination).toMatchObject({ page: 1, total: 1 });
      expect(databases.response[0]).toMatchObject({
        id: expect.any(Number),
        name: expect.any(String),
      });
    });

    it('has what is shared, public, one’s own or has one’s account; all with `all`', async () => {
      await aDataSource(server, owner, { name: 'list: owners' });
      await aDataSource(server, owner, { name: 'List: shared', shared: true });
      await aDataSource(server, owner, { name: 'list: public', public: true });
      const disabled = await aDataSource(server, owner, { name: 'list: disabled' });
      await put(owner, `${PATH}/${disabled}`, { state: 'disabled' });
      const listed = async (client: TestClient, parameters?: string) =>
        (await names(client, parameters)).filter((name) => /^list: /i.test(name));
      expect(await listed(owner)).toEqual([
        'list: disabled',
        'list: owners',
        'list: public',
        'List: shared',
      ]);
      expect(await listed(outsider)).toEqual(['list: public', 'List: shared']);
      expect(await listed(admin)).toEqual(['list: public', 'List: shared']);
      for (const all of ['all=True', 'all=', 'all=false'])
        expect(await listed(outsider, all)).toEqual([
          'list: owners',
          'list: public',
          'List: shared',
        ]);
      expect(await listed(admin, 'all=1')).toContain('list: disabled');
      expect(await listed(owner, 'filter_disabled=true')).not.toContain('list: disabled');
      expect(await listed(owner, 'filter_disabled=1')).toContain('list: disabled');
      expect(await names(outsider)).not.toContain('Owners');
      expect(await names(member)).toContain('Owners');
    });

    it('is paged, filtered by kind, and short when it shall be', async () => {
      const short = await owner.get(`${PATH}?succinct=true&entity_type=gpdb_data_source`);
      expect(short.response).toEqual([
        {
          id: DEMO_SOURCE,
          name: 'Owners',
          entity_type: 'gpdb_data_source',
          is_deleted: null,
          shared: false,
          owner_id: OWNER,
          version: '9.1.2 - FactoryVersion',
          is_hawq: null,
          state: 'online',
          public: false,
        },
      ]);
      const kinds = await owner.get(
        `${PATH}?entity_type[]=gpdb_data_source&entity_type[]=oracle_data_source`,
      );
      expect(kinds.response).toHaveLength(1);
      expect((await owner.get(`${PATH}?entity_type=hdfs_data_source`)).response).toEqual([]);
      expect((await owner.get(`${PATH}?entity_type=nothing`)).response).toEqual([]);
      const all = await names(owner, 'all=1');
      const second = await owner.get(`${PATH}?all=1&per_page=2&page=2`);
      expect(second.response.map(({ name }: { name: string }) => name)).toEqual(all.slice(2, 4));
      expect(second.json.pagination).toEqual({
        page: 2,
        per_page: 2,
        records: all.length,
        total: Math.ceil(all.length / 2),
      });
      expect((await owner.get(`${PATH}?page=0`)).status).toBe(422);
      expect((await app.anonymous.get(PATH)).status).toBe(401);
    });
  });

  describe('create', () => {
    it('registers a live one that answers', async () => {
      const answer = await create(member, good({ name: 'Live', description: 'All of it' }));
      expect(answer.status).toBe(201);
      expect(answer.response).toMatchObject({
        name: 'Live',
        entity_type: 'pg_data_source',
        state: 'online',
        online: true,
        shared: false,
        public: false,
        ssl: false,
        is_hawq: null,
        description: 'All of it',
        db_username: role.name,
        version: expect.stringMatching(/^\d+/),
        owner: { username: 'member' },
        data_source_provider: 'PostgreSQL Database',
      });
      expect(answer.text).not.toContain(role.password);
      expect(await eventsOf(answer.response.id)).toEqual([
        { action: 'DataSourceCreated', actor_id: 1_000_007, data: {} },
      ]);
    });

    it('takes attributes in their wrapper, in forms, and none that it does not know', async () => {
      const wrapped = await create(owner, {
        data_source: { ...good(), owner_id: 1, id: 7, state: null },
        name: 'x',
      });
      expect(wrapped.status).toBe(201);
      expect(wrapped.response.owner_id).toBe(OWNER);
      const attributes = good({ ssl: '', shared: '1', is_hawq: 'false' });
      const fields = Object.entries(attributes).map(([name, value]) => [
        `data_source[${name}]`,
        value,
      ]);
      const form = await owner.post(PATH, Object.fromEntries(fields));
      expect(form.status).toBe(201);
      expect(form.response).toMatchObject({ ssl: false, shared: true, is_hawq: false });
    });

    it('says why a live one does not answer, with the documented types', async () => {
      await query(server.url, 'ALTER ROLE postgres CONNECTION LIMIT -1');
      const full = await aRole(server);
      await query(server.url, `ALTER ROLE ${full.name} CONNECTION LIMIT 0`);
      const closed = await aRole(server);
      await query(server.url, 'CREATE DATABASE closed_to_all');
      await query(server.url, 'REVOKE CONNECT ON DATABASE closed_to_all FROM PUBLIC');
      const noLogin = await aRole(server);
      await query(server.url, `ALTER ROLE ${noLogin.name} NOLOGIN`);
      const silent = await listening(() => undefined);
      const chatty = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      // A login that the client library does not know; an error whose text has no end, which it would read for ever.
      const [strange, endless] = (await Promise.all(
        ['520000000800000007', '450000000558'].map((bytes) =>
          listening((socket) => socket.write(Buffer.from(bytes, 'hex'))),
        ),
      )) as [Server, Server];
      const port = (one: Server) => (one.address() as { port: number }).port;
      const answers = async (others: object) => {
        const before = await quietState(server);
        const answer = await create(owner, good(others));
        expect(answer.status).toBe(422);
        expect(await quietState(server)).toEqual(before);
        expect(answer.text).not.toContain(role.password);
        return answer.json.errors as Record<string, unknown>;
      };
      expect(await answers({ db_password: 'wrong-4711' })).toEqual({
        fields: { base: { INVALID_PASSWORD: {} } },
      });
      expect(await answers({ db_username: 'nobody' })).toEqual({
        fields: { base: { INVALID_PASSWORD: {} } },
      });
      expect(await answers({ db_name: 'nowhere' })).toMatchObject({ record: 'DATABASE_MISSING' });
      const as = (one: TestRole) => ({ db_username: one.name, db_password: one.password });
      expect(await answers(as(full))).toMatchObject({ record: 'TOO_MANY_CONNECTIONS' });
      expect(await answers({ ...as(closed), db_name: 'closed_to_all' })).toMatchObject({
        record: 'AUTHORIZATION_FAILED',
      });
      expect(await answers(as(noLogin))).toMatchObject({ record: 'AUTHORIZATION_FAILED' });
      expect(await answers({ port: 1 })).toMatchObject({
        record: 'DATA_SOURCE_UNREACHABLE',
        message: expect.stringContaining('ECONNREFUSED'),
      });
      expect(await answers({ host: 'no-such-host.invalid' })).toMatchObject({
        record: 'DATA_SOURCE_UNREACHABLE',
      });
      // Bounded in time.
      expect(await answers({ port: port(silent) })).toMatchObject({
        record: 'DATA_SOURCE_UNREACHABLE',
      });
      for (const one of [chatty, strange, endless])
        expect(await answers({ port: port(one) })).toMatchObject({
          record: 'DATA_SOURCE_UNREACHABLE',
        });
      expect(await answers({ ssl: true })).toMatchObject({ record: 'DATA_SOURCE_UNREACHABLE' });
      expect(await answers({ is_hawq: true })).toEqual({
        fields: { base: { INVALID_HAWQ_DATA_SOURCE: {} } },
      });
      for (const one of [silent, chatty, strange, endless]) one.close();
    });

    it.each([
      ['oracle_data_source', { port: 1521, db_name: 'ORCL', host: 'oracle.example.org' }],
      ['jdbc_data_source', { host: 'jdbc:mysql://db.example.org/sales' }],
      [
        'jdbc_hive_data_source',
        {
          host: 'jdbc:hive2://hive.example.org:10000',
          hive_kerberos: true,
          hive_kerberos_principal: 'hive/x@Y',
        },
      ],
      ['hawq_data_source', { port: 5432, db_name: 'gpadmin', host: 'hawq.example.org' }],
    ])('registers %s as it is, and says what it cannot do', async (entity_type, others) => {
      const name = `kind ${entity_type}`;
      const account = { db_username: 'scott', db_password: 'marker-4711' };
      const answer = await create(owner, { entity_type, name, ...account, ...others });
      expect(answer.status).toBe(201);
      expect(answer.response).toMatchObject({
        entity_type,
        state: 'offline',
        is_deleted: null,
        db_username: 'scott',
      });
      expect(answer.response).not.toHaveProperty('data_source_provider');
      expect(answer.text).not.toContain('marker-4711');
      const id = answer.response.id as number;
      expect((await owner.get(`${PATH}?entity_type=${entity_type}`)).response).toHaveLength(1);
      expect((await owner.get(`${PATH}/${id}/databases`)).status).toBe(404);
      expect((await owner.get(`${PATH}/${id}/workspace_detail`)).status).toBe(404);
      const schemas = await owner.get(`${PATH}/${id}/schemas`);
      if (entity_type === 'hawq_data_source') expect(schemas.status).toBe(404);
      else
        expect(schemas.json.errors).toMatchObject({
          record: 'DATA_SOURCE_DRIVER_NOT_CONFIGURED',
          data_source: {
            oracle_data_source: 'Oracle',
            jdbc_data_source: 'JDBC',
            jdbc_hive_data_source: 'JDBC Hive',
          }[entity_type],
          message: expect.stringContaining('can list'),
        });
      expect((await owner.get(`${PATH}/${id}/account`)).response.db_username).toBe('scott');
      if (entity_type === 'jdbc_hive_data_source')
        for (const form of [
          answer.response,
          (await owner.get(`${PATH}?succinct=true&entity_type=${entity_type}`)).response[0],
        ])
          expect(form).toMatchObject({
            hive: true,
            hive_kerberos: true,
            hive_kerberos_principal: 'hive/x@Y',
            hive_hadoop_version: null,
            hive_kerberos_keytab_location: null,
          });
    });

    it('saves an incomplete one with nothing but its name', async () => {
      const answer = await create(owner, {
        entity_type: 'gpdb_data_source',
        name: 'Half',
        state: 'incomplete',
      });
      expect(answer.status).toBe(201);
      expect(answer.response).toMatchObject({
        state: 'incomplete',
        host: '',
        port: null,
        db_username: null,
      });
      const id = answer.response.id as number;
      const still = await put(owner, `${PATH}/${id}`, { state: 'enabled' });
      expect(still.json.errors.fields).toEqual({
        host: { BLANK: {} },
        port: { NOT_A_NUMBER: { value: null } },
        db_name: { BLANK: {} },
      });
      const { host, port, db_name, db_username, db_password } = good();
      const without = await put(owner, `${PATH}/${id}`, { host, port, db_name, state: 'enabled' });
      expect(without.json.errors.fields).toEqual({
        db_username: { BLANK: {} },
        db_password: { BLANK: {} },
      });
      const done = await put(owner, `${PATH}/${id}`, {
        host,
        port,
        db_name,
        db_username,
        db_password,
        state: 'enabled',
      });
      expect(done.status).toBe(200);
      expect(done.response).toMatchObject({ state: 'online', db_username: role.name });
      const early = await create(
        owner,
        good({ name: 'Early', state: 'incomplete', db_password: 'untested' }),
      );
      expect(early.response).toMatchObject({ state: 'incomplete', db_username: role.name });
    });

    it('lets one of twenty at once have a name, whatever its case and kind', async () => {
      const clients = [owner, member, outsider, admin];
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => {
          const name = i % 2 === 0 ? 'Wanted By All' : 'WANTED by all';
          const client = clients[i % 4]!;
          if (i % 5 === 0)
            return client.call(
              'POST',
              '/api/hdfs_data_sources',
              json({ name, host: 'h', port: 1, hdfs_version: 'x' }),
            );
          return create(
            client,
            i % 5 === 1
              ? good({ name })
              : {
                  entity_type: 'jdbc_data_source',
                  name,
                  host: 'jdbc:x:y',
                  db_username: 'u',
                  db_password: 'p',
                },
          );
        }),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      for (const { status, json: body } of answers)
        if (status !== 201)
          expect([status, body]).toEqual([422, { errors: { fields: { name: { TAKEN: {} } } } }]);
      expect(
        await query(
          server.url,
          `SELECT count(*)::int AS n FROM data_sources WHERE lower(name) = 'wanted by all'`,
        ),
      ).toEqual([{ n: 1 }]);
    });

    it('is for administrators alone when it is restricted', async () => {
      const strict = await startTestApp(
        server.config({ WORKER_CONCURRENCY: '0', RESTRICT_DATA_SOURCE_CREATION: 'true' }),
      );
      try {
        for (const path of [PATH, '/api/hdfs_data_sources'])
          for (const body of [good(), {}]) {
            const before = await quietState(server);
            const refused = await (await strict.as('owner')).call('POST', path, json(body));
            expect([refused.status, refused.json]).toEqual([403, {}]);
            expect(await quietState(server)).toEqual(before);
          }
        expect((await create(await strict.as('chorusadmin'), good())).status).toBe(201);
      } finally {
        await strict.close();
      }
    });
  });

  const long = (length: number) => 'x'.repeat(length);
  const TOO_LONG = (count: number) => ({ TOO_LONG: { count } });
  /** What is wrong with one attribute, wherever it is sent. */
  const BAD: [string, object, object][] = [
    ['a blank name', { name: ' ' }, { name: { BLANK: {} } }],
    ['no name', { name: null }, { name: { BLANK: {} } }],
    ['a long name', { name: long(65) }, { name: TOO_LONG(64) }],
    ['a list as name', { name: ['a'] }, { name: { INVALID: {} } }],
    ['an object as name', { name: { a: 1 } }, { name: { INVALID: {} } }],
    ['a taken name', { name: 'owners' }, { name: { TAKEN: {} } }],
    ['a blank host', { host: '' }, { host: { BLANK: {} } }],
    ['a long host', { host: long(257) }, { host: TOO_LONG(256) }],
    [
      'a socket of this machine',
      { host: '/var/run/postgresql' },
      { host: { INVALID: { value: '/var/run/postgresql' } } },
    ],
    ['two hosts', { host: 'a,b' }, { host: { INVALID: { value: 'a,b' } } }],
    ['a boolean as host', { host: true }, { host: { INVALID: {} } }],
    ['no port', { port: '' }, { port: { NOT_A_NUMBER: { value: null } } }],
    ['a port in words', { port: 'http' }, { port: { NOT_A_NUMBER: { value: 'http' } } }],
    ['half a port', { port: 5432.5 }, { port: { NOT_AN_INTEGER: { value: 5432.5 } } }],
    ['a large port', { port: 65536 }, { port: { INVALID: { value: 65536 } } }],
    ['a negative port', { port: '-1' }, { port: { INVALID: { value: -1 } } }],
    ['a huge port', { port: 1e300 }, { port: { INVALID: { value: 1e300 } } }],
    ['a list as port', { port: [1] }, { port: { NOT_A_NUMBER: {} } }],
    ['a blank database', { db_name: '' }, { db_name: { BLANK: {} } }],
    ['a database with a slash', { db_name: 'a/b' }, { db_name: { INVALID: { value: 'a/b' } } }],
    ['a long database', { db_name: long(257) }, { db_name: TOO_LONG(256) }],
    ['a long user', { db_username: long(257), db_password: 'x' }, { db_username: TOO_LONG(256) }],
    [
      'a long password',
      { db_username: 'x', db_password: long(1025) },
      { db_password: TOO_LONG(1024) },
    ],
    [
      'a list as password',
      { db_username: 'x', db_password: ['marker-4711'] },
      { db_password: { INVALID: {} } },
    ],
    ['a long description', { description: long(10_001) }, { description: TOO_LONG(10_000) }],
    ['a list as description', { description: [] }, { description: { INVALID: {} } }],
    ['ssl in words', { ssl: 'maybe' }, { ssl: { INVALID: { value: 'maybe' } } }],
    ['public as an object', { public: {} }, { public: { INVALID: {} } }],
    ['an odd state', { state: 'offline' }, { state: { INCLUSION: { value: 'offline' } } }],
    ['a list as state', { state: ['enabled'] }, { state: { INVALID: {} } }],
    [
      'all at once',
      { name: '', host: '', port: 'x', db_name: '?', ssl: 'x' },
      {
        name: { BLANK: {} },
        host: { BLANK: {} },
        port: { NOT_A_NUMBER: { value: 'x' } },
        db_name: { INVALID: { value: '?' } },
        ssl: { INVALID: { value: 'x' } },
      },
    ],
  ];

  describe('refuses, and changes nothing', () => {
    it.each(BAD)('create: %s', async (_what, others, fields) => {
      const before = await quietState(server);
      const answer = await create(owner, good(others));
      expect([answer.status, answer.json]).toEqual([422, { errors: { fields } }]);
      expect(answer.text).not.toContain('marker-4711');
      expect(await quietState(server)).toEqual(before);
    });

    it.each<[string, unknown, object]>([
      [
        'nothing at all',
        undefined,
        {
          entity_type: { BLANK: {} },
          name: { BLANK: {} },
          host: { BLANK: {} },
          port: { NOT_A_NUMBER: { value: null } },
          db_name: { BLANK: {} },
          db_username: { BLANK: {} },
          db_password: { BLANK: {} },
        },
      ],
      ['an odd kind', () => good({ entity_type: 'mysql' }), { entity_type: { INVALID: {} } }],
      [
        'HDFS at this address',
        () => good({ entity_type: 'hdfs_data_source' }),
        { entity_type: { INVALID: {} } },
      ],
      [
        'a list as kind',
        () => good({ entity_type: ['pg_data_source'] }),
        { entity_type: { INVALID: {} } },
      ],
      [
        'no account',
        () => good({ db_username: null, db_password: '' }),
        { db_username: { BLANK: {} }, db_password: { BLANK: {} } },
      ],
      [
        'a password in a URL',
        () => ({
          entity_type: 'jdbc_data_source',
          name: 'j',
          host: 'jdbc:x://a:marker-4711@h/d',
          db_username: 'u',
          db_password: 'p',
        }),
        { host: { INVALID: {} } },
      ],
      [
        'a wrapper that is no object',
        { data_source: 'x' },
        {
          entity_type: { BLANK: {} },
          name: { BLANK: {} },
          host: { BLANK: {} },
          port: { NOT_A_NUMBER: { value: null } },
          db_name: { BLANK: {} },
          db_username: { BLANK: {} },
          db_password: { BLANK: {} },
        },
      ],
    ])('create: %s', async (_what, body, fields) => {
      const before = await quietState(server);
      const answer = await owner.call(
        'POST',
        PATH,
        json(typeof body === 'function' ? (body as () => object)() : body),
      );
      expect([answer.status, answer.json]).toEqual([422, { errors: { fields } }]);
      expect(answer.text).not.toContain('marker-4711');
      expect(await quietState(server)).toEqual(before);
    });

    it('change: the same', async () => {
      const id = await aDataSource(server, owner);
      for (const [what, others, fields] of BAD) {
        const before = await quietState(server);
        const answer = await put(owner, `${PATH}/${id}`, others);
        expect({ what, status: answer.status, json: answer.json }).toEqual({
          what,
          status: 422,
          json: { errors: { fields } },
        });
        expect(await quietState(server)).toEqual(before);
      }
    });

    it('change: credentials in half, and those that are refused', async () => {
      const id = await aDataSource(server, owner);
      for (const [body, errors] of [
        [{ db_username: 'x' }, { fields: { db_password: { BLANK: {} } } }],
        [{ db_password: 'x' }, { fields: { db_username: { BLANK: {} } } }],
        [
          { db_username: role.name, db_password: 'x' },
          { fields: { base: { INVALID_PASSWORD: {} } } },
        ],
      ] as const) {
        const before = await quietState(server);
        expect((await put(owner, `${PATH}/${id}`, body)).json).toEqual({ errors });
        expect(await quietState(server)).toEqual(before);
      }
      for (const body of [{ port: 1 }, { host: 'no-such-host.invalid' }, { db_name: 'nowhere' }]) {
        const before = await quietState(server);
        expect((await put(owner, `${PATH}/${id}`, body)).status).toBe(422);
        const { data_sources: _before, ...rest } = before;
        const { data_sources: _after, ...now } = await quietState(server);
        expect(now).toEqual(rest);
        expect((await owner.get(`${PATH}/${id}`)).response).toMatchObject({
          host: '127.0.0.1',
          db_name: 'default',
        });
      }
    });
  });

  // Columns: nobody, site administrator, owner, one with an account, outsider.
  describe('access', () => {
    it.each<[string, string, string, object | undefined, number[]]>([
      ['show', 'GET', '', undefined, [401, 200, 200, 200, 200]],
      ['change', 'PUT', '', { description: 'x' }, [401, 200, 200, 403, 403]],
      ['change by PATCH', 'PATCH', '', { description: 'x' }, [401, 200, 200, 403, 403]],
      ['share', 'POST', '/sharing', {}, [401, 201, 201, 403, 403]],
      ['unshare', 'DELETE', '/sharing', undefined, [401, 200, 200, 403, 403]],
      ['hand over', 'PUT', '/owner', { id: OWNER }, [401, 200, 200, 404, 404]],
      ['members', 'GET', '/members', undefined, [401, 200, 200, 200, 403]],
      ['databases', 'GET', '/databases', undefined, [401, 403, 200, 200, 403]],
      ['workspace detail', 'GET', '/workspace_detail', undefined, [401, 200, 200, 200, 200]],
      ['delete', 'DELETE', '', undefined, [401, 200, 200, 403, 403]],
    ])('%s', async (_what, method, path, body, statuses) => {
      const seen = [];
      for (const client of [app.anonymous, admin, owner, member, outsider]) {
        const id = await aDataSource(server, owner);
        await query(
          server.url,
          `INSERT INTO data_source_accounts (data_source_id, owner_id, db_username, db_password_encrypted)
           SELECT data_source_id, 1000007, db_username, db_password_encrypted FROM data_source_accounts WHERE data_source_id = $1`,
          [id],
        );
        const before = await quietState(server);
        const answer = await client.call(
          method,
          `${PATH}/${id}${path}`,
          body === undefined ? {} : json(body),
        );
        seen.push(answer.status);
        if (answer.status === 403)
          expect(answer.json.errors.model_data).toEqual({
            id,
            entity_type: 'pg_data_source',
            shared: false,
            owner_id: OWNER,
            name: expect.any(String),
          });
        if (answer.status >= 400) expect(await quietState(server)).toEqual(before);
      }
      expect(seen).toEqual(statuses);
    });

    it.each([
      ['PUT', '', 'account'],
      ['DELETE', '', ''],
      ['GET', '/account', ''],
      ['POST', '/account', 'account'],
      ['PUT', '/account', 'account'],
      ['DELETE', '/account', ''],
      ['GET', '/members', ''],
      ['POST', '/members', 'account'],
      ['PUT', '/members/1', 'account'],
      ['DELETE', '/members/1', ''],
      ['PUT', '/owner', 'owner'],
      ['POST', '/sharing', ''],
      ['DELETE', '/sharing', ''],
      ['GET', '/databases', ''],
      ['GET', '/schemas', ''],
      ['GET', '/workspace_detail', ''],
    ])('%s %s of nothing is 404', async (method, path) => {
      for (const id of ['999', 'abc', '99999999999'])
        expect(
          (
            await admin.call(
              method,
              `${PATH}/${id}${path}`,
              method === 'GET' || method === 'DELETE' ? {} : json({}),
            )
          ).json,
        ).toEqual(NOT_FOUND);
    });
  });

  describe('change', () => {
    it('changes what is sent and nothing else', async () => {
      const id = await aDataSource(server, owner, {
        name: 'Changing',
        description: 'before',
        public: true,
      });
      const before = (await owner.get(`${PATH}/${id}`)).response;
      const answer = await put(owner, `${PATH}/${id}`, {
        data_source: {
          name: 'Changed',
          description: null,
          shared: true,
          entity_type: 'gpdb_data_source',
          owner_id: 1,
          version: '0',
        },
      });
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({ response: { ...before, name: 'Changed', description: null } });
      expect((await put(owner, `${PATH}/${id}`, {})).json).toEqual(answer.json);
      expect((await put(owner, `${PATH}/${id}`, { ...answer.response })).status).toBe(200);
      expect((await eventsOf(id)).slice(1)).toEqual([
        {
          action: 'DataSourceChangedName',
          actor_id: OWNER,
          data: { old_name: 'Changing', new_name: 'Changed' },
        },
      ]);
    });

    it('loses nothing when several change different things at once', async () => {
      const id = await aDataSource(server, owner);
      await Promise.all([
        put(owner, `${PATH}/${id}`, { description: 'one' }),
        put(admin, `${PATH}/${id}`, { public: true }),
        put(owner, `${PATH}/${id}`, { name: 'At Once' }),
      ]);
      expect((await owner.get(`${PATH}/${id}`)).response).toMatchObject({
        description: 'one',
        public: true,
        name: 'At Once',
      });
    });

    it('switches between in use and out of use', async () => {
      const id = await aDataSource(server, owner);
      const off = await put(owner, `${PATH}/${id}`, { state: 'disabled' });
      expect(off.json).toEqual({
        response: expect.objectContaining({ state: 'disabled', online: false }),
      });
      for (const path of ['/databases', '/members', '/account', '/workspace_detail'])
        for (const client of [owner, admin]) {
          const answer = await client.get(`${PATH}/${id}${path}`);
          expect([path, answer.status, answer.json]).toEqual([path, 403, {}]);
        }
      // Out of use it is not asked.
      expect((await put(owner, `${PATH}/${id}`, { port: 1 })).response).toMatchObject({
        port: 1,
        state: 'disabled',
      });
      expect((await put(owner, `${PATH}/${id}`, { state: 'enabled' })).response).toMatchObject({
        state: 'offline',
        online: false,
      });
      const { port } = good();
      expect((await put(owner, `${PATH}/${id}`, { port })).response).toMatchObject({
        state: 'online',
      });
      expect((await put(owner, `${PATH}/${id}`, { state: 'enabled' })).response).toMatchObject({
        state: 'online',
      });
      expect((await eventsOf(id)).map(({ action, data }) => [action, data])).toEqual([
        ['DataSourceCreated', {}],
        ['DataSourceChangedState', { old_state: 'online', new_state: 'disabled' }],
        ['DataSourceChangedState', { old_state: 'disabled', new_state: 'enabled' }],
        ['DataSourceChangedState', { old_state: 'online', new_state: 'enabled' }],
      ]);
    });

    it('tests another address with the owner’s credentials, or with those that come along', async () => {
      const id = await aDataSource(server, owner);
      const other = await aRole(server);
      const moved = await put(owner, `${PATH}/${id}`, {
        db_name: 'postgres',
        db_username: other.name,
        db_password: other.password,
      });
      expect(moved.response).toMatchObject({
        db_name: 'postgres',
        db_username: other.name,
        state: 'online',
      });
      expect((await put(owner, `${PATH}/${id}`, { host: 'localhost' })).response).toMatchObject({
        host: 'localhost',
        state: 'online',
      });
      expect((await owner.get(`${PATH}/${id}/databases`)).status).toBe(200);
    });
  });

  describe('delete', () => {
    it('frees the name, and leaves nothing to be found', async () => {
      const id = await aDataSource(server, owner, { name: 'Going' });
      const [database] = (await owner.get(`${PATH}/${id}/databases`)).response;
      const [schema] = (await owner.get(`/api/databases/${database.id}/schemas`)).response;
      const answer = await owner.delete(`${PATH}/${id}`);
      expect([answer.status, answer.text]).toEqual([200, '{}']);
      for (const path of [
        `${PATH}/${id}`,
        `${PATH}/${id}/account`,
        `/api/databases/${database.id}`,
        `/api/databases/${database.id}/schemas`,
        `/api/schemas/${schema.id}`,
        `/api/schemas/${schema.id}/datasets`,
      ])
        expect((await owner.get(path)).json).toEqual(NOT_FOUND);
      expect((await owner.delete(`${PATH}/${id}`)).json).toEqual(NOT_FOUND);
      expect((await create(owner, good({ name: 'GOING' }))).status).toBe(201);
      expect((await eventsOf(id)).at(-1)).toMatchObject({ action: 'DataSourceDeleted' });
      // Nothing ran there: nothing keeps the password.
      expect(
        await query(
          server.url,
          'SELECT db_password_encrypted AS secret FROM data_source_accounts WHERE data_source_id = $1',
          [id],
        ),
      ).toEqual([{ secret: null }]);
    });
  });

  describe('HDFS', () => {
    const HDFS = '/api/hdfs_data_sources';
    const lake = (others: object = {}) => ({
      name: 'Lake',
      host: 'namenode.example.org',
      port: 8020,
      hdfs_version: 'Cloudera CDH5',
      ...others,
    });
    const made = (body: object) => owner.call('POST', HDFS, json(body));

    it('is registered, shown, listed, changed and deleted at an address of its own', async () => {
      const answer = await made({
        hdfs_data_source: lake({
          username: 'hadoop',
          group_list: 'staff',
          connection_parameters: [{ key: 'dfs.nameservices', value: 'c', more: 1 }],
        }),
      });
      expect(answer.status).toBe(201);
      expect(Object.keys(answer.response)).toEqual([
        ...['id', 'name', 'entity_type', 'supports_work_flows', 'hdfs_version', 'is_hdfs_hive'],
        ...[
          'hive_metastore_location',
          'is_deleted',
          'state',
          'host',
          'port',
          'online',
          'description',
        ],
        ...['version', 'username', 'group_list', 'job_tracker_host', 'job_tracker_port'],
        ...['high_availability', 'connection_parameters', 'owner', 'tags', 'complete_json'],
      ]);
      expect(answer.response).toMatchObject({
        entity_type: 'hdfs_data_source',
        supports_work_flows: false,
        is_deleted: null,
        state: 'offline',
        connection_parameters: [{ key: 'dfs.nameservices', value: 'c' }],
      });
      const id = answer.response.id as number;
      expect((await outsider.get(`${HDFS}/${id}`)).json).toEqual(answer.json);
      expect((await owner.get(`${PATH}/${id}`)).json).toEqual(NOT_FOUND);
      expect((await owner.get(`${HDFS}/${DEMO_SOURCE}`)).json).toEqual(NOT_FOUND);
      expect((await outsider.get(HDFS)).response).toContainEqual(answer.response);
      expect((await owner.get(`${HDFS}?job_tracker=1`)).response).toEqual([]);
      const changed = await put(owner, `${HDFS}/${id}`, {
        job_tracker_host: 'jobs',
        job_tracker_port: '8021',
      });
      expect(changed.response).toMatchObject({ supports_work_flows: true, username: 'hadoop' });
      const [short] = (await owner.get(`${HDFS}?job_tracker=1&succinct=true`)).response;
      expect(Object.keys(short)).toHaveLength(9);
      expect((await put(outsider, `${HDFS}/${id}`, { name: 'x' })).status).toBe(403);
      expect((await outsider.delete(`${HDFS}/${id}`)).status).toBe(403);
      expect((await put(owner, `${PATH}/${id}`, { name: 'x' })).json).toEqual(NOT_FOUND);
      expect((await owner.delete(`${PATH}/${id}`)).json).toEqual(NOT_FOUND);
      for (const path of ['/account', '/databases'])
        expect((await owner.get(`${PATH}/${id}${path}`)).status).toBe(404);
      await put(owner, `${HDFS}/${id}`, { state: 'disabled' });
      expect((await outsider.get(`${HDFS}/${id}`)).json).toEqual(NOT_FOUND);
      expect((await owner.get(`${HDFS}?filter_disabled=true`)).response).not.toContainEqual(
        expect.objectContaining({ id }),
      );
      expect(
        (await put(owner, `${HDFS}/${id}`, { state: 'enabled', name: 'Lake 2' })).response,
      ).toMatchObject({ state: 'offline' });
      expect((await owner.delete(`${HDFS}/${id}`)).text).toBe('{}');
      expect((await owner.get(`${HDFS}/${id}`)).json).toEqual(NOT_FOUND);
      expect((await eventsOf(id)).map(({ action }) => action)).toEqual([
        'HdfsDataSourceCreated',
        'DataSourceChangedState',
        'HdfsDataSourceChangedName',
        'DataSourceChangedState',
        'DataSourceDeleted',
      ]);
    });

    it('needs no port when it is highly available, and nothing when it is incomplete', async () => {
      expect((await made(lake({ name: 'Ha', port: null, high_availability: 'true' }))).status).toBe(
        201,
      );
      expect((await made({ name: 'Part', state: 'incomplete' })).status).toBe(201);
    });

    it.each<[string, object, object]>([
      [
        'nothing',
        {},
        {
          name: { BLANK: {} },
          host: { BLANK: {} },
          port: { NOT_A_NUMBER: { value: null } },
          hdfs_version: { BLANK: {} },
        },
      ],
      ['a taken name', lake({ name: 'OWNERS' }), { name: { TAKEN: {} } }],
      ['a long name', lake({ name: long(65) }), { name: TOO_LONG(64) }],
      ['a bad host', lake({ host: 'a b' }), { host: { INVALID: { value: 'a b' } } }],
      ['a bad port', lake({ port: 'x' }), { port: { NOT_A_NUMBER: { value: 'x' } } }],
      [
        'a bad tracker port',
        lake({ job_tracker_port: 0 }),
        { job_tracker_port: { INVALID: { value: 0 } } },
      ],
      ['a long version', lake({ hdfs_version: long(257) }), { hdfs_version: TOO_LONG(256) }],
      ['no version', lake({ hdfs_version: '' }), { hdfs_version: { BLANK: {} } }],
      [
        'parameters in words',
        lake({ connection_parameters: 'x' }),
        { connection_parameters: { INVALID: { value: 'x' } } },
      ],
      [
        'parameters without a key',
        lake({ connection_parameters: [{ value: 'x' }] }),
        { connection_parameters: { INVALID: {} } },
      ],
      [
        'a parameter that is null',
        lake({ connection_parameters: [null] }),
        { connection_parameters: { INVALID: {} } },
      ],
      [
        'a long parameter',
        lake({ connection_parameters: [{ key: 'a', value: long(4097) }] }),
        { connection_parameters: { INVALID: {} } },
      ],
      [
        'many parameters',
        lake({ connection_parameters: Array(201).fill({ key: 'a', value: 'b' }) }),
        { connection_parameters: { INVALID: {} } },
      ],
      ['a list as user', lake({ username: [] }), { username: { INVALID: {} } }],
      ['a long group list', lake({ group_list: long(257) }), { group_list: TOO_LONG(256) }],
      [
        'an odd flag',
        lake({ high_availability: 'perhaps' }),
        { high_availability: { INVALID: { value: 'perhaps' } } },
      ],
      ['an odd hive flag', lake({ is_hdfs_hive: [] }), { is_hdfs_hive: { INVALID: {} } }],
      [
        'a long description',
        lake({ description: long(10_001) }),
        { description: TOO_LONG(10_000) },
      ],
      ['an odd state', lake({ state: 'online' }), { state: { INCLUSION: { value: 'online' } } }],
      [
        'a long metastore',
        lake({ hive_metastore_location: long(257) }),
        { hive_metastore_location: TOO_LONG(256) },
      ],
    ])('refuses %s, and changes nothing', async (_what, body, fields) => {
      const before = await quietState(server);
      const answer = await made(body);
      expect([answer.status, answer.json]).toEqual([422, { errors: { fields } }]);
      expect(await quietState(server)).toEqual(before);
    });
  });
});

function listening(onConnection: (socket: import('node:net').Socket) => void): Promise<Server> {
  const one = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  return new Promise((resolve) =>
    one.listen(0, '127.0.0.1', () => {
      resolve(one);
    }),
  );
}
