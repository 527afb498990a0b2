import { Injectable } from '@nestjs/common';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { DataSourcesService } from '../data-sources/data-sources.service.js';
import { assertExplores } from '../data-sources/source-access.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { DatasetView } from './dataset-view.js';

/** Who may see a dataset: explorers of its data source; for what a workspace owns, those who see the workspace, too. */
@Injectable()
export class DatasetRules {
  constructor(
    private readonly sources: DataSourcesService,
    private readonly workspaces: WorkspacesService,
  ) {}

  /** @throws RecordNotFound, NotInUse; AccessDenied by rule *explore* or *see* */
  async assertSees({ dataset, place }: DatasetView, viewer: Viewer): Promise<void> {
    if (dataset.workspaceId !== null)
      this.workspaces.assertCanSee(
        viewer,
        await this.workspaces.standing(dataset.workspaceId, viewer),
      );
    if (dataset.schemaId === null) return;
    if (place === null) throw new RecordNotFound();
    assertExplores(viewer, await this.sources.get(place.dataSource.id, viewer));
  }
}
