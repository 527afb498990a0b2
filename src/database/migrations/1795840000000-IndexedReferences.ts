import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A version that is deleted is looked for in the workfiles, and a deleted workfile in its openings: each read all rows. */
export class IndexedReferences1795840000000 implements MigrationInterface {
  readonly name = 'IndexedReferences1795840000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX workfiles_latest_version_id_idx ON workfiles (latest_version_id);
      CREATE INDEX workfile_opens_workfile_id_idx ON workfile_opens (workfile_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP INDEX workfiles_latest_version_id_idx, workfile_opens_workfile_id_idx',
    );
  }
}
