import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { DataSourcesService } from '../data-sources/data-sources.service.js';
import { assertExplores } from '../data-sources/source-access.js';
import type { WorkspaceStanding } from '../workspaces/workspace-access.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { DatasetView } from './dataset-view.js';

const STANDING = {
  name: 'workspace-standing-for-datasets',
  text: `SELECT ws.owner_id AS "ownerId", ws.public, ws.archived_at IS NOT NULL AS archived,
      EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isMember"
    FROM workspaces ws WHERE ws.id = $1 AND ws.deleted_at IS NULL`,
};

/** Who may see a dataset: explorers of its data source; for what a workspace owns, those who see the workspace, too. */
@Injectable()
export class DatasetRules {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sources: DataSourcesService,
    private readonly workspaces: WorkspacesService,
  ) {}

  /** @throws RecordNotFound, NotInUse; AccessDenied by rule *explore* or *see* */
  async assertSees({ dataset, place }: DatasetView, viewer: Viewer): Promise<void> {
    if (dataset.workspaceId !== null)
      this.workspaces.assertCanSee(viewer, await this.standing(dataset.workspaceId, viewer));
    if (dataset.schemaId === null) return;
    if (place === null) throw new RecordNotFound();
    assertExplores(viewer, await this.sources.get(place.dataSource.id, viewer));
  }

  /** @throws RecordNotFound */
  async standing(workspaceId: number, viewer: Viewer): Promise<WorkspaceStanding> {
    const values = [workspaceId, viewer.id];
    const [standing] = await queryPrepared<WorkspaceStanding & Record<string, unknown>>(
      this.orm,
      STANDING,
      values,
    );
    if (standing === undefined) throw new RecordNotFound();
    return standing;
  }
}
