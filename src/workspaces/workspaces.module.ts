import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourcesModule } from '../data-sources/data-sources.module.js';
import { NotesModule } from '../notes/notes.module.js';
import { TagsModule } from '../tags/tags.module.js';
import { UsersModule } from '../users/users.module.js';
import { LiveSchemas } from './live-schemas.js';
import { MembersController } from './members.controller.js';
import { Members } from './members.service.js';
import { Membership } from './membership.entity.js';
import { SandboxesController } from './sandboxes.controller.js';
import { Sandboxes } from './sandboxes.service.js';
import { Workspace } from './workspace.entity.js';
import { WorkspaceChanges } from './workspace-changes.service.js';
import { WorkspaceImagesController } from './workspace-images.controller.js';
import { WorkspaceList } from './workspace-list.service.js';
import { WorkspaceRemoval } from './workspace-removal.service.js';
import { WorkspaceSerializer } from './workspace.serializer.js';
import { WorkspaceStage } from './workspace-stage.entity.js';
import { WorkspacesController } from './workspaces.controller.js';
import { WorkspacesService } from './workspaces.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Workspace, WorkspaceStage, Membership]),
    UsersModule,
    TagsModule,
    NotesModule,
    DataSourcesModule,
  ],
  controllers: [
    WorkspacesController,
    MembersController,
    WorkspaceImagesController,
    SandboxesController,
  ],
  providers: [
    WorkspaceSerializer,
    WorkspacesService,
    WorkspaceList,
    WorkspaceChanges,
    WorkspaceRemoval,
    Members,
    Sandboxes,
    LiveSchemas,
  ],
  exports: [TypeOrmModule, WorkspaceSerializer, WorkspacesService],
})
export class WorkspacesModule {}
