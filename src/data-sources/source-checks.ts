import { Injectable, Logger } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { RejectedAccounts } from './accounts/rejected-accounts.js';
import { ConnectionTargets } from './connection-targets.js';
import type { ServerVersion } from './connectors/catalogue.js';
import { ConnectionFailed, ConnectionLost, StatementFailed } from './connectors/connector.js';
import { ConnectorRegistry } from './connectors/connector-registry.js';

// What was taken out of use while the server was being asked stays so.
const RECORD = `UPDATE data_sources SET last_checked_at = clock_timestamp(),
    state = CASE WHEN $2::text IS NULL THEN 'offline' ELSE 'online' END, version = coalesce($2, version),
    last_online_at = CASE WHEN $2::text IS NULL THEN last_online_at ELSE clock_timestamp() END
  WHERE id = $1 AND deleted_at IS NULL AND state NOT IN ('disabled', 'incomplete')`;
const OWNERS_ACCOUNT = `SELECT a.id FROM data_sources ds JOIN data_source_accounts a ON a.data_source_id = ds.id
    AND a.owner_id = ds.owner_id AND a.deleted_at IS NULL AND NOT a.invalid_credentials
  WHERE ds.id = $1 AND ds.deleted_at IS NULL`;

/** Finds out whether a data source answers, and what it is, with its owner's account (entities.md 11.3). */
@Injectable()
export class SourceChecks {
  private readonly logger = new Logger(SourceChecks.name);

  constructor(
    private readonly orm: OrmDataSource,
    private readonly targets: ConnectionTargets,
    private readonly connectors: ConnectorRegistry,
    private readonly rejected: RejectedAccounts,
  ) {}

  /** Records `online` with the version, or `offline`. Leaves alone what is out of use. @returns whether it answered */
  async check(dataSourceId: number): Promise<boolean> {
    const version = await this.ask(dataSourceId);
    await this.orm.query(RECORD, [dataSourceId, version?.text ?? null]);
    return version !== null;
  }

  private async ask(dataSourceId: number): Promise<ServerVersion | null> {
    const [account] = await this.orm.query<{ id: number }[]>(OWNERS_ACCOUNT, [dataSourceId]);
    const target = account && (await this.targets.findMain(account.id));
    if (!target) return null;
    try {
      return await this.connectors.for(target).look(target, (catalogue) => catalogue.version());
    } catch (error) {
      if (!isNoAnswer(error)) throw error;
      this.logger.warn({ message: 'data source does not answer', dataSourceId, error });
      await this.rejected.note(target.accountId, error);
      return null;
    }
  }
}

function isNoAnswer(error: unknown): boolean {
  return (
    error instanceof ConnectionFailed ||
    error instanceof ConnectionLost ||
    error instanceof StatementFailed
  );
}
