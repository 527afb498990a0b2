import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists of workspaces in their order, however many there are; a target date that somebody set. */
export class ListedWorkspaces1795630000001 implements MigrationInterface {
  readonly name = 'ListedWorkspaces1795630000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE workspaces ADD COLUMN project_target_date date;
      -- Everybody sees the public ones; the few others of a person are found by his memberships.
      CREATE INDEX workspaces_public_name_idx ON workspaces (lower(name), id) INCLUDE (name, archived_at)
        WHERE deleted_at IS NULL AND public;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX workspaces_public_name_idx;
      ALTER TABLE workspaces DROP COLUMN project_target_date;
    `);
  }
}
