import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operator, rowFilter, tableSource } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { OperatorRuns } from '../support/operator-runs.js';
import { GOLF_FLOW, runEnded } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const ROWS = 60_000;
const PREPARE = `
  CREATE TABLE demo.odd ("id" int, "Ünï ""q"", %" text, "when" timestamp, tags int[]);
  INSERT INTO demo.odd VALUES (1, 'it''s "so", he; said', '2026-01-02 03:04:05', '{1,2}'), (2, NULL, NULL, NULL),
    (3, '', NULL, '{}'), (4, E'two\\nlines\\t日本', NULL, NULL);
  CREATE TABLE demo.none AS SELECT * FROM demo.odd WHERE false;
  CREATE TABLE demo.many AS SELECT i AS id, repeat(md5(i::text), 2) AS text FROM generate_series(1, ${ROWS}) i;
  CREATE FUNCTION demo.halt() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN pg_sleep(600)::text; END $$;
  CREATE FUNCTION demo.fail() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (1 / 0)::text; END $$;
  CREATE VIEW demo.halting AS SELECT id, CASE WHEN id = ${ROWS / 2} THEN demo.halt() ELSE text END AS text FROM demo.many;
  CREATE VIEW demo.broken AS SELECT id, CASE WHEN id = ${ROWS / 2} THEN demo.fail() ELSE text END AS text FROM demo.many;
  GRANT SELECT ON ALL TABLES IN SCHEMA demo TO fermata_demo;
  ALTER DATABASE "default" SET synchronize_seqscans = off;
`;
const BYTES = 10_000_000;

describe('exports', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let runs: OperatorRuns;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.dataUrl, PREPARE);
    app = await startTestApp(
      server.config({ EXPORT_LIMIT_BYTES: String(BYTES), STOP_TERMINATE_AFTER_MS: '20000' }),
    );
    owner = await app.as('owner');
    runs = new OperatorRuns(server, owner);
    observer = await Observer.on(server.dataUrl);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const file = (parameters: Record<string, string> = {}) => operator('file', 'Export', parameters);
  const start = (table: string, parameters: Record<string, string> = {}) =>
    runs.start([tableSource(table), file(parameters)], [[table, 'file']]);
  const run = async (table: string, parameters: Record<string, string> = {}) => {
    const path = await start(table, parameters);
    return { path, run: await runEnded(owner, path) };
  };
  const listed = async (path: string) => (await owner.get(`${path}/exports`)).response;
  const text = async (path: string, parameters: Record<string, string>) => {
    const done = await run(path, parameters);
    expect(done.run.error).toBeNull();
    const [one] = await listed(done.path);
    return (await owner.get(one.url)).text;
  };
  /** Of all files, finished or not. */
  const partsKept = async () => {
    const [found] = await query<{ n: number }>(
      server.url,
      'SELECT count(*)::int AS n FROM run_exports LEFT JOIN run_export_parts USING (step_id)',
    );
    return found!.n;
  };

  it('offer the rows as CSV, byte for byte', async () => {
    const done = await run('odd');
    expect(done.run).toMatchObject({ status: 'succeeded', error: null });
    const files = await listed(done.path);
    expect(files).toEqual([
      {
        operator: 'file',
        file_name: 'file.csv',
        size_bytes: expect.any(Number),
        url: `${done.path}/exports/1`,
      },
    ]);
    const answer = await owner.get(files[0].url);
    expect(answer.text).toBe(
      'id,"Ünï ""q"", %",when,tags\n1,"it\'s ""so"", he; said",2026-01-02 03:04:05,"{1,2}"\n' +
        '2,,,\n3,"",,{}\n4,"two\nlines\t日本",,\n',
    );
    expect(Buffer.byteLength(answer.text)).toBe(files[0].size_bytes);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="file.csv"');
  });

  it('take delimiter, heading and name from the file', async () => {
    const parameters = { delimiter: 'Semicolon', includeHeader: 'No', fileName: 'Größe "1"' };
    expect(await text('odd', parameters)).toMatch(
      /^1;"it's ""so"", he; said";2026-01-02 03:04:05;\{1,2\}\n2;;;\n/,
    );
    const tabs = await run('odd', { ...parameters, delimiter: 'tab' });
    const [one] = await listed(tabs.path);
    expect(one.file_name).toBe('Größe "1".csv');
    const answer = await owner.get(one.url);
    expect(answer.text).toMatch(/^1\t"it's ""so"", he; said"\t/);
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="Gr__e _1_.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.csv`,
    );
    expect(await text('none', {})).toBe('id,"Ünï ""q"", %",when,tags\n');
  });

  it('show in the results what they have made, and keep their SQL', async () => {
    const done = await runs.chain(
      'odd',
      rowFilter('some', 'id < 3', { outputTable: 'some_rows' }),
      file({ fileName: 'some.txt' }),
    );
    const [about, data] = done.shown;
    expect(about.visualData.items).toEqual([
      {
        File: 'some.txt',
        Rows: '2',
        Bytes: expect.stringMatching(/^\d+$/),
        Download: expect.stringMatching(/^\/api\/runs\/.*\/exports\/2$/),
      },
    ]);
    expect(data.visualData.items).toHaveLength(2);
    const step = done.run.steps.find((one: any) => one.name === 'file');
    expect(step.sql ?? step.statements).toEqual([
      `COPY (SELECT "id", "Ünï ""q"", %", "when", "tags"\nFROM "default"."some_rows") TO STDOUT WITH DELIMITER AS ',' CSV HEADER`,
    ]);
    const asked = await owner.get(about.visualData.items[0].Download);
    expect(asked.text.split('\n')).toHaveLength(4);
  });

  it('come in parts, whole', async () => {
    const done = await run('many', { includeHeader: 'No' });
    const [one] = await listed(done.path);
    const [expected] = await query<{ md5: string; bytes: number; parts: number }>(
      server.dataUrl,
      `SELECT md5(string_agg(id || ',' || text || E'\\n', '' ORDER BY id)),
         sum(length(id || ',' || text) + 1)::int AS bytes FROM demo.many`,
    );
    expect(one.size_bytes).toBe(expected!.bytes);
    const answer = await owner.get(one.url);
    expect(createHash('md5').update(answer.text).digest('hex')).toBe(expected!.md5);
    const [parts] = await query<{ n: number }>(
      server.url,
      `SELECT count(*)::int AS n FROM run_export_parts part JOIN run_steps step ON step.id = part.step_id WHERE step.run_id = $1`,
      [done.path.split('/').at(-1)],
    );
    expect(parts!.n).toBeGreaterThan(2);
  });

  it('are for those who may see the workfile', async () => {
    const { path } = await run('odd');
    for (const name of ['member', 'outsider', 'chorusadmin'])
      expect((await (await app.as(name)).get(`${path}/exports/1`)).status).toBe(200);
    await query(server.url, 'UPDATE workspaces SET public = false');
    try {
      const outsider = await app.as('outsider');
      for (const what of ['exports', 'exports/1']) {
        expect((await outsider.get(`${path}/${what}`)).status).toBe(403);
        expect((await app.anonymous.get(`${path}/${what}`)).status).toBe(401);
        expect((await owner.get(`${path}/${what}`)).status).toBe(200);
      }
    } finally {
      await query(server.url, 'UPDATE workspaces SET public = true');
    }
    for (const other of ['0', '2', 'x', '-1', '99999999999', '1%00'])
      expect([other, (await owner.get(`${path}/exports/${other}`)).status]).toEqual([other, 404]);
  });

  it('leave nothing of a file when the statement fails, or when it becomes too large', async () => {
    const before = await partsKept();
    const broken = await run('broken');
    expect(broken.run.error).toEqual({
      message: 'division by zero',
      operator: 'file',
      sqlstate: '22012',
    });
    await query(
      server.dataUrl,
      `CREATE VIEW demo.large AS SELECT a.id, a.text FROM demo.many a, generate_series(1, 5);
       GRANT SELECT ON demo.large TO fermata_demo`,
    );
    const large = await run('large');
    expect(large.run).toMatchObject({
      status: 'failed',
      error: {
        message: `the file would be larger than ${BYTES} bytes (EXPORT_LIMIT_BYTES)`,
        operator: 'file',
      },
    });
    for (const { path } of [broken, large]) {
      expect(await listed(path)).toEqual([]);
      expect((await owner.get(`${path}/exports/1`)).status).toBe(404);
    }
    expect(await partsKept()).toBe(before);
    expect(await observer.tagged()).toEqual([]);
  });

  it('stop in the middle: nothing is left of the file', async () => {
    const before = await partsKept();
    const path = await start('halting');
    await until('half of the rows are here', async () => (await partsKept()) > before);
    const { status, response } = await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
    expect([status, response.status]).toEqual([202, 'idle']);
    expect(await observer.tagged()).toEqual([]);
    expect(await partsKept()).toBe(before);
    expect((await owner.get(path)).response.stop_receipt).toMatchObject({
      method: 'cancelled',
      operators: { finished: ['halting'], rolled_back: ['file'] },
    });
  });

  it('stop at any moment: the file is there and whole, or not there', async () => {
    const started = performance.now();
    const whole = await listed((await run('many')).path);
    const usual = performance.now() - started;
    const seen = new Set<number>();
    for (let i = 0; i < 12; i += 1) {
      const before = await partsKept();
      const path = await start('many');
      await sleep((usual * 1.2 * i) / 12);
      expect((await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`)).response.status).toBe('idle');
      const run = await runEnded(owner, path);
      const files = await listed(path);
      const isFinished = run.steps.some(
        (one: any) => one.name === 'file' && one.status === 'finished',
      );
      expect(files.map((one: any) => one.size_bytes)).toEqual(
        isFinished ? [whole[0].size_bytes] : [],
      );
      if (!isFinished) expect(await partsKept()).toBe(before);
      seen.add(files.length);
    }
    expect(seen).toEqual(new Set([0, 1]));
  });

  it('refuse what makes no file, all at once', async () => {
    const bad = await run('odd', { delimiter: 'x', includeHeader: 'maybe', fileName: '../a' });
    expect(bad.run).toMatchObject({ status: 'failed', steps: [] });
    for (const part of [
      '"fileName" must be a name of at most 200 characters',
      '"delimiter" must be one of Comma, Semicolon, Tab, Pipe',
      '"includeHeader" must be Yes or No, not "maybe"',
    ])
      expect(bad.run.error.message).toContain(part);
  });
});
