import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who entered a password may send it to another address. Of those that are there nobody knows who did. */
export class EnteredPasswords1795841000000 implements MigrationInterface {
  readonly name = 'EnteredPasswords1795841000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE data_source_accounts ADD COLUMN entered_by_owner boolean NOT NULL DEFAULT false',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE data_source_accounts DROP COLUMN entered_by_owner');
  }
}
