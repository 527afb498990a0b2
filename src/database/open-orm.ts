import type { Pool } from 'pg';
import { DataSource as OrmDataSource, type DataSourceOptions } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { makeLasting } from '../common/sql/lasting-pool.js';

/** TypeORM with a pool that outlives the connections in it. */
export async function openOrm(options: DataSourceOptions): Promise<OrmDataSource> {
  const orm = await new OrmDataSource(options).initialize();
  makeLasting((orm.driver as PostgresDriver).master as Pool);
  return orm;
}
