import { Inject, Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { queryPrepared } from '../common/sql/prepared.js';
import type { ConnectionTarget } from './connectors/connector.js';
import { decryptSecret } from './credential-cipher.js';

/** What `encryptSecret` is told about an account's password. */
export const ACCOUNT_SECRET = 'data_source_accounts';

interface TargetRow {
  data_source_id: number;
  data_source_name: string;
  kind: string;
  host: string;
  port: number;
  ssl: boolean;
  database_id: number;
  database_name: string;
  account_id: number;
  db_username: string;
  db_password_encrypted: string;
}

const TARGET = {
  name: 'connection-target',
  text: `SELECT s.id AS data_source_id, s.name AS data_source_name, s.kind, s.host, s.port, s.ssl,
      d.id AS database_id, d.name AS database_name, a.id AS account_id, a.db_username, a.db_password_encrypted
    FROM databases d
    JOIN data_sources s ON s.id = d.data_source_id
    JOIN data_source_accounts a ON a.data_source_id = s.id
    WHERE d.id = $1 AND a.id = $2`,
};

/** Turns ids into addresses with clear credentials: the only reader of stored passwords. */
@Injectable()
export class ConnectionTargets {
  constructor(
    private readonly orm: OrmDataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** Null when database and account do not exist or do not belong together. Deleted sources still resolve: a run
   *  that is under way there must be stoppable. */
  async find(databaseId: number, accountId: number): Promise<ConnectionTarget | null> {
    const [row] = await queryPrepared<TargetRow>(this.orm, TARGET, [databaseId, accountId]);
    if (row === undefined) return null;
    if (this.config.secretKey === null) throw new Error('no key to open data source passwords');
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
      password: decryptSecret(row.db_password_encrypted, this.config.secretKey, ACCOUNT_SECRET),
    };
  }
}
