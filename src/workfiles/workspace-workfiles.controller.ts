import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Asking } from '../access/asking.js';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiAttributes, ApiEnvelope, ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { WorkspaceSerializer } from '../workspaces/workspace.serializer.js';
import { objectOf } from './dto/attribute-reader.js';
import { readNewWorkfile } from './dto/create-workfile.js';
import { readFilter } from './dto/list-workfiles.js';
import { readIds } from './dto/delete-workfiles.js';
import { DeletedDto, deletedOf } from './dto/deleted.dto.js';
import { NewWorkfileBody } from './dto/workfile-body.dto.js';
import { ListedWorkfileDto, WorkfileDto } from './dto/workfile.dto.js';
import { WorkfileChanging } from './workfile-changes.service.js';
import { WorkfileCreation } from './workfile-creation.service.js';
import { WorkfileSerializer } from './workfile.serializer.js';
import { WorkfileViews } from './workfile-views.service.js';
import { WorkspaceWorkfilesService } from './workspace-workfiles.service.js';

@ApiTags('workfiles')
@ApiParam({ name: 'workspace_id', example: 1000008 })
@Controller('workspaces/:workspace_id/workfiles')
export class WorkspaceWorkfilesController {
  constructor(
    private readonly workspaceWorkfiles: WorkspaceWorkfilesService,
    private readonly creation: WorkfileCreation,
    private readonly changing: WorkfileChanging,
    private readonly views: WorkfileViews,
    private readonly serializer: WorkfileSerializer,
    private readonly workspaces: WorkspaceSerializer,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
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
  @ApiQuery({
    name: 'file_type',
    required: false,
    example: 'work_flow',
    description: 'Only those of this type.',
  })
  @ApiQuery({ name: 'name_pattern', required: false, description: 'Part of the name.' })
  @ApiQuery({
    name: 'no_published_worklets',
    required: false,
    description: 'Any value: without published touchpoints.',
  })
  @ApiOperation({
    operationId: 'listWorkfiles',
    summary: 'List the workfiles of a workspace',
    description:
      'For everybody who may see the workspace. Parameters may also come as a JSON body.',
  })
  @ApiPage(ListedWorkfileDto)
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
      readFilter({ ...objectOf(body), ...objectOf(query) }),
      readPage(query, body),
    );
    const workspace = this.workspaces.succinct(list.workspace, viewer);
    return {
      response: list.items.map((one) => this.serializer.listItem(one, workspace)),
      pagination: paginationOf(list),
    };
  }

  @Post()
  @Rule('edit')
  @HttpCode(201)
  @RouteConfig({ spoolsFiles: true })
  @ApiAttributes(NewWorkfileBody, 'workfile')
  @ApiOperation({
    operationId: 'createWorkfile',
    summary: 'Create a workfile',
    description:
      'A workflow (`entity_subtype` `alpine`): from an uploaded `.afm`, whose data sources become the chosen execution ' +
      'locations, from datasets, or empty. A link (`link_url`). Else a file: uploaded, drawn from SVG, or empty. A taken ' +
      'name of an upload gets `_1`, `_2` …; a chosen one is refused. 422 lists everything that is wrong; then nothing is ' +
      'stored.',
  })
  @ApiEnvelope(201, WorkfileDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async create(
    @Param('workspace_id', RecordIdPipe) workspaceId: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto> {
    const { uploadLimitBytes: workflowBytes, workfileLimitBytes: fileBytes } = this.config;
    const id = await this.creation.create(workspaceId, viewer, () =>
      readNewWorkfile(body, { workflowBytes, fileBytes }),
    );
    return this.serializer.shown(await this.views.detailsOf(id, viewer), viewer);
  }

  @Delete()
  @Rule('edit')
  @Bare()
  @ApiQuery({
    name: 'workfile_ids[]',
    type: [Number],
    example: [1000010, 1000011],
    description: 'Which ones; also as JSON body `workfile_ids`.',
  })
  @ApiOperation({
    operationId: 'deleteWorkfiles',
    summary: 'Delete workfiles of a workspace',
    description:
      'All of them or none; ids of other workspaces are skipped. What runs of them is stopped once they are deleted, and ' +
      'named in `stopped`.',
  })
  @ApiResponse({ status: 200, type: DeletedDto, description: 'Done' })
  @ApiErrors(401, 403, 404, 422)
  async deleteAll(
    @Param('workspace_id', RecordIdPipe) workspaceId: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @AskedBy() asking: Asking,
  ): Promise<DeletedDto> {
    const read = () => readIds({ ...objectOf(body), ...objectOf(query) });
    return deletedOf(await this.changing.deleteAll(workspaceId, asking, read));
  }
}
