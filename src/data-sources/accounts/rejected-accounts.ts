import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { recordActivity } from '../../access/activities.js';
import { connectionErrorType } from '../connection-problem.js';
import { ConnectionFailed } from '../connectors/connector.js';
import { type ForbiddenSource, InvalidCredentials } from '../source-access.js';

// Who deletes a user locks him before his accounts; so must this, which names him behind the change.
const LOCK_OWNER = `SELECT FROM users owner JOIN data_source_accounts account ON account.owner_id = owner.id
  WHERE account.id = $1 FOR KEY SHARE OF owner`;
const REJECT = `UPDATE data_source_accounts SET invalid_credentials = true, updated_at = now()
  WHERE id = $1 AND deleted_at IS NULL AND NOT invalid_credentials
  RETURNING data_source_id AS "dataSourceId", owner_id AS "ownerId"`;

const SOURCE = `SELECT ds.id, ds.kind, ds.shared, ds.owner_id AS "ownerId", ds.name
  FROM data_sources ds JOIN data_source_accounts account ON account.data_source_id = ds.id WHERE account.id = $1`;

/** Marks accounts whose credentials the data source has refused, until they are saved again (entities.md 5.2). */
@Injectable()
export class RejectedAccounts {
  constructor(private readonly orm: OrmDataSource) {}

  /**
   * @param accountId the row whose credentials were sent: one that was replaced meanwhile is left alone
   * @returns true when the error says that the password is wrong: the account is marked then
   */
  async note(accountId: number, error: unknown): Promise<boolean> {
    const isRejected =
      error instanceof ConnectionFailed && connectionErrorType(error) === 'INVALID_PASSWORD';
    if (!isRejected) return false;
    await this.orm.transaction(async (tx) => {
      await tx.query(LOCK_OWNER, [accountId]);
      const [rows] = await tx.query<[{ dataSourceId: number; ownerId: number }[], number]>(REJECT, [
        accountId,
      ]);
      const [row] = rows;
      if (row === undefined) return;
      await recordActivity(tx, {
        action: 'CredentialsInvalid',
        actorId: row.ownerId,
        targets: [{ type: 'data_source', id: row.dataSourceId }],
      });
    });
    return true;
  }

  /** As `note`, with what the account's user is told. Null: it was not refused */
  async refusal(accountId: number, error: unknown): Promise<InvalidCredentials | null> {
    if (!(await this.note(accountId, error))) return null;
    const [source] = await this.orm.query<ForbiddenSource[]>(SOURCE, [accountId]);
    return source === undefined ? null : new InvalidCredentials(source);
  }
}
