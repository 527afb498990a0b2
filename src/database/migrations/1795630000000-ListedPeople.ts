import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists of people in their order, however many there are. */
export class ListedPeople1795630000000 implements MigrationInterface {
  readonly name = 'ListedPeople1795630000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- With the name itself, so that the way to a late page does not lead through the table.
      CREATE INDEX users_first_name_idx ON users (lower(first_name), id) INCLUDE (first_name) WHERE deleted_at IS NULL;
      CREATE INDEX users_last_name_idx ON users (lower(last_name), id) INCLUDE (last_name) WHERE deleted_at IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX users_last_name_idx;
      DROP INDEX users_first_name_idx;
    `);
  }
}
