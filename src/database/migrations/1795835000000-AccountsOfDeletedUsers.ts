import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users who were deleted with SQL or runs on record kept their accounts, and so did everybody deleted after them. */
export class AccountsOfDeletedUsers1795835000000 implements MigrationInterface {
  readonly name = 'AccountsOfDeletedUsers1795835000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE data_source_accounts account SET deleted_at = now(), updated_at = now()
      FROM users owner WHERE owner.id = account.owner_id AND owner.deleted_at IS NOT NULL AND account.deleted_at IS NULL;
    `);
  }

  /** Whose accounts they were is gone: nobody could use them again. */
  async down(): Promise<void> {}
}
