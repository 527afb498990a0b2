import type { DataSource as OrmDataSource } from 'typeorm';

const LOCK = 727_001;

/** Brings the schema up to date. TypeORM takes no lock of its own: several processes may start together. */
export async function migrate(orm: OrmDataSource): Promise<void> {
  const locker = orm.createQueryRunner();
  await locker.connect();
  try {
    await locker.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await orm.runMigrations({ transaction: 'each' });
  } finally {
    await locker.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    await locker.release();
  }
}
