import { Module } from '@nestjs/common';
import { DataSourcesModule } from '../data-sources/data-sources.module.js';
import { NotesModule } from '../notes/notes.module.js';
import { TagsModule } from '../tags/tags.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { DatasetAssociations } from './dataset-associations.service.js';
import { DatasetRules } from './dataset-rules.js';
import { DatasetSerializer } from './dataset.serializer.js';
import { DatasetViews } from './dataset-views.service.js';
import { DatasetsController } from './datasets.controller.js';
import { DatasetsService } from './datasets.service.js';
import { WorkspaceDatasetsController } from './workspace-datasets.controller.js';
import { WorkspaceDatasets } from './workspace-datasets.service.js';

/** Tables, views and saved queries to people; the rows are `src/data-sources`'s. */
@Module({
  imports: [DataSourcesModule, NotesModule, TagsModule, WorkspacesModule],
  controllers: [DatasetsController, WorkspaceDatasetsController],
  providers: [
    DatasetAssociations,
    DatasetRules,
    DatasetSerializer,
    DatasetViews,
    DatasetsService,
    WorkspaceDatasets,
  ],
})
export class DatasetsModule {}
