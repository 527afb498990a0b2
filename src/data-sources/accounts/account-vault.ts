import { Inject, Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { recordActivity } from '../../access/activities.js';
import type { Viewer } from '../../access/viewer.js';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { isStillThere } from '../../users/still-there.js';
import { ACCOUNT_SECRET } from '../connection-targets.js';
import { encryptSecret } from '../credential-cipher.js';
import type { Credentials } from '../source-test.js';

const RETIRE = `UPDATE data_source_accounts SET deleted_at = now(), updated_at = now()
  WHERE deleted_at IS NULL AND data_source_id = $1`;
const RETIRED = `id, owner_id AS "ownerId", invalid_credentials AS "isInvalid", entered_by_owner AS "enteredByOwner"`;

// Who deletes a user locks him before his accounts; so must whoever goes on to name him behind a change of them.
const LOCK_OWNERS = `SELECT FROM users WHERE id IN (SELECT owner_id FROM data_source_accounts
    WHERE deleted_at IS NULL AND data_source_id = $1)
  ORDER BY id FOR KEY SHARE`;

// What begins with an account holds its row until that is on record: these are all that can be forgotten, held, so that what
// is on record then is all there is.
const HOLD_RETIRED = `SELECT id FROM data_source_accounts WHERE deleted_at IS NOT NULL AND db_password_encrypted IS NOT NULL
  ORDER BY id FOR NO KEY UPDATE`;
// The password is needed as long as anything may have to be ended, or proven ended, with it.
const FORGET = `UPDATE data_source_accounts account SET db_password_encrypted = NULL, updated_at = now()
  WHERE account.id = ANY ($1::int[])
    AND NOT EXISTS (SELECT FROM sql_executions x WHERE x.account_id = account.id AND x.ended_at IS NULL)
    AND NOT EXISTS (SELECT FROM run_sessions s JOIN runs r ON r.id = s.run_id WHERE s.account_id = account.id
      AND (s.closed_at IS NULL OR r.status IN ('queued', 'running', 'stopping')))
    AND NOT EXISTS (SELECT FROM runs r WHERE r.status IN ('queued', 'running', 'stopping')
      AND r.snapshot @> jsonb_build_object('locations', jsonb_build_array(jsonb_build_object('accountId', account.id))))
  RETURNING account.id`;
// $2: those that nobody may begin anything with until they are saved again.
const RENEW = `INSERT INTO data_source_accounts
    (data_source_id, owner_id, db_username, db_password_encrypted, entered_by_owner, original_id, invalid_credentials)
  SELECT data_source_id, owner_id, db_username, db_password_encrypted, entered_by_owner, coalesce(original_id, id),
    id = ANY ($2::int[])
  FROM data_source_accounts WHERE id = ANY ($1::int[])`;
const FORGET_SIGHTS = `DELETE FROM catalogue_sights WHERE account_id = ANY ($1::int[])`;

/** An account that is to be created or replaced. */
export interface SavedAccount {
  readonly dataSourceId: number;
  readonly ownerId: number;
  /** Who has entered the password. */
  readonly savedBy: number;
}

/** A change of address: who sends it, and whose account there was tried in it. */
interface Move {
  readonly viewer: Viewer;
  readonly triedOwnerId: number | null;
}

interface Retired {
  readonly id: number;
  readonly ownerId: number;
  readonly isInvalid: boolean;
  readonly enteredByOwner: boolean;
}

/**
 * Writes accounts. A row never gets other credentials: it is retired, and another one takes its place; runs under way go
 * on naming the old one, with which their sessions can be found and ended (ADR 13).
 */
@Injectable()
export class AccountVault {
  constructor(
    private readonly orm: OrmDataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * Creates or replaces the account of a user. The caller has locked the data source's row.
   * @throws RecordNotFound when he was deleted: his accounts are, too, and would not be a second time
   */
  async save(
    tx: EntityManager,
    { dataSourceId, ownerId, savedBy }: SavedAccount,
    { username, password }: Credentials,
  ): Promise<void> {
    const { secretKey } = this.config;
    if (secretKey === null) throw new Error('no key to encrypt data source passwords');
    if (!(await isStillThere(tx, ownerId))) throw new RecordNotFound();
    const [retired] = await this.retired(
      tx,
      `${RETIRE} AND owner_id = $2 RETURNING coalesce(original_id, id) AS id`,
      [dataSourceId, ownerId],
    );
    await tx.query(
      `INSERT INTO data_source_accounts
         (data_source_id, owner_id, db_username, db_password_encrypted, original_id, entered_by_owner)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        dataSourceId,
        ownerId,
        username,
        encryptSecret(password, secretKey, ACCOUNT_SECRET),
        retired?.id ?? null,
        savedBy === ownerId,
      ],
    );
  }

  /**
   * New rows with the same credentials: what was opened with the old ones belongs to another address, and nothing is opened
   * with those any more, not even by what was asked for a moment ago. The caller has seen that nothing is under way.
   * Who moves a data source may read what is sent to its new address: passwords that he did not enter stay here until
   * they are saved again, unless he is an administrator.
   */
  async renewAll(tx: EntityManager, dataSourceId: number, move: Move): Promise<void> {
    await tx.query(LOCK_OWNERS, [dataSourceId]);
    const retired = await this.retired<Retired>(tx, `${RETIRE} RETURNING ${RETIRED}`, [
      dataSourceId,
    ]);
    const isKept = ({ ownerId, isInvalid, enteredByOwner }: Retired) =>
      move.triedOwnerId === ownerId ||
      (!isInvalid && (move.viewer.isAdmin || (ownerId === move.viewer.id && enteredByOwner)));
    const ids = retired.map(({ id }) => id);
    const invalid = retired.filter((account) => !isKept(account));
    await tx.query(RENEW, [ids, invalid.map(({ id }) => id)]);
    await tx.query(
      `UPDATE data_source_accounts SET db_password_encrypted = NULL WHERE id = ANY ($1::int[])`,
      [ids],
    );
    for (const { ownerId, isInvalid } of invalid)
      if (!isInvalid)
        await recordActivity(tx, {
          action: 'CredentialsInvalid',
          actorId: ownerId,
          targets: [{ type: 'data_source', id: dataSourceId }],
        });
  }

  /**
   * Removes accounts: nothing is begun with them any more.
   * @param condition SQL on `owner_id`, with $2 for `ownerId`
   * @returns the users whose accounts they were
   */
  async remove(
    tx: EntityManager,
    dataSourceId: number,
    condition: 'true' | 'owner_id = $2' | 'owner_id <> $2' = 'true',
    ownerId?: number,
  ): Promise<readonly number[]> {
    await tx.query(LOCK_OWNERS, [dataSourceId]);
    const rows = await this.retired(
      tx,
      `${RETIRE} AND ${condition} RETURNING owner_id AS id`,
      ownerId === undefined ? [dataSourceId] : [dataSourceId, ownerId],
    );
    return rows.map(({ id }) => id);
  }

  /** Wipes the passwords of retired accounts that nothing under way was opened with. @returns how many */
  async forget(): Promise<number> {
    return this.orm.transaction(async (tx) => {
      const held = await tx.query<{ id: number }[]>(HOLD_RETIRED);
      if (held.length === 0) return 0;
      const ids = (await this.retired(tx, FORGET, [held.map(({ id }) => id)])).map(({ id }) => id);
      if (ids.length > 0) await tx.query(FORGET_SIGHTS, [ids]);
      return ids.length;
    });
  }

  private async retired<Row = { readonly id: number }>(
    tx: EntityManager,
    text: string,
    values: unknown[],
  ): Promise<readonly Row[]> {
    // TypeORM gives the rows of an UPDATE together with their number.
    const [rows] = await tx.query<[Row[], number]>(text, values);
    return rows;
  }
}
