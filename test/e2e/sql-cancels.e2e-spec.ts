import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { json } from '../support/forms.js';
import { Observer } from '../support/observer.js';
import {
  aCheckId,
  anSqlFile,
  execute,
  executionOf,
  seenExecuting,
  sqlSessions,
} from '../support/sql-files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import { withinReach } from '../support/within-reach.js';

const CANCELLED = {
  errors: { fields: { query: { INVALID: { message: 'The statement was cancelled.' } } } },
};
/** Minutes of work for a CPU, in a plan that checks for interrupts only between rows. */
const HEAVY =
  'SELECT count(*) FROM demo.credit a JOIN demo.credit b ON a.id * 7 % 1000 <> b.id % 999';

describe('cancelling ad-hoc SQL', () => {
  let server: TestServer;
  let app: TestApp;
  let elsewhere: TestApp;
  let owner: TestClient;
  let ownerElsewhere: TestClient;
  let observer: Observer;
  let file: string;
  const bystanders: pg.Client[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    const config = server.config({ WORKER_CONCURRENCY: '0', STOP_TERMINATE_AFTER_MS: '1000' });
    app = await startTestApp(config);
    elsewhere = await startTestApp(config);
    owner = await app.as('owner');
    ownerElsewhere = await elsewhere.as('owner');
    observer = await Observer.on(server.dataUrl);
    file = await anSqlFile(server);
    await observer.query('CREATE SEQUENCE public.rows_read');
    await observer.query('GRANT USAGE ON SEQUENCE public.rows_read TO fermata_demo');
    // Sessions that look like ours to a careless eye, all at work.
    const connectionString = await withinReach(server);
    for (const name of [
      'fermata-sql:',
      'fermata-sql:11111111-1111-4111-8111-111111111111',
      'psql',
    ]) {
      const client = new pg.Client({ connectionString, application_name: name });
      client.on('error', () => undefined);
      await client.connect();
      client.query('SELECT pg_sleep(600)').catch(() => undefined);
      bystanders.push(client);
    }
  });
  afterAll(async () => {
    await observer.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()`,
    );
    await Promise.all(bystanders.map((client) => client.end().catch(() => undefined)));
    await observer.close();
    await elsewhere.close();
    await app.close();
    await server.stop();
  });
  afterEach(async () => {
    const [left] = await observer.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'`,
    );
    expect(left).toEqual({ n: bystanders.length });
    await until('no session left', async () => (await ours()).length === 0);
  });

  /** Sessions of ad-hoc SQL that are not bystanders. */
  const ours = async () =>
    (await sqlSessions(observer)).filter((one) => !one.query.includes('pg_sleep(600)'));

  /** A hundred gigabytes, for whoever reads them. */
  const download = (checkId: string, client: AbortController) =>
    fetch(`${owner.url}${file}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: owner.cookie ?? '' },
      body: JSON.stringify({
        check_id: checkId,
        sql: `SELECT repeat('x', 1000), generate_series(1, 100000000), nextval('public.rows_read')`,
        download: true,
      }),
      signal: client.signal,
    });

  it.each([
    ['asleep', 'SELECT pg_sleep(100)', /pg_sleep\(100\)/],
    ['at heavy work', HEAVY, /demo\.credit a JOIN/],
    ['in the second statement', 'SELECT 1; SELECT pg_sleep(101)', /pg_sleep\(101\)/],
    [
      'writing',
      'CREATE TABLE cut_off AS SELECT pg_sleep(0.01)::text AS slept, n FROM generate_series(1, 100000) n',
      /cut_off/,
    ],
  ])('from another server, %s: dead when it is answered', async (_what, sql, pattern) => {
    const checkId = aCheckId();
    const executing = execute(owner, file, sql, { checkId });
    const seen = await seenExecuting(observer, pattern);
    const answer = await ownerElsewhere.delete(`${file}/${checkId}`);
    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect((await ours()).map(({ pid }) => pid)).not.toContain(seen.pid);
    expect(await observer.locksOf([seen.pid])).toBe(0);
    expect(await executing).toMatchObject({ status: 422, json: CANCELLED });
    expect(await executionOf(server, checkId)).toMatchObject({
      outcome: 'rolled_back',
      cancel_reason: 'asked',
      cancel_requested_by: 1_000_006,
    });
    expect(await observer.tableExists('default', 'cut_off')).toBe(false);
  });

  it('one that will not be cancelled is terminated', async () => {
    const checkId = aCheckId();
    const stubborn = `DO $$ BEGIN FOR i IN 1..1000 LOOP
      BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$`;
    const executing = execute(owner, file, stubborn, { checkId });
    await seenExecuting(observer, /query_canceled/);
    const answer = await ownerElsewhere.delete(`${file}/${checkId}`);
    expect(answer.status).toBe(200);
    expect(await ours()).toEqual([]);
    expect(await executing).toMatchObject({ status: 422, json: CANCELLED });
  });

  it('one that has renamed its session is ended all the same', async () => {
    const checkId = aCheckId();
    const executing = execute(
      owner,
      file,
      `SELECT set_config('application_name', 'somebody else', false), pg_sleep(100)`,
      { checkId },
    );
    const { backend_pid: pid } = await until('its session', async () => {
      const row = await executionOf(server, checkId);
      return row['backend_pid'] ? row : null;
    });
    await until('its disguise', async () => {
      const [session] = await observer.query(
        'SELECT application_name AS name FROM pg_stat_activity WHERE pid = $1',
        [pid],
      );
      return session?.['name'] === 'somebody else';
    });
    expect((await ownerElsewhere.delete(`${file}/${checkId}`)).status).toBe(200);
    expect(await observer.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).toEqual([]);
    expect((await executing).json).toEqual(CANCELLED);
  });

  it('twice, or when it is over, is no error', async () => {
    const checkId = aCheckId();
    const executing = execute(owner, file, 'SELECT pg_sleep(102)', { checkId });
    await seenExecuting(observer, /pg_sleep\(102\)/);
    const answers = await Promise.all(
      [owner, ownerElsewhere, owner].map((client) => client.delete(`${file}/${checkId}`)),
    );
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([200, '{}']));
    await executing;
    expect((await owner.delete(`${file}/${checkId}`)).status).toBe(200);
    const done = aCheckId();
    await execute(owner, file, 'SELECT 1', { checkId: done });
    expect((await owner.delete(`${file}/${done}`)).text).toBe('{}');
    expect(await executionOf(server, done)).toMatchObject({
      outcome: 'committed',
      cancel_reason: null,
    });
  });

  it('is for nobody but its user, at its own address', async () => {
    const checkId = aCheckId();
    const executing = execute(owner, file, 'SELECT pg_sleep(103)', { checkId });
    const seen = await seenExecuting(observer, /pg_sleep\(103\)/);
    const other = await anSqlFile(server);
    for (const [client, path] of [
      [await app.as('member'), file],
      [await app.as('chorusadmin'), file],
      [await app.as('outsider'), file],
      [owner, other],
      [owner, '/api/workfiles/1/executions'],
      [owner, '/api/datasets/1000011/previews'],
    ] as const) {
      const answer = await client.delete(`${path}/${checkId}`);
      expect([answer.status, answer.json]).toEqual([404, { errors: { record: 'NOT_FOUND' } }]);
    }
    for (const name of ['nothing', '%00', 'a%2Fb', "'--", 'x'.repeat(90)])
      expect((await owner.delete(`${file}/${name}`)).status).toBe(404);
    expect((await app.anonymous.delete(`${file}/${checkId}`)).status).toBe(401);
    expect((await ours()).map(({ pid }) => pid)).toEqual([seen.pid]);
    await owner.delete(`${file}/${checkId}`);
    await executing;
  });

  it('that comes before the statement lets nothing begin', async () => {
    for (let i = 0; i < 15; i++) {
      const checkId = aCheckId();
      const table = `early_${i}`;
      const executing = execute(
        owner,
        file,
        `CREATE TABLE ${table} AS SELECT pg_sleep(0.2)::text AS slept`,
        {
          checkId,
        },
      );
      // As soon as there is anything to cancel, wherever it is on its way.
      await until('its row', async () => (await executionOf(server, checkId))['id'] !== undefined);
      const answer = await ownerElsewhere.delete(`${file}/${checkId}`);
      expect(answer.status).toBe(200);
      expect(await ours()).toEqual([]);
      expect((await executing).json).toEqual(CANCELLED);
      const { outcome } = await executionOf(server, checkId);
      expect(['never_started', 'rolled_back']).toContain(outcome);
      expect(await observer.tableExists('default', table)).toBe(false);
    }
  });

  it('and the end of a statement tell the same story', async () => {
    const seen = new Set<boolean>();
    for (let i = 0; i < 30; i++) {
      // The first is sure to be cut off, the last to be too late for that.
      const seconds = i === 0 ? 600 : 0.001 * (i % 6);
      const checkId = aCheckId();
      const table = `race_${i}`;
      const executing = execute(
        owner,
        file,
        `CREATE TABLE ${table} AS SELECT pg_sleep(${seconds})::text AS slept`,
        { checkId },
      );
      const awaited = i === 29 ? 'ended_at' : 'backend_pid';
      await until(awaited, async () => (await executionOf(server, checkId))[awaited]);
      expect((await ownerElsewhere.delete(`${file}/${checkId}`)).status).toBe(200);
      const { outcome } = await executionOf(server, checkId);
      seen.add(outcome === 'committed');
      const exists = await observer.tableExists('default', table);
      expect(exists).toBe(outcome === 'committed');
      expect((await executing).status).toBe(outcome === 'committed' ? 200 : 422);
    }
    expect(seen).toEqual(new Set([true, false]));
  });

  it('happens when the client goes', async () => {
    const checkId = aCheckId();
    const client = new AbortController();
    const executing = fetch(`${owner.url}${file}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: owner.cookie ?? '' },
      body: JSON.stringify({ check_id: checkId, sql: 'SELECT pg_sleep(104)' }),
      signal: client.signal,
    });
    await seenExecuting(observer, /pg_sleep\(104\)/);
    client.abort();
    await expect(executing).rejects.toThrow();
    await until('its end', async () => (await executionOf(server, checkId))['ended_at']);
    expect(await ours()).toEqual([]);
    expect(await executionOf(server, checkId)).toMatchObject({
      outcome: 'rolled_back',
      cancel_reason: 'client_gone',
      cancel_requested_by: null,
    });
  });

  it('happens when the client of a download goes, whose rows wait for it meanwhile', async () => {
    const checkId = aCheckId();
    const client = new AbortController();
    const response = await download(checkId, client);
    expect(response.status).toBe(200);
    const reader = response.body!.getReader();
    await reader.read();
    // Nobody reads on: the rows of a hundred gigabytes stay where they are.
    let read = 0;
    await until('no more rows are read', async () => {
      const before = read;
      await new Promise((resolve) => setTimeout(resolve, 500));
      const [row] = await observer.query('SELECT last_value::int AS n FROM public.rows_read');
      read = row!['n'] as number;
      // A kilobyte each.
      expect(read).toBeLessThan(100_000);
      return read === before;
    });
    expect(await ours()).toHaveLength(1);
    client.abort();
    await until('its end', async () => (await executionOf(server, checkId))['ended_at']);
    expect(await ours()).toEqual([]);
  });

  it('reaches a download that its client does not read', async () => {
    const checkId = aCheckId();
    const response = await download(checkId, new AbortController());
    const reader = response.body!.getReader();
    await reader.read();
    await until('its session waiting', async () => (await ours()).length === 1);
    const answer = await ownerElsewhere.delete(`${file}/${checkId}`);
    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(await ours()).toEqual([]);
    // What has come is no whole file: the transfer is broken off.
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow();
  });

  it('happens after the time that it may take', async () => {
    const quick = await startTestApp(
      server.config({ WORKER_CONCURRENCY: '0', SQL_TIMEOUT_SECONDS: '1' }),
    );
    try {
      const client = await quick.as('owner');
      const answer = await execute(client, file, 'SELECT pg_sleep(105)');
      expect(answer.status).toBe(422);
      expect(answer.json.errors.fields.query.INVALID.message).toMatch(/longer than|timeout/);
      // A limit that the SQL itself has lifted.
      const lifted = await execute(client, file, 'SET statement_timeout = 0; SELECT pg_sleep(106)');
      expect(lifted.json.errors.fields.query.INVALID.message).toContain('longer than it may');
    } finally {
      await quick.close();
    }
  });

  it('happens when the server is shut down, and its client is told', async () => {
    const short = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    const checkId = aCheckId();
    const executing = execute(await short.as('owner'), file, 'SELECT pg_sleep(107)', { checkId });
    await seenExecuting(observer, /pg_sleep\(107\)/);
    await short.close();
    expect(await ours()).toEqual([]);
    expect((await executing).json.errors.fields.query.INVALID.message).toContain('shut down');
    expect(await executionOf(server, checkId)).toMatchObject({ cancel_reason: 'shutdown' });
  });

  it('of previews works the same', async () => {
    await query(
      server.dataUrl,
      `CREATE VIEW "default".slow AS SELECT pg_sleep(108)::text AS slept, 1 AS n; GRANT SELECT ON "default".slow TO fermata_demo`,
    );
    const [{ id } = { id: 0 }] = await query<{ id: number }>(
      server.url,
      `INSERT INTO datasets (kind, name, schema_id) VALUES ('view', 'slow', 1000006) RETURNING id`,
    );
    const checkId = aCheckId();
    const path = `/api/datasets/${id}/previews`;
    const previewing = owner.call('POST', path, json({ task: { check_id: checkId } }));
    await seenExecuting(observer, /"default"\."slow"/);
    expect((await (await elsewhere.as('member')).delete(`${path}/${checkId}`)).status).toBe(404);
    const answer = await ownerElsewhere.delete(`${path}/${checkId}`);
    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(await ours()).toEqual([]);
    expect(await previewing).toMatchObject({ status: 422, json: CANCELLED });
  });
});
