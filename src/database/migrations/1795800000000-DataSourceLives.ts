import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions know the life of their server: what becomes of a number of a transaction after a crash may be another's. */
export class DataSourceLives1795800000000 implements MigrationInterface {
  readonly name = 'DataSourceLives1795800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE run_sessions ADD COLUMN data_source_life varchar(32)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE run_sessions DROP COLUMN data_source_life');
  }
}
