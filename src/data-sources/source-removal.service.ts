import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Asking } from '../access/asking.js';
import type { StoppedWork } from '../access/running-work.js';
import type { Viewer } from '../access/viewer.js';
import { AccountVault } from './accounts/account-vault.js';
import type { DataSourceKind } from './data-source-kinds.js';
import { DataSourcesService } from './data-sources.service.js';
import { assertManages } from './source-access.js';
import { lockSource } from './source-lock.js';
import { SourceStops } from './source-stops.js';

// Set-based, and in one transaction: a data source is there with all it holds, or gone with all of it.
const DELETE = [
  `UPDATE data_sources SET deleted_at = now(), updated_at = now() WHERE id = $1`,
  `UPDATE databases SET deleted_at = now(), updated_at = now() WHERE data_source_id = $1 AND deleted_at IS NULL`,
  `UPDATE schemas s SET deleted_at = now(), updated_at = now() FROM databases db
    WHERE db.id = s.database_id AND db.data_source_id = $1 AND s.deleted_at IS NULL`,
  `UPDATE datasets d SET deleted_at = now(), updated_at = now()
    FROM schemas s JOIN databases db ON db.id = s.database_id
    WHERE s.id = d.schema_id AND db.data_source_id = $1 AND d.deleted_at IS NULL`,
];

/** Deletes data sources (chorus-api.md 10.1). */
@Injectable()
export class SourceRemoval {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sources: DataSourcesService,
    private readonly vault: AccountVault,
    private readonly stops: SourceStops,
  ) {}

  /**
   * Soft: rows stay for history, names become free, accounts are removed. Then what runs there is stopped.
   * @returns what was stopped
   * @throws RecordNotFound, AccessDenied
   */
  async remove(
    id: number,
    asking: Asking,
    kinds: readonly DataSourceKind[],
  ): Promise<readonly StoppedWork[]> {
    const { viewer } = asking;
    assertManages(viewer, await this.sources.get(id, viewer, kinds));
    await this.orm.transaction((tx) => this.delete(tx, id, viewer));
    return this.stops.stop(id, asking, { reason: 'the data source was deleted' });
  }

  private async delete(tx: EntityManager, id: number, viewer: Viewer): Promise<void> {
    assertManages(viewer, { source: await lockSource(tx, id) });
    for (const statement of DELETE) await tx.query(statement, [id]);
    await this.vault.remove(tx, id);
    await recordActivity(tx, {
      action: 'DataSourceDeleted',
      actorId: viewer.id,
      targets: [{ type: 'data_source', id }],
    });
  }
}
