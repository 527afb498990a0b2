import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '../../src/common/sql/sql.js';
import {
  ConnectionLost,
  type ConnectionTarget,
  type RunSession,
  StatementFailed,
} from '../../src/data-sources/connectors/connector.js';
import { PostgresConnector } from '../../src/data-sources/connectors/postgres.connector.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const ROWS = 200_000;
const TAG = 'fermata:copy';
const ALL = sql`COPY (SELECT id, text FROM many) TO STDOUT`;
const HALTING = sql`COPY (SELECT id, CASE WHEN id = 100000 THEN pg_sleep(600)::text ELSE text END FROM many ORDER BY id) TO STDOUT`;
const INTO = sql`COPY made FROM STDIN`;

describe('rows from session to session', () => {
  let server: TestServer;
  let connector: PostgresConnector;
  let target: ConnectionTarget;

  beforeAll(async () => {
    server = await startTestServer();
    await query(
      server.dataUrl,
      `CREATE TABLE many AS SELECT i AS id, md5(i::text) AS text FROM generate_series(1, ${ROWS}) i;
       CREATE TABLE made (id int CHECK (id <> 150000), text text); CREATE TABLE free (id int, text text)`,
    );
    connector = new PostgresConnector(server.config());
    const url = new URL(server.dataUrl);
    target = {
      dataSourceId: 1,
      dataSourceName: 'test',
      databaseId: 1,
      accountId: 1,
      kind: 'pg_data_source',
      host: url.hostname,
      port: Number(url.port),
      database: 'default',
      ssl: false,
      username: url.username,
      password: url.password,
    };
  });
  afterAll(async () => {
    await connector.close();
    await server.stop();
  });

  const pair = async (use: (source: RunSession, into: RunSession) => Promise<void>) => {
    const [source, into] = [await connector.open(target, TAG), await connector.open(target, TAG)];
    try {
      await use(source, into);
    } finally {
      await query(
        server.url,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
        [TAG],
      );
      await Promise.all([source.close(), into.close()]);
    }
  };
  const underWay = () =>
    until('rows on their way', async () => {
      const [found] = await query<{ n: number }>(
        server.url,
        `SELECT coalesce(max(tuples_processed), 0)::int AS n FROM pg_stat_progress_copy WHERE command = 'COPY FROM'`,
      );
      return found!.n > 10_000;
    });

  it('all arrive, and both sessions go on', () =>
    pair(async (source, into) => {
      for (let times = 0; times < 3; times += 1) {
        const rows = await into.copyIn(sql`COPY free FROM STDIN`, source.copyOut(ALL));
        expect(rows).toBe(ROWS);
        expect((await source.execute(sql`SELECT ${'ü'}::text AS a`)).rows).toEqual([{ a: 'ü' }]);
        expect((await into.execute(sql`SELECT count(*)::int AS n FROM free`)).rows).toEqual([
          { n: ROWS * (times + 1) },
        ]);
      }
    }));

  it('the words of the side that failed, and the other one goes on when it is at rest', () =>
    pair(async (source, into) => {
      const stream = source.copyOut(ALL);
      const failed = await into.copyIn(INTO, stream).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(StatementFailed);
      expect(failed).toMatchObject({ sqlstate: '23514' });
      expect((await into.execute(sql`SELECT 1 AS a`)).rows).toEqual([{ a: 1 }]);
      stream.rows.resume();
      await stream.ended;
      expect((await source.execute(sql`SELECT 1 AS a`)).rows).toEqual([{ a: 1 }]);

      const nowhere = source.copyOut(sql`COPY (SELECT 1 / (id - 100) FROM many) TO STDOUT`);
      const other = await into.copyIn(INTO, nowhere).catch((error: unknown) => error);
      expect(other).toMatchObject({ sqlstate: '22012' });
      for (const session of [source, into])
        expect((await session.execute(sql`SELECT 2 AS a`)).rows).toEqual([{ a: 2 }]);
    }));

  it.each(['source', 'target'] as const)('no wait for ever when the %s is let go of', (side) =>
    pair(async (source, into) => {
      const stream = source.copyOut(HALTING);
      const copying = into.copyIn(INTO, stream).catch((error: unknown) => error);
      await underWay();
      if (side === 'source') source.destroy();
      else into.destroy();
      expect(await copying).toBeInstanceOf(ConnectionLost);
      expect([source.alive, into.alive]).toEqual(side === 'source' ? [false, true] : [true, false]);
      if (side === 'source') {
        await expect(stream.ended).rejects.toBeInstanceOf(ConnectionLost);
        expect((await into.execute(sql`SELECT 1 AS a`)).rows).toEqual([{ a: 1 }]);
      }
    }),
  );

  it('nothing of a session that has ended already', () =>
    pair(async (source, into) => {
      await source.close();
      const stream = source.copyOut(ALL);
      expect(await into.copyIn(INTO, stream).catch((error: unknown) => error)).toBeInstanceOf(
        ConnectionLost,
      );
      await into.close();
      const again = await connector.open(target, TAG);
      const rest = again.copyOut(ALL);
      expect(await into.copyIn(INTO, rest).catch((error: unknown) => error)).toBeInstanceOf(
        ConnectionLost,
      );
      rest.rows.resume();
      await rest.ended;
      await again.close();
    }));
});
