import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files that the operator Export makes, in parts, with the step that made them. */
export class RunExports1795810000000 implements MigrationInterface {
  readonly name = 'RunExports1795810000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE run_exports (
        step_id bigint CONSTRAINT run_exports_pkey PRIMARY KEY
          CONSTRAINT run_exports_step_id_fkey REFERENCES run_steps ON DELETE CASCADE,
        file_name text NOT NULL,
        size_bytes bigint
      );
      CREATE TABLE run_export_parts (
        step_id bigint NOT NULL CONSTRAINT run_export_parts_step_id_fkey REFERENCES run_exports ON DELETE CASCADE,
        position integer NOT NULL,
        contents bytea NOT NULL,
        CONSTRAINT run_export_parts_pkey PRIMARY KEY (step_id, position)
      );

      -- Whoever ends a step that did not finish, a half-written file goes in the same transaction.
      CREATE FUNCTION drop_unfinished_export() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        DELETE FROM run_exports WHERE step_id = NEW.id;
        RETURN NULL;
      END $$;
      CREATE TRIGGER run_steps_drop_unfinished_export AFTER UPDATE OF status ON run_steps FOR EACH ROW
        WHEN (NEW.status IN ('failed', 'rolled_back')) EXECUTE FUNCTION drop_unfinished_export();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER run_steps_drop_unfinished_export ON run_steps;
      DROP FUNCTION drop_unfinished_export();
      DROP TABLE run_export_parts;
      DROP TABLE run_exports;
    `);
  }
}
