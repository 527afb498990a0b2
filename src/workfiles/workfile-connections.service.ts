import { Injectable } from '@nestjs/common';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, DomainError } from '../common/errors/domain-error.js';
import { RejectedAccounts } from '../data-sources/accounts/rejected-accounts.js';
import { ConnectionTargets } from '../data-sources/connection-targets.js';
import { ConnectionFailed } from '../data-sources/connectors/connector.js';
import { ConnectorRegistry } from '../data-sources/connectors/connector-registry.js';
import type { DataSource } from '../data-sources/data-source.entity.js';
import { DataSourcesService, type UsableDatabase } from '../data-sources/data-sources.service.js';
import { forbiddenForm, InvalidCredentials } from '../data-sources/source-access.js';
import type { WorkfileView } from './workfile-view.js';

const TAG = 'fermata-connect';
/** Wrong password, and a role that may not log in. */
const REJECTED = ['28P01', '28000'];

/** Whether somebody gets into the places of a workfile (chorus-api.md 9.3, `connect`). */
@Injectable()
export class WorkfileConnections {
  constructor(
    private readonly dataSources: DataSourcesService,
    private readonly targets: ConnectionTargets,
    private readonly connectors: ConnectorRegistry,
    private readonly rejected: RejectedAccounts,
  ) {}

  /**
   * Logs in to each of its databases with the account that counts for the viewer.
   * @throws AccessDenied with the data source that he has no account in; InvalidCredentials with one that rejects it, or
   * did before; DomainError when one cannot be reached
   */
  async test({ locations }: WorkfileView, viewer: Viewer): Promise<void> {
    const databases = locations.flatMap(({ database }) => (database === null ? [] : [database.id]));
    const usable = await this.dataSources.usableBy(viewer.id, databases);
    await Promise.all(
      usable.map(async (place) => {
        const source = locations.find(({ dataSource }) => dataSource.id === place.dataSourceId);
        if (source !== undefined) await this.connect(place, source.dataSource);
      }),
    );
  }

  private async connect(place: UsableDatabase, source: DataSource): Promise<void> {
    const target = await this.targets.find(place.databaseId, place.accountId);
    if (target === null) throw new AccessDenied(forbiddenForm(source));
    try {
      // A session of its own: a warm one would only tell that the account was good once.
      const session = await this.connectors.for(target).open(target, TAG);
      await session.close();
    } catch (error) {
      if (!(error instanceof ConnectionFailed)) throw error;
      await this.rejected.note(place.accountId, error);
      if (REJECTED.includes(error.sqlstate ?? '')) throw new InvalidCredentials(source);
      throw new DomainError('invalid', {
        record: recordOf(error.sqlstate),
        message: `Data source "${source.name}" cannot be reached.`,
      });
    }
  }
}

/** chorus-api.md 3, connection errors */
function recordOf(sqlstate: string | null): string {
  if (sqlstate === '3D000') return 'DATABASE_MISSING';
  if (sqlstate === '53300') return 'TOO_MANY_CONNECTIONS';
  return 'DATA_SOURCE_UNREACHABLE';
}
