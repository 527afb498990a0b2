import type { Pool, PoolClient, QueryResultRow } from 'pg';
import type { DataSource as OrmDataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/** A statement parsed and planned once per connection. The name must be unique in the code base. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/**
 * For a `WITH`, to be named in a FROM so that it is evaluated: the statement's commit does not wait for the disk. For what
 * may be lost with a crash of the server because a later commit, which does wait, gives it its meaning: the log is written
 * in order, so that one makes this one durable too.
 */
export const WITHOUT_WAITING = `unhurried AS (SELECT set_config('synchronous_commit', 'off', true))`;

/**
 * Runs a prepared statement of its own transaction on the metadata pool. For the hot paths: planning the wide
 * presentation statements anew costs more than running them.
 */
export async function queryPrepared<Row extends QueryResultRow>(
  orm: OrmDataSource,
  statement: Prepared,
  values: readonly unknown[],
): Promise<Row[]> {
  const pool = (orm.driver as PostgresDriver).master as Pool;
  const result = await pool.query<Row>({ ...statement, values: [...values] });
  return result.rows;
}

/** As `queryPrepared`, but planned anew each time: for a small statement whose best plan depends on the values. */
export async function queryPlanned<Row extends QueryResultRow>(
  orm: OrmDataSource,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  return onOneConnection(orm, async (client) => {
    // Together they are one round trip, for the pool sends what comes before the answer.
    const [, { rows }] = await Promise.all([
      client.query('BEGIN; SET LOCAL plan_cache_mode = force_custom_plan'),
      client.query<Row>(text, [...values]),
      client.query('COMMIT'),
    ]);
    return rows;
  });
}

/**
 * Work that needs several statements on one connection of the metadata pool, such as a transaction it opens itself.
 * What it throws rolls back: a connection with a transaction still open is closed, not reused.
 */
export async function onOneConnection<T>(
  orm: OrmDataSource,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await ((orm.driver as PostgresDriver).master as Pool).connect();
  let failed = false;
  // The statement under way gets the error of a lost connection; it must not end the process.
  const ignore = () => undefined;
  client.on('error', ignore);
  try {
    return await work(client);
  } catch (error) {
    failed = true;
    await client.query('ROLLBACK').then(
      () => (failed = false),
      () => undefined,
    );
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(failed);
  }
}
