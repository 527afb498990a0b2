import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A data source that refuses a session has none of the run: nobody asks it about one. */
export class RefusedOpenings1795830000000 implements MigrationInterface {
  readonly name = 'RefusedOpenings1795830000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      endings("'closed', 'cancelled', 'terminated', 'gone', 'never_opened', 'refused'"),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE run_sessions SET ending = 'never_opened' WHERE ending = 'refused'`);
    await runner.query(endings("'closed', 'cancelled', 'terminated', 'gone', 'never_opened'"));
  }
}

function endings(all: string): string {
  return `ALTER TABLE run_sessions DROP CONSTRAINT run_sessions_ending_check,
    ADD CONSTRAINT run_sessions_ending_check CHECK (ending IN (${all}))`;
}
