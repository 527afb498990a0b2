import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourcesModule } from '../data-sources/data-sources.module.js';
import { NotesModule } from '../notes/notes.module.js';
import { TagsModule } from '../tags/tags.module.js';
import { UsersModule } from '../users/users.module.js';
import { Membership } from './membership.entity.js';
import { Workspace } from './workspace.entity.js';
import { WorkspaceSerializer } from './workspace.serializer.js';
import { WorkspaceStage } from './workspace-stage.entity.js';
import { WorkspacesService } from './workspaces.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Workspace, WorkspaceStage, Membership]),
    UsersModule,
    TagsModule,
    NotesModule,
    DataSourcesModule,
  ],
  providers: [WorkspaceSerializer, WorkspacesService],
  exports: [TypeOrmModule, WorkspaceSerializer, WorkspacesService],
})
export class WorkspacesModule {}
