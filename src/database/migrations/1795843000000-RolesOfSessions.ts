import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions know whose they are: of another role's, which has got the number of one of ours since, nothing else can be seen. */
export class RolesOfSessions1795843000000 implements MigrationInterface {
  readonly name = 'RolesOfSessions1795843000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE run_sessions ADD COLUMN backend_role bigint;
      ALTER TABLE sql_executions ADD COLUMN backend_role bigint;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sql_executions DROP COLUMN backend_role;
      ALTER TABLE run_sessions DROP COLUMN backend_role;
    `);
  }
}
