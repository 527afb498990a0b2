import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiEnvelope, ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { WorkspaceSerializer } from '../workspaces/workspace.serializer.js';
import { readNewWorkflow } from './dto/create-workfile.js';
import { WorkfileDto } from './dto/workfile.dto.js';
import { WorkfileSerializer } from './workfile.serializer.js';
import { WorkfilesService } from './workfiles.service.js';
import { type WorkfileFilter, WorkspaceWorkfilesService } from './workspace-workfiles.service.js';

@ApiTags('workfiles')
@ApiParam({ name: 'workspace_id', example: 1000008 })
@Controller('workspaces/:workspace_id/workfiles')
export class WorkspaceWorkfilesController {
  constructor(
    private readonly workspaceWorkfiles: WorkspaceWorkfilesService,
    private readonly workfiles: WorkfilesService,
    private readonly serializer: WorkfileSerializer,
    private readonly workspaces: WorkspaceSerializer,
  ) {}

  @Get()
  @Rule('see')
  @Bare()
  @ApiQuery({
    name: 'order',
    required: false,
    example: 'file_name',
    description: 'Or `date`: newest first.',
  })
  @ApiQuery({ name: 'file_type', required: false, example: 'work_flow' })
  @ApiQuery({ name: 'name_pattern', required: false, description: 'Part of the name.' })
  @ApiQuery({ name: 'no_published_worklets', required: false })
  @ApiOperation({
    summary: 'List the workfiles of a workspace',
    description:
      'For everybody who may see the workspace. Parameters may also come as a JSON body.',
  })
  @ApiPage(WorkfileDto)
  @ApiErrors(401, 403, 404, 422)
  async list(
    @Param('workspace_id', RecordIdPipe) workspaceId: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const list = await this.workspaceWorkfiles.list(
      workspaceId,
      viewer,
      readFilter({ ...(body as object | undefined), ...(query as object) }),
      readPage(query, body),
    );
    const workspace = this.workspaces.succinct(list.workspace, viewer);
    return {
      response: list.items.map((one) => this.serializer.listItem(one, workspace, one.version)),
      pagination: paginationOf(list),
    };
  }

  @Post()
  @Rule('edit')
  @HttpCode(201)
  @RouteConfig({ takesFiles: true })
  @ApiConsumes('multipart/form-data', 'application/x-www-form-urlencoded', 'application/json')
  @ApiBody({
    schema: {
      type: 'object',
      properties: {
        'workfile[entity_subtype]': { type: 'string', example: 'alpine' },
        'workfile[file_name]': { type: 'string', description: 'Default: name of the file.' },
        'workfile[execution_locations][0][entity_type]': {
          type: 'string',
          example: 'gpdb_database',
        },
        'workfile[execution_locations][0][id]': { type: 'integer', example: 1000001 },
        'workfile[versions_attributes][0][contents]': { type: 'string', format: 'binary' },
      },
    },
  })
  @ApiOperation({
    summary: 'Create a workflow',
    description:
      'From an uploaded `.afm`, whose data sources become the chosen execution locations, or empty. A taken name of an ' +
      'upload gets `_1`, `_2` … 422 lists every problem of the file; then nothing is stored.',
  })
  @ApiEnvelope(201, WorkfileDto)
  @ApiErrors(401, 403, 404, 422)
  async create(
    @Param('workspace_id', RecordIdPipe) workspaceId: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto> {
    const wanted = readNewWorkflow(body);
    const id = await this.workspaceWorkfiles.createWorkflow(workspaceId, viewer, wanted);
    const { view, version } = await this.workfiles.show(id, viewer);
    return this.serializer.shown(view, viewer, version);
  }
}

function readFilter(fields: Readonly<Record<string, unknown>>): WorkfileFilter {
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === 'string' && value.trim() !== '' && !value.includes('\0') ? value : null;
  };
  const order = text('order');
  return {
    newestFirst: order !== null && order !== 'file_name',
    fileType: text('file_type')?.toLowerCase() ?? null,
    namePart: text('name_pattern'),
    withoutPublishedWorklets: fields['no_published_worklets'] !== undefined,
  };
}
