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
import { RunHistoryController } from './run-history.controller.js';
import { RunSerializer } from './run.serializer.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';
import { WorkfileExecutionLocation } from './workfile-execution-location.entity.js';
import { WorkfileFlow } from './workfile-flow.entity.js';
import { WorkfileOpen } from './workfile-open.entity.js';
import { Workfile } from './workfile.entity.js';
import { WorkfileSerializer } from './workfile.serializer.js';
import { WorkfileVersion } from './workfile-version.entity.js';
import { WorkfilesController } from './workfiles.controller.js';
import { WorkfilesService } from './workfiles.service.js';
import { WorkspaceWorkfilesController } from './workspace-workfiles.controller.js';
import { WorkspaceWorkfilesService } from './workspace-workfiles.service.js';
import { Worklet } from './worklet.entity.js';
import { WorkletParameter } from './worklet-parameter.entity.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      Workfile,
      WorkfileVersion,
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
    WorkfilesController,
    RunsController,
    RunHistoryController,
    WorkspaceWorkfilesController,
    BulkStopsController,
  ],
  providers: [
    WorkfilesService,
    WorkspaceWorkfilesService,
    WorkfileSerializer,
    RunsService,
    RunSerializer,
    ActiveRunSelection,
    BulkStops,
  ],
  exports: [TypeOrmModule, WorkfilesService, WorkfileSerializer, RunsService],
})
export class WorkfilesModule {}
