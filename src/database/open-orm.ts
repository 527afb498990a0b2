import type { Pool } from 'pg';
import { DataSource as OrmDataSource, type DataSourceOptions } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { makeLasting } from '../common/sql/lasting-pool.js';

/** TypeORM with a pool that outlives the connections in it, and has all that it keeps. */
export async function openOrm(options: DataSourceOptions): Promise<OrmDataSource> {
  const orm = await new OrmDataSource(options).initialize();
  const pool = (orm.driver as PostgresDriver).master as Pool;
  makeLasting(pool);
  fill(pool);
  return orm;
}

/** Opens the connections that are kept, before a storm of requests has to: a request waits for the one opened for it. */
function fill(pool: Pool): void {
  for (let i = 0; i < (pool.options.min ?? 0); i += 1)
    // One that cannot be opened now is opened when it is needed; whoever needs it is told why it cannot be.
    pool.connect().then(
      (client) => {
        client.release();
      },
      () => undefined,
    );
}
