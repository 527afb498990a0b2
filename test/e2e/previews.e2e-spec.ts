import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flowXml, rowFilter, storeFlow, tableSource } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const TABLES = `
  CREATE TABLE demo.plain (
    value smallint, "key" integer, shown bigint, r real, d double precision, n numeric, money numeric(12,2), t text,
    v varchar(9), b boolean, id uuid, day date, at timestamp, atz timestamptz, clock time);
  INSERT INTO demo.plain VALUES
    (1, -2, 9007199254740993, 1e-7, 0.1, 12345678901234567890.123456789, 1.50, E'it''s "x"\\n\\ttab \\\\ ünï 🙂', 'b', true,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2024-02-29', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56+02', '01:02:03'),
    (0, 0, 0, 'NaN', 'Infinity', 'NaN', 0, '', repeat('w', 9), false, NULL, 'infinity', '-infinity', '0044-03-15 BC', NULL),
    (NULL, NULL, NULL, '-Infinity', 1e300, 0.000001, NULL, repeat('long ', 500), NULL, NULL, NULL, NULL, NULL, NULL, NULL);
  CREATE TYPE demo.feeling AS ENUM ('good');
  CREATE DOMAIN demo.percentage AS integer CHECK (VALUE <= 100);
  CREATE TABLE demo.padded (c char(3));
  INSERT INTO demo.padded VALUES ('a');
  CREATE TABLE demo.special (
    id integer, list text[], numbers numeric(5,1)[], days date[], j json, jb jsonb, p demo.percentage, f demo.feeling,
    bytes bytea, wait interval, span int4range, pair demo.plain);
  INSERT INTO demo.special (id, list, numbers, days, j, jb, p, f, bytes, wait, span)
    VALUES (1, '{a,"b c",NULL}', '{1.5}', '{2024-02-29}', '"text"', '{"b": 1.50, "a": null}', 7, 'good', '\\x00ff', '1 day 02:00', '[1,5)'),
      (2, NULL, NULL, NULL, 'null', 'null', NULL, NULL, NULL, NULL, NULL);
  CREATE TABLE demo.nothing ();
  INSERT INTO demo.nothing DEFAULT VALUES;
  CREATE FUNCTION demo.waits(i int) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(CASE WHEN i > 25 THEN 60 ELSE 0 END); RETURN i; END';
  CREATE VIEW demo.slow AS SELECT i, demo.waits(i) AS waited FROM generate_series(1, 26) i;
  GRANT SELECT ON ALL TABLES IN SCHEMA demo TO fermata_demo;
  GRANT USAGE ON TYPE demo.feeling, demo.percentage TO fermata_demo`;

describe('previews', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
    await query(server.dataUrl, TABLES);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const flowOf = (table: string, where: string) =>
    storeFlow(
      server,
      GOLF_FLOW,
      flowXml({
        operators: [tableSource(table), rowFilter('kept', where)],
        links: [[table, 'kept']],
      }),
    );

  // A source is shown column by column, what an operator has stored as whole rows.
  it.each(['plain', 'padded', 'special', 'nothing'])(
    'show stored values as their source: %s',
    async (table) => {
      await flowOf(table, 'true');
      const run = await startRun(owner, GOLF_FLOW);
      expect((await runEnded(owner, run)).error).toBeNull();
      const { outputs } = (await owner.get(`${run}/results`)).json as Results;
      const [source, stored] = outputs.map(({ visualData }) => visualData);
      expect(stored).toEqual({ ...source, tableName: 'default.kept' });
      expect(source?.items).toHaveLength(
        { plain: 3, padded: 1, special: 2, nothing: 1 }[table] ?? -1,
      );
    },
  );

  it('are there before the rows of a source are counted, and so is what is made of them', async () => {
    await flowOf('slow', 'i = 1');
    const run = await startRun(owner, GOLF_FLOW);
    const { steps } = await until('the end of the filter', async () => {
      const { response } = await owner.get(run);
      const { steps: seen } = response as { steps: { name: string; status: string }[] };
      return seen.some(({ name, status }) => name === 'kept' && status === 'finished')
        ? response
        : null;
    });
    expect(steps).toMatchObject([{ name: 'slow', status: 'running' }, { name: 'kept' }]);
    expect(await observer.query('SELECT i FROM "default".kept')).toEqual([{ i: 1 }]);

    const stopped = await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);

    expect(stopped.response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    expect((await owner.get(run)).response.stop_receipt).toMatchObject({
      outcome: 'stopped',
      operators: { finished: ['kept'], rolled_back: ['slow'], never_started: [] },
    });
  });
});

interface Results {
  readonly outputs: readonly {
    readonly visualData: { readonly items: readonly object[]; readonly tableName: string };
  }[];
}
