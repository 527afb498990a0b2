import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FlowOperator, flowXml, operator, storeFlow, tableSource } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { addDatabases } from '../support/second-database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const ROWS = 300_000;
/** What is easily got wrong on the way: escapes, signs, precision, order of day and month. */
const PREPARE = `
  CREATE TABLE demo.hard ("id" int NOT NULL, "Ünï ""q"" %" text, d date, at timestamptz, took interval, n numeric(30,10),
    f float8, flag boolean, bytes bytea, doc jsonb, tags text[], short varchar(3), c char(4), kind uuid);
  INSERT INTO demo.hard VALUES
    (1, E'tab\\t line\\nback\\\\slash \\r', '2026-02-01', '2026-02-01 03:04:05.678901+02', '-1 day +02:03:04',
      12345678901234567890.0123456789, 0.1::float8 + 0.2::float8, true, '\\x00ff0a', '{"a": "\\\\n"}',
      ARRAY['x,y', NULL, '"'], 'äöü', 'a', '00000000-0000-0000-0000-000000000001'),
    (2, '\\N', '0044-03-15 BC', 'infinity', '1 mon -1 day', 'NaN', '-Infinity', false, '', 'null', '{}', '', '', NULL),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, '日本 😀 ' || chr(8232), '9999-12-31', '1900-01-01', '00:00:00.000001', 0, 5e-324, NULL, NULL, '[1, 2]', NULL, NULL, NULL, NULL),
    (5, '\\.', 'today', 'epoch', '0', 1, 1.7976931348623157e308, true, NULL, NULL, NULL, NULL, NULL, NULL);
  CREATE TABLE demo.nothing (a int, b text);
  CREATE TABLE demo.wide AS SELECT ${Array.from({ length: 400 }, (_, i) => `${i} AS "c ${i}"`).join(', ')};
  CREATE TABLE demo.many AS SELECT i AS id, repeat(md5(i::text), 8) AS text FROM generate_series(1, ${ROWS}) i;
  -- Something in the middle. Stable, so that counting the rows does not compute it.
  CREATE FUNCTION demo.halt() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN pg_sleep(600)::text; END $$;
  CREATE FUNCTION demo.fail() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (1 / 0)::text; END $$;
  CREATE VIEW demo.halting AS SELECT id, CASE WHEN id = ${ROWS / 2} THEN demo.halt() ELSE text END AS text FROM demo.many;
  CREATE VIEW demo.broken AS SELECT id, CASE WHEN id = ${ROWS / 2} THEN demo.fail() ELSE text END AS text FROM demo.many;
  CREATE TYPE demo.mood AS ENUM ('calm', 'wild');
  CREATE TABLE demo.moods AS SELECT 1 AS id, 'calm'::demo.mood AS "how";
  -- Two servers seldom write dates alike.
  ALTER DATABASE "default" SET datestyle = 'SQL, DMY';
  ALTER DATABASE "default" SET intervalstyle = 'sql_standard';
  ALTER DATABASE "default" SET extra_float_digits = 0;
  -- The middle comes in the middle.
  ALTER DATABASE "default" SET synchronize_seqscans = off;
`;

describe('copies between databases', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;
  let urls: { readonly second: string; readonly third: string };

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.dataUrl, PREPARE);
    await query(server.dataUrl, 'GRANT SELECT ON ALL TABLES IN SCHEMA demo TO fermata_demo');
    await query(server.dataUrl, 'GRANT USAGE ON TYPE demo.mood TO fermata_demo');
    urls = await addDatabases(server, GOLF_FLOW);
    // A stop must do without terminating: the statements obey.
    app = await startTestApp(
      server.config({
        STOP_REPEAT_MS: '50',
        STOP_TERMINATE_AFTER_MS: '20000',
        STOP_REPLY_TIMEOUT_MS: '15000',
      }),
    );
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  afterEach(async () => {
    await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
  });

  const copy = (table: string, ifDataExists = 'Drop', place: Record<string, string> = {}) =>
    operator('copy', 'CopyToDB', {
      dbConnectionName: 'Elsewhere',
      schemaName: 'kept',
      copyToTableName: table,
      ifDataExists,
      ...place,
    });
  const start = async (source: string, ...operators: readonly FlowOperator[]) => {
    const all = [tableSource(source, source === 'few' ? 'default' : 'demo'), ...operators];
    const links = operators.map((one, i) => [all[i]!.name, one.name] as const);
    await storeFlow(server, GOLF_FLOW, flowXml({ operators: all, links }));
    return startRun(owner, GOLF_FLOW);
  };
  const run = async (source: string, ...operators: readonly FlowOperator[]) =>
    runEnded(owner, await start(source, ...operators));
  const stop = () => owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
  const count = async (table: string) => {
    const [row] = await query<{ n: number }>(
      urls.third,
      `SELECT count(*)::int AS n FROM kept."${table}"`,
    );
    return row!.n;
  };
  const sessionOf = (path: string, sql: RegExp, wait?: string) =>
    until(`${String(sql)} ${wait ?? ''} of ${path}`, async () => {
      const found = await observer.query(
        `SELECT pid, query, wait_event FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'`,
        [`fermata:${path.split('/').at(-1) ?? ''}`],
      );
      return found.find(
        (one) =>
          sql.test(String(one['query'])) && (wait === undefined || one['wait_event'] === wait),
      );
    });
  /** A table of seven rows that a copy is to replace, or add to. */
  const old = (table: string, more = '') =>
    query(
      urls.third,
      `DROP TABLE IF EXISTS kept."${table}"; CREATE TABLE kept."${table}" AS
        SELECT i AS id, 'old'::text AS text FROM generate_series(1, 7) i;
       ALTER TABLE kept."${table}" OWNER TO fermata_demo; ${more}`,
    );

  it('keep every value and the columns’ types, whatever the settings of the two sides', async () => {
    expect(await run('hard', copy('Hard "copy"'))).toMatchObject({
      status: 'succeeded',
      error: null,
    });
    const types = `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`;
    expect(await query(urls.third, types, ['kept."Hard ""copy"""'])).toEqual(
      await query(server.dataUrl, types, ['demo.hard']),
    );
    // Binary output depends on no setting.
    const values = (url: string, table: string) =>
      query(
        url,
        `SELECT id, md5(record_send(t)) AS row FROM ${table} t ORDER BY id`.replace(
          'record_send(t)',
          `concat_ws('|', encode(textsend("Ünï ""q"" %"), 'hex'), encode(date_send(d), 'hex'),
            encode(timestamptz_send(at), 'hex'), encode(interval_send(took), 'hex'), encode(numeric_send(n), 'hex'),
            encode(float8send(f), 'hex'), flag, encode(bytes, 'hex'), doc::text, array_to_json(tags)::text,
            short, c, kind)`,
        ),
      );
    expect(await values(urls.third, 'kept."Hard ""copy"""')).toEqual(
      await values(server.dataUrl, 'demo.hard'),
    );
  });

  it('make empty and wide tables, and tables of the second database of one data source', async () => {
    expect((await run('nothing', copy('empty'))).error).toBeNull();
    expect(await count('empty')).toBe(0);
    const place = { dbConnectionName: 'Owners', databaseName: 'second' };
    expect((await run('wide', copy('wide', 'Drop', place))).error).toBeNull();
    const [row] = await query(urls.second, 'SELECT * FROM kept.wide');
    expect(Object.keys(row!)).toHaveLength(400);
    expect(row!['c 399']).toBe(399);
  });

  it('show what was copied, and let the flow go on where it is', async () => {
    const path = await start(
      'golfnew',
      copy('golf'),
      operator('rainy', 'ColumnFilter', { columnNames: 'outlook,play', outputSchema: 'kept' }),
    );
    const { steps, error } = await runEnded(owner, path);
    expect(error).toBeNull();
    expect(steps[1]).toMatchObject({
      name: 'copy',
      row_count: 14,
      output: { schema: 'kept', table: 'golf' },
      statements: [
        expect.stringMatching(/^CREATE TABLE "kept"\."golf" \("outlook" text, /),
        expect.stringMatching(/^COPY \(SELECT .*\) TO STDOUT$/s),
        expect.stringMatching(/^COPY "kept"\."golf" \(.*\) FROM STDIN$/),
      ],
    });
    expect(await count('rainy')).toBe(14);
    const results = await owner.get(`${path}/results`);
    expect(results.json.outputs[1].visualData).toMatchObject({
      tableName: 'kept.golf',
      columns: ['outlook', 'temperature', 'humidity', 'wind', 'play'],
    });
  });

  it('replace, add, skip, and refuse', async () => {
    for (const [mode, rows] of [
      ['Drop', 14],
      ['Append', 28],
      ['Skip', 28],
      ['Drop', 14],
    ] as const) {
      expect((await run('golfnew', copy('modes', mode))).error).toBeNull();
      expect(await count('modes')).toBe(rows);
    }
    expect((await run('golfnew', copy('modes', 'Error'))).error.message).toBe(
      '"kept"."modes" exists (ifDataExists)',
    );
    expect((await run('nothing', copy('modes', 'Append'))).error.message).toMatch(
      /^"kept"."modes" has no column "a", "b"; it has "outlook"/,
    );
    expect(await count('modes')).toBe(14);
  });

  it('refuse a type that the target does not have, before anything is made', async () => {
    await old('moods');
    expect((await run('moods', copy('moods'))).error).toMatchObject({
      message: 'the target database does not have the type of "how" (demo.mood)',
      operator: 'copy',
    });
    expect(await count('moods')).toBe(7);
  });

  it('stop in the middle: both sides are cut off, the old table stays', async () => {
    await old('stopped');
    const path = await start('halting', copy('stopped'));
    await sessionOf(path, /TO STDOUT/, 'PgSleep');
    await until('half of the rows in the target', async () => {
      const [at] = await query<{ rows: string }>(
        urls.third,
        'SELECT tuples_processed AS rows FROM pg_stat_progress_copy WHERE datname = $1',
        ['third'],
      );
      return Number(at?.rows ?? 0) > ROWS / 3;
    });
    expect((await stop()).response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    expect(await count('stopped')).toBe(7);
    const { stop_receipt: receipt } = (await owner.get(path)).response;
    expect(receipt).toMatchObject({
      method: 'cancelled',
      outcome: 'stopped',
      operators: { finished: ['halting'], rolled_back: ['copy'] },
    });
    expect(receipt.sessions_ended.map(({ ending }: any) => ending)).toEqual(
      expect.arrayContaining(['cancelled', 'cancelled']),
    );
  });

  it('hold the source up while the target is behind, and stop so', async () => {
    await old('behind', behind('PERFORM pg_sleep(600)'));
    const path = await start('many', copy('behind', 'Append'));
    await sessionOf(path, /FROM STDIN/, 'PgSleep');
    // The data source waits for us to read: nothing is hoarded in between.
    await sessionOf(path, /TO STDOUT/, 'ClientWrite');
    expect((await stop()).response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    expect(await count('behind')).toBe(7);
    expect((await owner.get(path)).response.stop_receipt).toMatchObject({ method: 'cancelled' });
  });

  it('stop while the target waits for a lock', async () => {
    await old('locked');
    const locker = await Observer.on(urls.third);
    try {
      await locker.query('BEGIN');
      await locker.query('LOCK TABLE kept.locked IN SHARE MODE');
      const path = await start('many', copy('locked', 'Append'));
      await sessionOf(path, /FROM STDIN/, 'relation');
      await sessionOf(path, /TO STDOUT/, 'ClientWrite');
      expect((await stop()).response.status).toBe('idle');
      expect(await observer.tagged()).toEqual([]);
    } finally {
      await locker.close();
    }
    expect(await count('locked')).toBe(7);
  });

  it('fail with the words of the side that failed, and leave nothing', async () => {
    await old('failed', behind(`RAISE EXCEPTION 'no row %', NEW.id USING ERRCODE = 'P0042'`));
    expect((await run('many', copy('failed', 'Append'))).error).toEqual({
      message: `no row ${ROWS / 2}`,
      operator: 'copy',
      sqlstate: 'P0042',
    });
    expect(await count('failed')).toBe(7);
    expect((await run('broken', copy('failed'))).error).toEqual({
      message: 'division by zero',
      operator: 'copy',
      sqlstate: '22012',
    });
    expect(await count('failed')).toBe(7);
    expect(await observer.tagged()).toEqual([]);
  });

  it.each([
    ['source', /TO STDOUT/],
    ['target', /FROM STDIN/],
  ])('survive the loss of the %s', async (side, sql) => {
    await old('lost');
    const path = await start('halting', copy('lost'));
    await sessionOf(path, /TO STDOUT/, 'PgSleep');
    const { pid } = await sessionOf(path, sql);
    await query(server.url, 'SELECT pg_terminate_backend($1)', [pid]);
    const ended = await runEnded(owner, path);
    expect(ended).toMatchObject({ status: 'failed', error: { operator: 'copy' } });
    expect(ended.error.sqlstate ?? '57P01').toBe('57P01');
    expect(`${side}: ${await count('lost')}`).toBe(`${side}: 7`);
    expect(await observer.tagged()).toEqual([]);
  });

  it('stop at any moment: the copy is the old one or the new one, and whole', async () => {
    const versioned = (version: number) =>
      operator(
        'versioned',
        'Variable',
        { columnNames: 'id' },
        `<DerivedFieldsModel><DerivedFieldItem columnName="version" dataType="INTEGER" expression="${version}"/></DerivedFieldsModel>`,
      );
    const few = operator('few', 'SqlExecute', {
      sql: 'CREATE TABLE alpine_sql_output AS SELECT id FROM alpine_sql_input_1 WHERE id <= 50000',
    });
    expect((await run('many', few, versioned(1), copy('random'))).status).toBe('succeeded');
    const warm = performance.now();
    expect((await run('few', versioned(1), copy('random'))).status).toBe('succeeded');
    const usual = performance.now() - warm;
    const outcomes = new Set<string>();
    for (let version = 2; version < 17; version += 1) {
      const path = await start('few', versioned(version), copy('random'));
      await sleep(Math.random() * usual * 1.1);
      expect((await stop()).response.status).toBe('idle');
      expect(await observer.tagged()).toEqual([]);
      const { steps } = (await owner.get(path)).response;
      const finished = steps.some(
        (step: any) => step.name === 'copy' && step.status === 'finished',
      );
      outcomes.add(finished ? 'new' : 'old');
      const [found] = await query<{ rows: number; version: number; versions: number }>(
        urls.third,
        'SELECT count(*)::int AS rows, max(version) AS version, count(DISTINCT version)::int AS versions FROM kept.random',
      );
      expect(found).toMatchObject({ rows: 50_000, versions: 1 });
      if (finished) expect(found!.version).toBe(version);
      else expect(found!.version).toBeLessThan(version);
    }
    expect(outcomes).toContain('old');
  });

  it('need the account of the other data source', async () => {
    await query(server.url, `UPDATE databases SET name = 'nowhere' WHERE id = 1000902`);
    try {
      const { status, error } = await run('golfnew', copy('golf'));
      expect(status).toBe('failed');
      expect(error.message).toMatch(
        /cannot connect to data source "Elsewhere", database "nowhere"/,
      );
    } finally {
      await query(server.url, `UPDATE databases SET name = 'third' WHERE id = 1000902`);
    }
  });
});

/** A trigger that does something at the row in the middle. */
function behind(doing: string): string {
  return `CREATE OR REPLACE FUNCTION kept.in_the_middle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.id = ${ROWS / 2} THEN ${doing}; END IF; RETURN NEW; END $$;
    GRANT EXECUTE ON FUNCTION kept.in_the_middle TO fermata_demo;
    DO $$ DECLARE t regclass := (SELECT max(oid)::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = 'kept'::regnamespace);
    BEGIN EXECUTE format('CREATE TRIGGER middle BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION kept.in_the_middle()', t); END $$`;
}
