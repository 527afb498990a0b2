import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { peopleRequests } from '../support/access-matrix/people-requests.js';
import { PEOPLE_ROUTES } from '../support/access-matrix/people-routes.js';
import { PEOPLE_COLUMNS } from '../support/access-matrix/people-requests.js';
import { waitingRunRequests, workedRunRequests } from '../support/access-matrix/run-requests.js';
import { SOURCE_COLUMNS, sourceRequests } from '../support/access-matrix/source-requests.js';
import { SOURCE_ROUTES } from '../support/access-matrix/source-routes.js';
import { ask, type Column, type Request } from '../support/access-matrix/walk.js';
import type { Row } from '../support/access-matrix/table.js';
import { World } from '../support/access-matrix/world.js';
import {
  WORKSPACE_COLUMNS,
  workspaceRequests,
} from '../support/access-matrix/workspace-requests.js';
import { RUN_ROUTES, WORKSPACE_ROUTES } from '../support/access-matrix/workspace-routes.js';
import { aRole, attributesOf, DEMO_SOURCE, quiet, type TestRole } from '../support/data-sources.js';
import { element, flowXml, operator, storeFlow, tableSource } from '../support/flows.js';
import { json } from '../support/forms.js';
import { Observer } from '../support/observer.js';
import { MessageClient } from '../support/message-client.js';
import { type ProductProcess, SERVING, startProduct, WORKING } from '../support/product-process.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { allRows, ListeningClient, Secrets, type Sent } from '../support/secrets.js';
import { anSqlFile, execute, seenExecuting } from '../support/sql-files.js';
import type { TestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { query, startTestServer, type TestServer, testFolder } from '../support/test-server.js';
import { until } from '../support/wait.js';

jest.setTimeout(120_000);

const JSON_TYPE = { 'content-type': 'application/json' };

describe('no secret leaves the process', () => {
  const secrets = new Secrets();
  const sent: Sent[] = [];
  const logFile = join(testFolder('secrets'), 'product.log');
  let server: TestServer;
  let product: ProductProcess;
  let app: TestApp;
  let logIn: (username: string, password?: string) => Promise<TestClient>;
  let world: World;
  let observer: Observer;
  let owner: TestClient;
  let admin: TestClient;
  let role: TestRole;

  beforeAll(async () => {
    server = await startTestServer();
    secrets.add('the key', TEST_KEY);
    secrets.add('the key', Buffer.from(TEST_KEY, 'hex').toString('latin1'));
    secrets.add('the password of the metadata database', new URL(server.url).password);
    product = await startProduct({
      ...SERVING,
      environment: server.environment({
        ...{ PORT: '0', LOG_LEVEL: 'trace', LOGIN_ATTEMPTS: '1000', CONNECT_TIMEOUT_MS: '1500' },
        ...{ SHUTDOWN_GRACE_MS: '0', MICROSERVICE_TRANSPORT: 'tcp', MICROSERVICE_PORT: '0' },
      }),
      logFile,
    });
    const anonymous = new ListeningClient(product.ready, null, (one) => sent.push(one));
    logIn = async (username, password) => {
      const client = await anonymous.login(username, password);
      secrets.addToken('a session', client.token);
      return client;
    };
    const messages = await until('messages', () =>
      Promise.resolve(/Messages: (tcp:\S+)/.exec(product.output())?.[1]),
    );
    app = { url: product.ready, messages, anonymous, as: logIn, close: () => Promise.resolve() };
    world = await World.open(server, app);
    owner = await app.as('owner');
    admin = await app.as('chorusadmin');
    observer = await Observer.on(server.dataUrl);
    role = await aRole(server, secrets.add('the password of an account', 'marker-account-4711'));
  });
  afterAll(async () => {
    await world.close();
    await observer.close();
    await product.kill('SIGTERM');
    await server.stop();
  });

  const wrong = secrets.add('a wrong password of an account', 'marker-wrong-account-4712');
  const post = (client: TestClient, path: string, body: object) =>
    client.call('POST', path, json(body));

  it('while people log in, fail to, and change their passwords', async () => {
    const [first, second] = ['marker-user-4713', 'marker-user-4714'].map((one) =>
      secrets.add('the password of a user', one),
    ) as [string, string];
    const bad = secrets.add('the wrong password of a user', 'marker-user-4715');
    const user = { username: 'marked', first_name: 'M', last_name: 'M', email: 'm@example.com' };
    const made = await post(admin, '/api/users', { ...user, password: first });
    expect(made.status).toBe(201);
    expect((await post(admin, '/api/users', { ...user, password: first })).status).toBe(422);
    expect((await post(owner, '/api/users', { ...user, password: first })).status).toBe(403);
    expect((await post(admin, '/api/users', { user: { password: first } })).status).toBe(422);
    const login = (body: object) => post(app.anonymous, '/api/sessions', body);
    expect((await login({ username: 'marked', password: bad })).status).toBe(401);
    expect((await login({ username: bad, password: 'marked' })).status).toBe(401);
    expect((await login({ session: { username: 'marked', password: [bad] } })).status).toBe(401);
    for (const body of [`{"password": "${bad}", }`, `{"password": ${bad}}`, bad])
      expect(
        (await app.anonymous.call('POST', '/api/sessions', { headers: JSON_TYPE, body })).status,
      ).toBe(400);
    const marked = await logIn('marked', first);
    const path = `/api/users/${made.response.id as number}`;
    const change = (body: object) => marked.call('PUT', path, json(body));
    expect((await change({ password: second, old_password: bad })).status).toBe(422);
    expect((await change({ password: second, old_password: first })).status).toBe(200);
    await logIn('marked', second);
  });

  it('while sessions are sent in every place, to every place', async () => {
    const { token } = owner;
    const places: [string, object][] = [
      [`?session_id=${token}`, {}],
      [`?token=${token}`, {}],
      ['', { headers: { 'x-token': token } }],
      ['', { headers: { cookie: `_session_id=${token}` } }],
    ];
    for (const [parameters, options] of places)
      for (const path of ['/api/workspaces', '/api/nowhere', '/api/workspaces/x', '/docs-json'])
        for (const method of ['GET', 'POST', 'DELETE'])
          await app.anonymous.call(method, `${path}${parameters}`, options);
    await post(app.anonymous, '/api/workspaces', { session_id: token, name: '' });
    await post(app.anonymous, '/api/nothing', { session_id: token });
    const body = `{"session_id": "${token}"`;
    await app.anonymous.call('POST', '/api/workspaces', { headers: JSON_TYPE, body });
    // What is no HTTP is logged by the library, at the lowest level.
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET / HTTP/1.1\r\nCookie: _session_id=${token}\r\nno header\r\n\r\n`);
    const answer = (await socket.toArray()).join('');
    sent.push({ request: 'no HTTP', text: answer });
    expect(answer).toContain('400 Bad Request');
    expect(sent.length).toBeGreaterThan(50);
  });

  it('while they are sent in messages', async () => {
    const { token } = owner;
    const client = MessageClient.tcp(app.messages);
    for (const session_id of [token, `${token.slice(1)}0`, [token], { token }])
      for (const pattern of [
        'workfiles.show',
        'workfiles.stop',
        'runs.show',
        'runs.stop',
        'no.such',
      ])
        for (const payload of [{ id: GOLF_FLOW }, { id: token }, { ids: [token] }, { reason: 7 }]) {
          const answer = await client.ask(pattern, { session_id, ...payload });
          sent.push({ request: 'a message', text: JSON.stringify(answer) });
        }
    await client.close();
    const { hostname, port } = new URL(app.messages.replace('tcp:', 'http:'));
    for (const bytes of [
      `9#{"id": "${token}"}`,
      `{"session_id": "${token}"}`,
      `60#{"id": "1", "data": "${token}`,
    ]) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.end(bytes);
      const answer = (await socket.toArray().catch(() => [])).join('');
      sent.push({ request: 'no message', text: answer });
    }
  });

  it('while data sources are registered, refused, unreachable and closed', async () => {
    const attributes = attributesOf(server, role);
    const made = await post(owner, '/api/data_sources', attributes);
    expect(made.status).toBe(201);
    const path = `/api/data_sources/${made.response.id as number}`;
    const create = (others: object) =>
      post(owner, '/api/data_sources', { ...attributes, name: randomUUID(), ...others });
    for (const others of [
      ...[{ db_password: wrong }, { port: 1 }, { host: 'no-such-host.invalid' }, { name: '' }],
      ...[
        { db_name: 'nowhere' },
        { ssl: true },
        { db_password: [wrong] },
        { host: `u:${wrong}@h` },
      ],
      ...[{ entity_type: 'jdbc_data_source', host: `jdbc:mysql://u:${wrong}@db/x` }],
      ...[{ entity_type: 'jdbc_data_source', host: `jdbc:mysql://db/x?password=${wrong}` }],
    ])
      expect((await create(others)).status).toBe(422);
    const secret = { db_username: role.name, db_password: role.password };
    const kept = { entity_type: 'jdbc_data_source', host: 'jdbc:mysql://db/x', ...secret };
    expect((await create(kept)).status).toBe(201);
    const credentials = { db_username: role.name, db_password: wrong };
    for (const [method, rest] of [
      ...[
        ['POST', '/account'],
        ['PUT', '/account'],
        ['PUT', ''],
        ['POST', '/members'],
      ],
    ] as const)
      for (const one of [credentials, secret])
        await owner.call(method, `${path}${rest}`, json({ owner_id: 1_000_007, ...one }));
    const get = async () => {
      for (const rest of [
        '',
        '/account',
        '/members',
        '/databases',
        '/workspace_detail',
        '/schemas',
      ])
        await owner.get(`${path}${rest}`);
    };
    await get();
    // The data source changes the password behind our back.
    await query(server.dataUrl, `ALTER ROLE ${role.name} PASSWORD 'other'`);
    await query(server.url, 'DELETE FROM catalogue_sights');
    await get();
    await query(server.url, 'UPDATE data_sources SET port = 1 WHERE id = $1', [made.response.id]);
    await get();
    expect((await owner.get(`${path}/account`)).response.db_username).toBe(role.name);
    await query(server.dataUrl, `ALTER ROLE ${role.name} PASSWORD '${role.password}'`);
  });

  it('while workflows with passwords in them are uploaded, read, executed and killed', async () => {
    const inFile = secrets.add('a password in a file', 'marker-file-4716');
    const encoded = Buffer.from(inFile).toString('base64');
    const parameter = (key: string, value: string) => element('Parameter', { key, value });
    const block = element(
      'DataSource',
      { name: 'Owners', type: 'Database' },
      parameter('dbConnectionName', 'Owners'),
      parameter('userName', 'u'),
      parameter('password', encoded),
      parameter('url', `jdbc:postgresql://u:${inFile}@db:5432/x?user=u&password=${inFile}`),
    );
    const flow = flowXml({
      operators: [
        {
          ...tableSource('golfnew'),
          models:
            parameter('password', encoded) +
            parameter('url', `jdbc:oracle:thin:u/${inFile}@db:1521/x`),
        },
        operator('file', 'Export'),
      ],
      links: [['golfnew', 'file']],
    });
    const whole = flow.replace(/(<Process[^>]*>)/, `$1<DataSources>${block}</DataSources>`);
    const upload = (contents: string) => {
      const form = new FormData();
      form.append('workfile[entity_subtype]', 'alpine');
      form.append('workfile[execution_locations][0][entity_type]', 'gpdb_database');
      form.append('workfile[execution_locations][0][id]', '1000001');
      form.append('workfile[versions_attributes][0][contents]', new Blob([contents]), 'a.afm');
      return owner.call('POST', '/api/workspaces/1000008/workfiles', { body: form });
    };
    const made = await upload(whole);
    expect(made.status).toBe(201);
    for (const bad of [
      ...[whole.replace('</Process>', ''), whole.replace('<DataSources>', '<DataSources')],
      ...[`<Process ${inFile}></Process>`, `<${inFile}/>`, whole.replace('FilterOperator', inFile)],
    ])
      await upload(bad);
    const id = made.response.id as number;
    const done = await startRun(owner, id);
    expect((await runEnded(owner, done)).status).toBe('succeeded');
    for (const rest of ['', '/results', '/events', '/image.svg', '/exports', '/exports/1'])
      expect((await owner.get(done + rest)).status).toBe(200);
    for (const rest of ['', '/download', '/image.svg', '/versions', '/runs'])
      await owner.get(`/api/workfiles/${id}${rest}`);
    const killed = await startRun(owner, ALPINE_FLOW);
    const { pid } = await seenWorking(observer, killed, AT_WORK);
    await observer.query('SELECT pg_terminate_backend($1)', [pid]);
    expect((await runEnded(owner, killed)).status).toBe('failed');
    const stopped = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, stopped, AT_WORK);
    await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
    expect((await runEnded(owner, stopped)).status).toBe('stopped');
    const gone = flowXml({ operators: [tableSource('nowhere')] });
    await storeFlow(server, GOLF_FLOW, gone);
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('failed');
    for (const path of [killed, stopped])
      for (const rest of ['', '/results', '/events']) await owner.get(path + rest);
  });

  it('while SQL is executed, wrong, cancelled and killed; its text is nowhere afterwards', async () => {
    const marker = 'marker-sql-4717';
    const file = await anSqlFile(server);
    expect((await execute(owner, file, `SELECT 1 -- ${marker}`)).status).toBe(200);
    expect((await execute(owner, file, `SELECT 1/0 -- ${marker}`)).status).toBe(422);
    expect((await execute(owner, file, `SELEC '${marker}'`)).status).toBe(422);
    const sleeping = execute(owner, file, `SELECT pg_sleep(600) -- ${marker}`);
    const { pid } = await seenExecuting(observer, /pg_sleep\(600\)/);
    await observer.query('SELECT pg_terminate_backend($1)', [pid]);
    expect((await sleeping).status).toBe(422);
    secrets.add('the text of SQL', marker);
  });

  it('while every route is asked, by those who may and those who may not', async () => {
    const some = async <Place>(
      rows: readonly Row[],
      requests: Readonly<Record<string, Request<Place>>>,
      columns: Readonly<Record<string, Column<Place>>>,
      names: readonly string[],
    ) => {
      for (const row of rows)
        for (const name of names.filter((one) => one in row.cells)) {
          const column = columns[name];
          const request = requests[row.key];
          if (column !== undefined && request !== undefined)
            await ask(row, world.as(column.actor), await request(column));
        }
    };
    const before = sent.length;
    const workspaces = ['hidden', 'owner', 'archived:admin'];
    await some(WORKSPACE_ROUTES, workspaceRequests(world), WORKSPACE_COLUMNS, workspaces);
    const runs = { ...waitingRunRequests(world), ...workedRunRequests(world) };
    await some(RUN_ROUTES, runs, WORKSPACE_COLUMNS, ['hidden', 'member']);
    const sources = ['outsider', 'owner', 'shared:outsider', 'disabled:owner'];
    await some(SOURCE_ROUTES, await sourceRequests(world), SOURCE_COLUMNS, sources);
    await some(PEOPLE_ROUTES, peopleRequests(world), PEOPLE_COLUMNS, ['expired', 'other', 'admin']);
    await app.anonymous.get('/docs-json');
    await app.anonymous.get('/docs-yaml');
    expect(sent.length - before).toBeGreaterThan(300);
    await quiet(server);
  });

  it('while the metadata database refuses to store secrets', async () => {
    const path = `/api/data_sources/${DEMO_SOURCE}`;
    const account = { db_username: role.name, db_password: role.password };
    const asked: Record<string, () => Promise<{ readonly status: number }>> = {
      users: () =>
        post(admin, '/api/users', {
          ...{ username: 'broken', password: 'marker-user-4713', email: 'b@example.com' },
          ...{ first_name: 'B', last_name: 'B' },
        }),
      sessions: () =>
        post(app.anonymous, '/api/sessions', { username: 'member', password: 'secret' }),
      data_source_accounts: () => post(owner, `${path}/account`, account),
    };
    for (const [table, request] of Object.entries(asked))
      for (const check of ['false', '1 / (id - id) = 1']) {
        // The server's own words for it repeat the whole row.
        await query(
          server.url,
          `ALTER TABLE ${table} ADD CONSTRAINT broken CHECK (${check}) NOT VALID`,
        );
        expect([table, (await request()).status]).toEqual([table, 500]);
        await query(server.url, `ALTER TABLE ${table} DROP CONSTRAINT broken`);
      }
  });

  it('in an answer or its headers', () => {
    const found = sent.map(({ request, text }) => {
      // Whoever logs in is told the session, whoever has it is sent it again: in these two places only.
      const rest = text
        .replace(/^set-cookie: _session_id=\w*/gm, '')
        .replace(/^(201|200)\n([^]*\n\n\{"response":\{)"session_id":"\w{40}"/, '$1\n$2');
      // What is wrong with one's SQL is said in its own words.
      return { request, secrets: secrets.foundIn(rest, { butNot: 'the text of SQL' }) };
    });
    expect(found.filter((one) => one.secrets.length > 0)).toEqual([]);
  });

  it('in a table, but for the columns made for it', async () => {
    const rows = await allRows(server.url);
    const found = rows.map((row) => ({
      table: row.split(':', 1)[0],
      secrets: secrets.foundIn(
        row.replace(/"(password_hash|db_password_encrypted|token_hash)": "[^"]+"/, ''),
      ),
    }));
    expect(found.filter((one) => one.secrets.length > 0)).toEqual([]);
    // They were looked for where they would be.
    expect(rows.some((row) => /^public\.users: .*"password_hash": "\$argon2/.test(row))).toBe(true);
  });

  it('in what it writes, at the most talkative level', async () => {
    expect(await product.kill('SIGTERM')).toBe(0);
    const lines = readFileSync(logFile, 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('"message":"request"')).length).toBeGreaterThan(
      400,
    );
    expect(lines.filter((line) => line.includes('"message":"request failed"')).length).toBe(6);
    const found = lines.map((line) => ({
      line: line.slice(0, 200),
      secrets: secrets.foundIn(line),
    }));
    expect(found.filter((one) => one.secrets.length > 0)).toEqual([]);
  });

  it.each([SERVING, WORKING])('when $script cannot reach its database', async (script) => {
    const environment = {
      DATABASE_URL: 'postgres://a:marker-start-4718@127.0.0.1:1/x',
      SECRET_KEY: TEST_KEY,
      LOG_LEVEL: 'trace',
    };
    const failed = startProduct({ ...script, environment }).then(
      () => 'it started',
      (error: unknown) => (error as Error).message,
    );
    secrets.add('the password of the metadata database', 'marker-start-4718');
    const output = await failed;
    expect(output).toContain('ended with 1');
    expect(secrets.foundIn(output)).toEqual([]);
  });

  it('from the embedded default and the database server that it starts', async () => {
    const dataDir = testFolder('secret');
    const password = secrets.add('the password of the demo logins', 'marker-demo-4719');
    const environment = {
      ...{ DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'trace' },
      DEMO_PASSWORD: password,
    };
    const embedded = await startProduct({ ...SERVING, environment });
    const address = readFileSync(join(dataDir, 'database-url'), 'utf8').trim();
    secrets.add('the password of the embedded server', new URL(address).password);
    secrets.add('the kept key', readFileSync(join(dataDir, 'secret-key'), 'utf8').trim());
    const client = await new TestClient(embedded.ready).login('owner', password);
    secrets.addToken('a session', client.token);
    await client.get('/api/workfiles/1000004');
    // The server dies and is started again, with all that is said of it.
    const pid = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0];
    process.kill(Number(pid), 'SIGKILL');
    await until('the embedded server again', async () => {
      const answer = await client.get('/api/workfiles/1000004').catch(() => null);
      return answer?.status === 200 && embedded.output().includes('PostgreSQL is gone');
    });
    const ours = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ name, line: commandLine(name) }))
      .filter(({ name, line }) => Number(name) === embedded.pid || line.includes(dataDir));
    expect(ours.length).toBeGreaterThan(1);
    for (const { line } of ours) expect(secrets.foundIn(line)).toEqual([]);
    expect(await embedded.kill('SIGTERM')).toBe(0);
    expect(secrets.foundIn(embedded.output())).toEqual([]);
  });
});

/** As everybody on the machine may read it; empty when the process has ended. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
