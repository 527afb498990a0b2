import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource as OrmDataSource } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { queryPrepared } from '../common/sql/prepared.js';
import type { ConnectionTarget } from './connectors/connector.js';
import type { DataSourceKind } from './data-source-kinds.js';
import type { Credentials } from './source-test.js';
import { decryptSecret } from './credential-cipher.js';

/** What `encryptSecret` is told about an account's password. */
export const ACCOUNT_SECRET = 'data_source_accounts';

const MOVE_POLL_MS = 50;

interface TargetRow {
  data_source_id: number;
  data_source_name: string;
  kind: DataSourceKind;
  host: string;
  port: number;
  ssl: boolean;
  database_id: number;
  database_name: string;
  account_id: number;
  db_username: string;
  db_password_encrypted: string;
  usable: boolean;
  moving: boolean;
}

// A replaced account goes on opening sessions for what began with it, as long as its owner may use the data source.
const TARGET = {
  name: 'connection-target',
  text: `SELECT s.id AS data_source_id, s.name AS data_source_name, s.kind, s.host, s.port, s.ssl,
      d.id AS database_id, d.name AS database_name, a.id AS account_id, a.db_username, a.db_password_encrypted,
      s.deleted_at IS NULL AND s.state NOT IN ('disabled', 'incomplete')
        AND (a.deleted_at IS NULL OR s.shared OR EXISTS (SELECT FROM data_source_accounts now_used
          WHERE now_used.data_source_id = s.id AND now_used.owner_id = a.owner_id
            AND now_used.deleted_at IS NULL)) AS usable,
      coalesce(s.moving_until > clock_timestamp(), false) AS moving
    FROM databases d
    JOIN data_sources s ON s.id = d.data_source_id
    JOIN data_source_accounts a ON a.data_source_id = s.id
    WHERE d.id = $1 AND a.id = $2 AND a.db_password_encrypted IS NOT NULL`,
};

const MAIN = {
  name: 'connection-target-main',
  text: `SELECT s.id AS data_source_id, s.name AS data_source_name, s.kind, s.host, s.port, s.ssl,
      0 AS database_id, s.db_name AS database_name, a.id AS account_id, a.db_username, a.db_password_encrypted,
      s.deleted_at IS NULL AND s.state NOT IN ('disabled', 'incomplete') AND a.deleted_at IS NULL
        AND s.db_name IS NOT NULL AS usable, false AS moving
    FROM data_source_accounts a JOIN data_sources s ON s.id = a.data_source_id
    WHERE a.id = $1 AND a.db_password_encrypted IS NOT NULL`,
};

const CREDENTIALS = {
  name: 'stored-credentials',
  text: `SELECT db_username, db_password_encrypted, invalid_credentials, entered_by_owner FROM data_source_accounts
    WHERE data_source_id = $1 AND owner_id = $2 AND deleted_at IS NULL`,
};

/** Credentials as they are stored. */
export interface StoredCredentials extends Credentials {
  /** They were refused, or are not to be used until they are saved again. */
  readonly isInvalid: boolean;
  readonly enteredByOwner: boolean;
}

interface CredentialsRow extends Pick<TargetRow, 'db_username' | 'db_password_encrypted'> {
  invalid_credentials: boolean;
  entered_by_owner: boolean;
}

/** Turns ids into addresses with clear credentials: the only reader of stored passwords. */
@Injectable()
export class ConnectionTargets {
  constructor(
    private readonly orm: OrmDataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * Where to open a session that does work. Null when database and account do not exist or do not belong together, when
   * the data source is deleted, disabled or incomplete, and when the account's owner may not use it any more. Waits
   * while the address is being changed.
   */
  async find(databaseId: number, accountId: number): Promise<ConnectionTarget | null> {
    for (;;) {
      const row = await this.read(databaseId, accountId);
      if (row?.moving === true) await sleep(MOVE_POLL_MS);
      else return row?.usable === true ? this.targetOf(row) : null;
    }
  }

  /** The data source's first database, to look around. Null when the account or its data source is not in use. */
  async findMain(accountId: number): Promise<ConnectionTarget | null> {
    const [row] = await queryPrepared<TargetRow>(this.orm, MAIN, [accountId]);
    return row?.usable === true ? this.targetOf(row) : null;
  }

  /**
   * Where to end sessions. Removed accounts and deleted data sources still resolve as long as something runs there: it
   * must be stoppable (ADR 13).
   */
  async findForControl(databaseId: number, accountId: number): Promise<ConnectionTarget | null> {
    const row = await this.read(databaseId, accountId);
    return row === undefined ? null : this.targetOf(row);
  }

  /** What a user has saved for a data source, to try it elsewhere. Null: nothing. */
  async credentialsOf(dataSourceId: number, ownerId: number): Promise<StoredCredentials | null> {
    const values = [dataSourceId, ownerId];
    const [row] = await queryPrepared<CredentialsRow>(this.orm, CREDENTIALS, values);
    if (row === undefined) return null;
    return {
      username: row.db_username,
      password: this.opened(row.db_password_encrypted),
      isInvalid: row.invalid_credentials,
      enteredByOwner: row.entered_by_owner,
    };
  }

  private async read(databaseId: number, accountId: number): Promise<TargetRow | undefined> {
    const [row] = await queryPrepared<TargetRow>(this.orm, TARGET, [databaseId, accountId]);
    return row;
  }

  private targetOf(row: TargetRow): ConnectionTarget {
    return {
      dataSourceId: row.data_source_id,
      dataSourceName: row.data_source_name,
      kind: row.kind,
      host: row.host,
      port: row.port,
      ssl: row.ssl,
      databaseId: row.database_id,
      database: row.database_name,
      accountId: row.account_id,
      username: row.db_username,
      password: this.opened(row.db_password_encrypted),
    };
  }

  private opened(sealed: string): string {
    if (this.config.secretKey === null) throw new Error('no key to open data source passwords');
    return decryptSecret(sealed, this.config.secretKey, ACCOUNT_SECRET);
  }
}
