import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encryptSecret } from '../../src/data-sources/credential-cipher.js';
import { json } from '../support/forms.js';
import { Observer } from '../support/observer.js';
import { aCheckId, anSqlFile, execute, executionOf, sqlSessions } from '../support/sql-files.js';
import { storedState } from '../support/stored-state.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import { ARCHIVED, PRIVATE } from '../support/workfiles.js';

describe('ad-hoc SQL', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;
  let file: string;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
    file = await anSqlFile(server);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });
  afterEach(async () => {
    // The answer of an execution comes when its session is gone, whatever became of it.
    expect(await sqlSessions(observer)).toEqual([]);
  });

  it('answers the documented result, byte for byte', async () => {
    const answer = await execute(
      owner,
      file,
      `SELECT 1 AS id, 'two'::text AS name, NULL::numeric(10,2) AS amount, true AS ok`,
    );
    expect(answer.status).toBe(200);
    const column = (name: string, type: string, category: string) =>
      `{"name":"${name}","data_type":"${type}","type_category":"${category}","description":null,` +
      '"statistics":{},"entity_type":"database_column","complete_json":true}';
    expect(answer.text).toBe(
      `{"response":{"columns":[${[
        column('id', 'integer', 'WHOLE_NUMBER'),
        column('name', 'text', 'LONG_STRING'),
        column('amount', 'numeric(10,2)', 'REAL_NUMBER'),
        column('ok', 'boolean', 'BOOLEAN'),
      ].join(',')}],"rows":[["1","two",null,"t"]],"warnings":[],"complete_json":true}}`,
    );
  });

  it('looks names up in the execution schema, then in public', async () => {
    const { response } = await execute(owner, file, 'SELECT count(*) FROM golf_played');
    expect(Number(response.rows[0][0])).toBeGreaterThan(0);
    const path = await execute(owner, file, 'SHOW search_path');
    expect(path.response.rows).toEqual([['"default", public']]);
  });

  it('executes statements in order and answers the last result', async () => {
    const { response } = await execute(
      owner,
      file,
      `CREATE TABLE made_here (n int); INSERT INTO made_here SELECT generate_series(1, 3);
       SELECT n FROM made_here ORDER BY n; -- done`,
    );
    expect(response.rows).toEqual([['1'], ['2'], ['3']]);
    const update = await execute(owner, file, 'UPDATE made_here SET n = n + 1');
    expect(update.response).toMatchObject({ columns: [], rows: [] });
    const returned = await execute(
      owner,
      file,
      'DELETE FROM made_here WHERE n = 4 RETURNING n; ; ',
    );
    expect(returned.response.rows).toEqual([['4']]);
    expect(await observer.query('SELECT count(*)::int AS n FROM "default".made_here')).toEqual([
      { n: 2 },
    ]);
  });

  it('takes effect as a whole or not at all', async () => {
    const checkId = aCheckId();
    const answer = await execute(owner, file, 'CREATE TABLE half (n int); SELECT 1/0', { checkId });
    expect(answer.status).toBe(422);
    expect(answer.json).toEqual({
      errors: { fields: { query: { INVALID: { message: 'ERROR: division by zero' } } } },
    });
    expect(await observer.tableExists('default', 'half')).toBe(false);
    expect(await executionOf(server, checkId)).toMatchObject({ outcome: 'rolled_back' });
  });

  it('says what is wrong in the words of the data source, and nothing of ours', async () => {
    const wrong = async (sql: string) =>
      (await execute(owner, file, sql)).json.errors.fields.query.INVALID.message;
    expect(await wrong('SELEC 1')).toMatch(/^ERROR: syntax error at or near "SELEC"\nPosition: 1$/);
    expect(await wrong('SELECT * FROM nowhere')).toBe(
      'ERROR: relation "nowhere" does not exist\nPosition: 15',
    );
    expect(await wrong(`SELECT 'not closed`)).toContain('unterminated quoted string');
    expect(await wrong('COPY golf_played FROM STDIN')).toContain('COPY');
    expect(await wrong('SELECT nope FROM golf_played')).toContain('column "nope" does not exist');
  });

  it('lets COPY to the client pass without hanging', async () => {
    const answer = await execute(owner, file, 'COPY golf_played TO STDOUT');
    expect(answer.status).toBe(200);
    expect(answer.response.rows).toEqual([]);
  });

  it('executes alone what can not be in a transaction', async () => {
    expect((await execute(owner, file, 'VACUUM made_here')).status).toBe(200);
    const among = await execute(owner, file, 'SELECT 1; VACUUM made_here');
    expect(among.json.errors.fields.query.INVALID.message).toContain(
      'VACUUM cannot run inside a transaction block',
    );
  });

  it('shows 500 rows at most, says so, and fetches no more', async () => {
    const { response } = await execute(owner, file, 'SELECT generate_series(1, 1000000000) AS n');
    expect(response.rows).toHaveLength(500);
    expect(response.rows[499]).toEqual(['500']);
    expect(response.warnings).toEqual(['Only the first 500 rows are shown.']);
    const exact = await execute(owner, file, 'SELECT n FROM generate_series(1, 500) AS n');
    expect(exact.response).toMatchObject({ warnings: [] });
    expect(exact.response.rows).toHaveLength(500);
  });

  it('leaves out the rest of a result that is too large, and says so', async () => {
    const { response } = await execute(
      owner,
      file,
      `SELECT repeat('x', 4000000) FROM generate_series(1, 100)`,
    );
    expect(response.rows.length).toBeLessThan(100);
    expect(response.warnings[0]).toMatch(/^Only the first \d+ rows are shown: the result is too/);
  });

  it('refuses a row that memory could not hold, and lives on', async () => {
    const answer = await execute(owner, file, `SELECT repeat('x', 20000000)`);
    expect(answer.status).toBe(422);
    expect(answer.json.errors.fields.query.INVALID.message).toContain('larger than 16777216 bytes');
    // Rows that grow behind the first ones.
    const grown = await execute(
      owner,
      file,
      `SELECT repeat('x', CASE WHEN n < 20 THEN 1 ELSE 5000000 END) FROM generate_series(1, 300) AS n`,
      { download: 'true' },
    ).catch(() => null);
    expect(grown).toBeNull();
    expect((await execute(owner, file, 'SELECT 1')).status).toBe(200);
  });

  it('shows warnings and notices', async () => {
    const { response } = await execute(
      owner,
      file,
      `DO $$ BEGIN RAISE WARNING 'look; here'; RAISE NOTICE 'and here'; END $$`,
    );
    expect(response.warnings).toEqual(['WARNING: look; here', 'NOTICE: and here']);
  });

  it('is 403 with its type when the data source refuses the account something', async () => {
    await query(server.dataUrl, 'CREATE TABLE IF NOT EXISTS public.closed (n int)');
    const answer = await execute(owner, file, 'SELECT * FROM public.closed');
    expect(answer.status).toBe(403);
    expect(answer.json).toEqual({
      errors: {
        message: 'ERROR: permission denied for table closed',
        type: 'PostgresLikeConnection::SqlPermissionDenied',
      },
    });
  });

  it('downloads all rows as CSV, and tells the page that it has begun', async () => {
    const answer = await execute(
      owner,
      file,
      `SELECT n, CASE WHEN n % 2 = 0 THEN NULL ELSE 'a,"b"' END AS t FROM generate_series(1, 20000) AS n`,
      { checkId: 'my (check)', download: 'true', file_name: 'all of it' },
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="all of it.csv"');
    expect(answer.headers.getSetCookie()).toContainEqual(
      expect.stringMatching(/^fileDownload_my%20%28check%29=true; Path=\//),
    );
    const lines = answer.text.split('\n');
    expect(lines).toHaveLength(20_002);
    expect(lines.slice(0, 3)).toEqual(['n,t', '1,"a,""b"""', '2,']);
  });

  it('keeps no row of a download that it has handed on', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const inUse = () => {
      collect();
      return process.memoryUsage().heapUsed / 1_000_000;
    };
    const left = new AbortController();
    const sql = `SELECT repeat('x', 999) AS x, generate_series(1, 1000000000) AS n`;
    const { body } = await fetch(app.url + file, {
      method: 'POST',
      headers: { cookie: owner.cookie ?? '' },
      body: new URLSearchParams({ check_id: aCheckId(), sql, download: '1' }),
      signal: left.signal,
    });
    const before = inUse();
    let megabytes = 0;
    for await (const chunk of body ?? []) {
      megabytes += (chunk as Uint8Array).length / 1_000_000;
      if (megabytes > 30) break;
    }
    const kept = inUse() - before;
    left.abort();
    expect(kept).toBeLessThan(15);
    await until('its end', async () => (await sqlSessions(observer)).length === 0);
  });

  it('downloads as many rows as are asked for, named like the workfile', async () => {
    const answer = await execute(owner, file, 'SELECT generate_series(1, 100) AS n', {
      download: '',
      num_of_rows: '7',
    });
    expect(answer.text).toBe('n\n1\n2\n3\n4\n5\n6\n7\n');
    expect(answer.headers.get('content-disposition')).toMatch(/filename="made \d+\.csv"/);
    const wrong = await execute(owner, file, 'SELECT nope', { download: 'x' });
    expect(wrong.status).toBe(422);
  });

  it('executes what a form says, too', async () => {
    const answer = await owner.post(file, { check_id: aCheckId(), sql: 'SELECT 1 AS a' });
    expect(answer.response.rows).toEqual([['1']]);
  });

  it('frees the name of an execution when it is over, and keeps no text of it', async () => {
    const checkId = aCheckId();
    for (const _ of [1, 2])
      expect((await execute(owner, file, `SELECT 'marker-4711'`, { checkId })).status).toBe(200);
    const rows = await query(server.url, 'SELECT s::text AS text FROM sql_executions s');
    expect(JSON.stringify(rows)).not.toContain('marker-4711');
  });

  describe('refuses, and changes nothing', () => {
    const refused = async (
      client: TestClient,
      path: string,
      body: unknown,
      status: number,
      errors: object,
    ) => {
      const before = await storedState(server.url);
      const answer = await client.call('POST', path, json(body));
      expect({ status: answer.status, json: answer.json }).toEqual({ status, json: { errors } });
      expect(await storedState(server.url)).toEqual(before);
    };

    it.each<[string, unknown, object]>([
      ['no body', undefined, { check_id: { BLANK: {} }, sql: { BLANK: {} } }],
      ['nothing', {}, { check_id: { BLANK: {} }, sql: { BLANK: {} } }],
      ['an array', [], { check_id: { BLANK: {} }, sql: { BLANK: {} } }],
      ['null', { check_id: null, sql: null }, { check_id: { BLANK: {} }, sql: { BLANK: {} } }],
      ['spaces', { check_id: ' ', sql: '\n' }, { check_id: { BLANK: {} }, sql: { BLANK: {} } }],
      ['no check id', { sql: 'SELECT 1' }, { check_id: { BLANK: {} } }],
      ['no SQL', { check_id: 'x' }, { sql: { BLANK: {} } }],
      ['only comments', { check_id: 'x', sql: '-- a\n/* b */ ;;' }, { sql: { BLANK: {} } }],
      ['a list for SQL', { check_id: 'x', sql: ['SELECT 1'] }, { sql: { INVALID: {} } }],
      ['an object for SQL', { check_id: 'x', sql: { a: 1 } }, { sql: { INVALID: {} } }],
      ['a number for SQL', { check_id: 'x', sql: 1 }, { sql: { INVALID: { value: 1 } } }],
      ['a boolean for SQL', { check_id: 'x', sql: true }, { sql: { INVALID: {} } }],
      ['a list for the check id', { check_id: [], sql: 'SELECT 1' }, { check_id: { INVALID: {} } }],
      [
        'a long check id',
        { check_id: 'x'.repeat(256), sql: 'SELECT 1' },
        { check_id: { TOO_LONG: { count: 255 } } },
      ],
      [
        'a long text',
        { check_id: 'x', sql: `SELECT '${'x'.repeat(1_000_000)}'` },
        { sql: { TOO_LONG: { count: 1_000_000 } } },
      ],
      [
        'no rows',
        { check_id: 'x', sql: 'SELECT 1', download: 1, num_of_rows: 0 },
        { num_of_rows: { INVALID: { value: 0 } } },
      ],
      [
        'rows in words',
        { check_id: 'x', sql: 'SELECT 1', num_of_rows: 'all' },
        { num_of_rows: { NOT_A_NUMBER: { value: 'all' } } },
      ],
      [
        'half a row',
        { check_id: 'x', sql: 'SELECT 1', num_of_rows: '1.5' },
        { num_of_rows: { NOT_AN_INTEGER: { value: 1.5 } } },
      ],
      [
        'a long file name',
        { check_id: 'x', sql: 'SELECT 1', file_name: 'x'.repeat(201) },
        { file_name: { TOO_LONG: { count: 200 } } },
      ],
      [
        'an object as file name',
        { check_id: 'x', sql: 'SELECT 1', file_name: {} },
        { file_name: { INVALID: {} } },
      ],
    ])('%s', async (_what, body, fields) => {
      await refused(owner, file, body, 422, { fields });
    });

    it('what could not be stored', async () => {
      const answer = await owner.call('POST', file, json({ check_id: 'a\0b', sql: 'SELECT 1' }));
      expect(answer.status).toBe(400);
    });

    const good = () => ({ check_id: aCheckId(), sql: 'SELECT 1' });

    it('a workfile without an execution schema', async () => {
      const path = await anSqlFile(server, { schemaId: null });
      await refused(owner, path, good(), 422, { fields: { execution_schema: { BLANK: {} } } });
      await refused(owner, path, {}, 422, {
        fields: { execution_schema: { BLANK: {} }, check_id: { BLANK: {} }, sql: { BLANK: {} } },
      });
    });

    it('an archived workspace, whoever asks', async () => {
      const path = await anSqlFile(server, { workspaceId: ARCHIVED });
      const fields = { workspace: { ARCHIVED: {} } };
      for (const role of ['owner', 'member', 'chorusadmin'])
        await refused(await app.as(role), path, good(), 422, { fields });
      await refused(await app.as('outsider'), path, good(), 403, { model_data: {} });
    });

    it('what is no file', async () => {
      const path = '/api/workfiles/1000004/executions';
      await refused(owner, path, good(), 422, { fields: { base: { NOT_RUNNABLE: {} } } });
    });

    it('whoever may not edit, or has no account', async () => {
      await refused(await app.as('outsider'), file, good(), 403, { model_data: {} });
      const hidden = await anSqlFile(server, { workspaceId: PRIVATE });
      await refused(await app.as('outsider'), hidden, good(), 403, { model_data: {} });
      await query(
        server.url,
        `UPDATE data_source_accounts SET deleted_at = now() WHERE owner_id = 1000007`,
      );
      const model_data = {
        id: 1_000_002,
        entity_type: 'gpdb_data_source',
        shared: false,
        owner_id: 1_000_006,
        name: 'Owners',
      };
      await refused(await app.as('member'), file, good(), 403, { model_data });
      await query(server.url, `UPDATE data_source_accounts SET deleted_at = NULL`);
      await query(
        server.url,
        `UPDATE data_source_accounts SET invalid_credentials = true WHERE owner_id = 1000007`,
      );
      await refused(await app.as('member'), file, good(), 403, {
        model_data,
        record: 'INVALID_CREDENTIALS',
      });
      await query(server.url, `UPDATE data_source_accounts SET invalid_credentials = false`);
      expect((await app.anonymous.call('POST', file, json(good()))).status).toBe(401);
    });

    it('a data source that is out of use', async () => {
      for (const state of ['disabled', 'incomplete']) {
        await query(server.url, 'UPDATE data_sources SET state = $1', [state]);
        const answer = await execute(owner, file, 'SELECT 1');
        expect([answer.status, answer.json]).toEqual([403, {}]);
      }
      await query(server.url, `UPDATE data_sources SET state = 'online'`);
    });

    it('what does not exist', async () => {
      for (const id of ['1', 'abc', '99999999999'])
        await refused(owner, `/api/workfiles/${id}/executions`, good(), 404, {
          record: 'NOT_FOUND',
        });
    });
  });

  it('marks an account whose password the data source refuses, once', async () => {
    const [account] = await query<{ id: number; secret: string }>(
      server.url,
      `SELECT id, db_password_encrypted AS secret FROM data_source_accounts WHERE owner_id = 1000007`,
    );
    const other = await anSqlFile(server);
    await query(
      server.url,
      'UPDATE data_source_accounts SET db_password_encrypted = $2 WHERE id = $1',
      [account!.id, encryptSecret('wrong', TEST_KEY, 'data_source_accounts')],
    );
    const member = await app.as('member');
    const hasCredentials = async () =>
      (await member.get('/api/schemas/1000006')).response.has_credentials;
    expect(await hasCredentials()).toBe(true);
    // Whether the data source says so or the mark.
    for (let i = 0; i < 2; i += 1) {
      const answer = await execute(member, other, 'SELECT 1');
      expect([answer.status, answer.json.errors]).toEqual([
        403,
        {
          model_data: {
            id: 1_000_002,
            entity_type: 'gpdb_data_source',
            shared: false,
            owner_id: 1_000_006,
            name: 'Owners',
          },
          record: 'INVALID_CREDENTIALS',
        },
      ]);
    }
    expect(
      await query(server.url, `SELECT actor_id FROM events WHERE action = 'CredentialsInvalid'`),
    ).toEqual([{ actor_id: 1_000_007 }]);
    const marked = await hasCredentials();
    await query(
      server.url,
      'UPDATE data_source_accounts SET db_password_encrypted = $2, invalid_credentials = false WHERE id = $1',
      [account!.id, account!.secret],
    );
    expect([marked, await hasCredentials()]).toEqual([false, true]);
  });

  it('has a limit per user, and says when to come again', async () => {
    const small = await startTestApp(server.config({ WORKER_CONCURRENCY: '0', SQL_PER_USER: '1' }));
    try {
      const client = await small.as('owner');
      const checkId = aCheckId();
      const first = execute(client, file, 'SELECT pg_sleep(30)', { checkId });
      await executing(checkId);
      const second = await execute(client, file, 'SELECT 1');
      expect(second.status).toBe(429);
      expect(second.headers.get('retry-after')).toBe('1');
      const taken = await execute(owner, file, 'SELECT 1', { checkId });
      expect(taken.json).toEqual({ errors: { fields: { check_id: { TAKEN: {} } } } });
      // Names are one's own.
      const same = await execute(await app.as('member'), file, 'SELECT 1', { checkId });
      expect(same.status).toBe(200);
      await client.delete(`${file}/${checkId}`);
      expect((await first).status).toBe(422);
    } finally {
      await small.close();
    }
  });

  async function executing(checkId: string): Promise<void> {
    await until('a session', async () => (await executionOf(server, checkId))['backend_pid']);
  }
});
