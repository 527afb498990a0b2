import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourcesModule } from '../data-sources/data-sources.module.js';
import { NotesModule } from '../notes/notes.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { TagsModule } from '../tags/tags.module.js';
import { UsersModule } from '../users/users.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { ActiveRunSelection } from './active-run-selection.js';
import { BulkStopsController } from './bulk-stops.controller.js';
import { BulkStops } from './bulk-stops.service.js';
import { FileSerializer } from './file.serializer.js';
import { RunHistoryController } from './run-history.controller.js';
import { RunSerializer } from './run.serializer.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';
import { SqlExecutionsController } from './sql-executions.controller.js';
import { SqlExecutions } from './sql-executions.service.js';
import { VersionImages } from './version-images.service.js';
import { WorkfileChangesController } from './workfile-changes.controller.js';
import { WorkfileChanging } from './workfile-changes.service.js';
import { WorkfileConnections } from './workfile-connections.service.js';
import { WorkfileCopies } from './workfile-copies.service.js';
import { WorkfileCount } from './workfile-count.entity.js';
import { WorkfileCreation } from './workfile-creation.service.js';
import { WorkfileDownloadsController } from './workfile-downloads.controller.js';
import { WorkfileDownloads } from './workfile-downloads.service.js';
import { WorkfileDraft } from './workfile-draft.entity.js';
import { WorkfileDraftsController } from './workfile-drafts.controller.js';
import { WorkfileDrafts } from './workfile-drafts.service.js';
import { WorkfileExecutionLocation } from './workfile-execution-location.entity.js';
import { WorkfileFlow } from './workfile-flow.entity.js';
import { WorkfileOpen } from './workfile-open.entity.js';
import { WorkfilePlaces } from './workfile-places.service.js';
import { WorkfileResultsController } from './workfile-results.controller.js';
import { WorkfileResultSerializer } from './workfile-results.serializer.js';
import { WorkfileResults } from './workfile-results.service.js';
import { Workfile } from './workfile.entity.js';
import { WorkfileSerializer } from './workfile.serializer.js';
import { WorkfileVersionPart } from './workfile-version-part.entity.js';
import { WorkfileVersion } from './workfile-version.entity.js';
import { WorkfileVersionsController } from './workfile-versions.controller.js';
import { WorkfileVersions } from './workfile-versions.service.js';
import { WorkfileStandings } from './workfile-standings.service.js';
import { WorkfileViews } from './workfile-views.service.js';
import { WorkfilesController } from './workfiles.controller.js';
import { WorkfilesService } from './workfiles.service.js';
import { WorkflowDocuments } from './workflow-documents.service.js';
import { Worklet } from './worklet.entity.js';
import { WorkletParameter } from './worklet-parameter.entity.js';
import { WorkspaceWorkfilesController } from './workspace-workfiles.controller.js';
import { WorkspaceWorkfilesService } from './workspace-workfiles.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      Workfile,
      WorkfileVersion,
      WorkfileVersionPart,
      WorkfileCount,
      WorkfileDraft,
      WorkfileFlow,
      WorkfileExecutionLocation,
      WorkfileOpen,
      Worklet,
      WorkletParameter,
    ]),
    UsersModule,
    TagsModule,
    NotesModule,
    WorkspacesModule,
    DataSourcesModule,
    RunsModule,
  ],
  controllers: [
    SqlExecutionsController,
    WorkfilesController,
    RunsController,
    RunHistoryController,
    WorkspaceWorkfilesController,
    BulkStopsController,
    WorkfileChangesController,
    WorkfileDownloadsController,
    WorkfileDraftsController,
    WorkfileResultsController,
    WorkfileVersionsController,
  ],
  providers: [
    SqlExecutions,
    WorkfilesService,
    WorkspaceWorkfilesService,
    WorkfileSerializer,
    FileSerializer,
    VersionImages,
    WorkfileChanging,
    WorkfileConnections,
    WorkfileCopies,
    WorkfileCreation,
    WorkfileDownloads,
    WorkfileDrafts,
    WorkfilePlaces,
    WorkfileResults,
    WorkfileResultSerializer,
    WorkfileStandings,
    WorkfileVersions,
    WorkfileViews,
    WorkflowDocuments,
    RunsService,
    RunSerializer,
    ActiveRunSelection,
    BulkStops,
  ],
  exports: [
    TypeOrmModule,
    WorkfilesService,
    WorkfileSerializer,
    WorkfileConnections,
    RunsService,
    RunSerializer,
    BulkStops,
  ],
})
export class WorkfilesModule {}
