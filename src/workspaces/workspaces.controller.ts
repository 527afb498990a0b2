import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { AskedBy, type Asking } from '../access/asking.js';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import { StoppedWorkDto } from '../access/stopped-work.dto.js';
import type { Viewer } from '../access/viewer.js';
import { ApiEnvelope, ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Attributes } from '../common/http/attributes.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { NewWorkspaceDto, WorkspaceChangesDto } from './dto/workspace-attributes.dto.js';
import { ChangedWorkspaceDto, SuccinctWorkspaceDto, WorkspaceDto } from './dto/workspace.dto.js';
import { WorkspaceChanges } from './workspace-changes.service.js';
import { readFilter } from './workspace-filter.js';
import { WorkspaceList } from './workspace-list.service.js';
import { WorkspaceRemoval } from './workspace-removal.service.js';
import { WorkspaceSerializer } from './workspace.serializer.js';
import { WorkspacesService } from './workspaces.service.js';

const FORMS = ['application/x-www-form-urlencoded', 'application/json', 'multipart/form-data'];
const WITH_TALK = {
  name: 'show_latest_comments',
  required: false,
  example: true,
  description: 'Adds the latest notes, comments and insight.',
};

/** Workspaces (chorus-api.md 8.1 to 8.5). Attributes may come flat or inside `workspace[…]`. */
@ApiTags('workspaces')
@Controller('workspaces')
export class WorkspacesController {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly lists: WorkspaceList,
    private readonly changes: WorkspaceChanges,
    private readonly removal: WorkspaceRemoval,
    private readonly serializer: WorkspaceSerializer,
  ) {}

  @Get()
  @Rule('logged in')
  @Bare()
  @ApiOperation({
    operationId: 'listWorkspaces',
    summary: 'List workspaces',
    description:
      'Public ones, those you are a member of and those you own; administrators see all. Sorted by name without case.',
  })
  @ApiQuery({ name: 'active', required: false, description: 'Any value: without archived ones.' })
  @ApiQuery({
    name: 'user_id',
    required: false,
    example: 1000007,
    description: 'Only those of which this user is a member.',
  })
  @ApiQuery({
    name: 'succinct',
    required: false,
    example: true,
    description: '`true`: fewer keys.',
  })
  @ApiQuery({
    name: 'get_options',
    required: false,
    enum: ['most_active'],
    description: 'The ten with most events.',
  })
  @ApiQuery(WITH_TALK)
  @ApiPage(WorkspaceDto, SuccinctWorkspaceDto)
  @ApiErrors(401, 404, 422)
  async list(
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const { succinct, ...filter } = readFilter(query, body);
    const page = await this.lists.list(viewer, filter, readPage(query, body));
    const form = succinct ? 'succinct' : 'full';
    return {
      response: page.items.map((view) => this.serializer[form](view, viewer)),
      pagination: paginationOf(page),
    };
  }

  @Get(':id')
  @Rule('see')
  @ApiOperation({
    operationId: 'showWorkspace',
    summary: 'Show a workspace',
    description: 'Counts and `permission` are those of the moment and of whoever asks.',
  })
  @ApiParam({ name: 'id', example: 1000008 })
  @ApiQuery(WITH_TALK)
  @ApiEnvelope(200, WorkspaceDto)
  @ApiErrors(401, 403, 404)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkspaceDto> {
    const view = await this.workspaces.show(id, viewer, readFilter(query, body));
    return this.serializer.full(view, viewer);
  }

  @Post()
  @Rule('logged in')
  @HttpCode(201)
  @ApiOperation({
    operationId: 'createWorkspace',
    summary: 'Create a workspace',
    description: 'You become its owner and a member with the role Project Manager.',
  })
  @ApiConsumes(...FORMS)
  @ApiBody({ type: NewWorkspaceDto })
  @ApiEnvelope(201, WorkspaceDto)
  @ApiErrors(401, 422)
  async create(@Body() body: unknown, @CurrentUser() viewer: Viewer): Promise<WorkspaceDto> {
    const id = await this.changes.create(
      new Attributes(NewWorkspaceDto, body, 'workspace'),
      viewer,
    );
    return this.serializer.full(await this.workspaces.view(id, viewer), viewer);
  }

  @Put(':id')
  @Rule('update workspace')
  @Bare()
  @ApiOperation({
    operationId: 'updateWorkspace',
    summary: 'Change, archive or unarchive a workspace',
    description:
      'Only what is given and different changes; a whole document may be sent back. Archiving stops what runs here: ' +
      '`stopped` names it. PATCH does the same.',
  })
  @ApiParam({ name: 'id', example: 1000008 })
  @ApiConsumes(...FORMS)
  @ApiBody({ type: WorkspaceChangesDto })
  @ApiResponse({ status: 200, type: ChangedWorkspaceDto, description: 'Done' })
  @ApiErrors(401, 403, 404, 422)
  async update(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @AskedBy() asking: Asking,
  ): Promise<ChangedWorkspaceDto> {
    const attributes = new Attributes(WorkspaceChangesDto, body, 'workspace');
    const stopped = await this.changes.update(id, attributes, asking);
    const view = await this.workspaces.view(id, asking.viewer);
    const response = this.serializer.full(view, asking.viewer);
    return { response, ...(stopped.length > 0 && { stopped }) };
  }

  @Delete(':id')
  @Rule('manage workspace')
  @Bare()
  @ApiOperation({
    operationId: 'deleteWorkspace',
    summary: 'Delete a workspace',
    description:
      'With its workfiles, milestones and datasets. What runs there is stopped: `stopped` names it. Refused while there ' +
      'is a published touchpoint in it.',
  })
  @ApiParam({ name: 'id', example: 1000009 })
  @ApiResponse({ status: 200, type: StoppedWorkDto, description: '`{}` when nothing ran' })
  @ApiErrors(401, 403, 404, 422)
  async delete(
    @Param('id', RecordIdPipe) id: number,
    @AskedBy() asking: Asking,
  ): Promise<StoppedWorkDto> {
    const stopped = await this.removal.remove(id, asking);
    return stopped.length > 0 ? { stopped } : {};
  }

  @Delete(':id/quickstart')
  @Rule('edit')
  @ApiOperation({
    operationId: 'dismissQuickstart',
    summary: 'Dismiss the quickstart',
    description:
      'Sets `has_added_member`, `has_added_workfile`, `has_added_sandbox` and `has_changed_settings`.',
  })
  @ApiParam({ name: 'id', example: 1000008 })
  @ApiEnvelope(200, WorkspaceDto)
  @ApiErrors(401, 403, 404)
  async dismissQuickstart(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkspaceDto> {
    await this.changes.dismissQuickstart(id, viewer);
    return this.serializer.full(await this.workspaces.view(id, viewer), viewer);
  }
}
