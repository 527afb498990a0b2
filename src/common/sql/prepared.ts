import type { Pool, QueryResultRow } from 'pg';
import type { DataSource as OrmDataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/** A statement parsed and planned once per connection. The name must be unique in the code base. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

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
