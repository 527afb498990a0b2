import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists of people in their order, however many there are. */
export class ListedPeople1795630000000 implements MigrationInterface {
  readonly name = 'ListedPeople1795630000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX users_first_name_idx ON users (lower(first_name), id) WHERE deleted_at IS NULL;
      CREATE INDEX users_last_name_idx ON users (lower(last_name), id) WHERE deleted_at IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX users_last_name_idx;
      DROP INDEX users_first_name_idx;
    `);
  }
}
