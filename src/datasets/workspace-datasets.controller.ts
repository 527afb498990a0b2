import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import { ApiAttributes, ApiErrors, ApiNothing, ApiPage } from '../common/http/api-docs.js';
import { LARGEST_ID } from '../common/http/attribute-rules.js';
import { Attributes } from '../common/http/attributes.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { WorkspaceSerializer } from '../workspaces/workspace.serializer.js';
import { DatasetAssociations } from './dataset-associations.service.js';
import { DatasetSerializer } from './dataset.serializer.js';
import { DatasetIdsBody } from './dto/dataset-requests.dto.js';
import { DatasetDto } from './dto/dataset.dto.js';
import { textOf } from './query-fields.js';
import {
  SUBTYPE_FILTERS,
  type WorkspaceDatasetFilter,
  WorkspaceDatasets,
} from './workspace-datasets.service.js';

@ApiTags('datasets')
@ApiParam({ name: 'workspace_id', example: 1000008 })
@Controller('workspaces/:workspace_id/datasets')
export class WorkspaceDatasetsController {
  constructor(
    private readonly datasets: WorkspaceDatasets,
    private readonly associations: DatasetAssociations,
    private readonly serializer: DatasetSerializer,
    private readonly workspaces: WorkspaceSerializer,
  ) {}

  @Get()
  @Rule('see')
  @Bare()
  @ApiQuery({
    name: 'entity_subtype',
    required: false,
    enum: SUBTYPE_FILTERS,
    description: 'Only those of this kind.',
  })
  @ApiQuery({
    name: 'name_pattern',
    required: false,
    example: 'golf',
    description: 'Part of the name, ignoring case.',
  })
  @ApiQuery({
    name: 'database_id',
    required: false,
    example: 1000001,
    description: 'Only those in this database.',
  })
  @ApiOperation({
    operationId: 'listWorkspaceDatasets',
    summary: 'List the datasets of a workspace',
    description:
      'Source tables that it uses, its saved queries and HDFS datasets, and, if it shows them and you have an account ' +
      'there, the tables and views of its sandbox; by name ignoring case and underscores.',
  })
  @ApiPage(DatasetDto)
  @ApiErrors(401, 403, 404, 422)
  async list(
    @Param('workspace_id', RecordIdPipe) workspaceId: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const filter = readFilter(query, body);
    const list = await this.datasets.list(workspaceId, viewer, filter, readPage(query, body));
    const printed = this.workspaces.succinct(list.workspace, viewer);
    const { sandboxId } = list.workspace.workspace;
    return {
      response: list.items.map((view) => this.serializer.full(view, { sandboxId, printed })),
      pagination: paginationOf(list),
    };
  }

  @Post()
  @Rule('edit')
  @HttpCode(201)
  @Bare()
  @ApiAttributes(DatasetIdsBody, null)
  @ApiOperation({
    operationId: 'addWorkspaceDatasets',
    summary: 'Let a workspace use source tables',
    description:
      'You must be able to explore their data sources. One that is there already is an error when it is the only one, ' +
      'and skipped among several.',
  })
  @ApiNothing(201)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async add(
    @Param('workspace_id', RecordIdPipe) workspaceId: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    await this.associations.add(workspaceId, viewer, new Attributes(DatasetIdsBody, body, null));
    return {};
  }

  @Delete()
  @Rule('edit')
  @Bare()
  @ApiAttributes(DatasetIdsBody, null)
  @ApiOperation({
    operationId: 'removeWorkspaceDatasets',
    summary: 'Let a workspace no longer use source tables',
    description: 'In the body or the query. Those that it does not use are skipped.',
  })
  @ApiNothing(200)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async remove(
    @Param('workspace_id', RecordIdPipe) workspaceId: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const sent = { ...Object(query), ...Object(body) } as object;
    await this.associations.remove(workspaceId, viewer, new Attributes(DatasetIdsBody, sent, null));
    return {};
  }

  @Delete(':id')
  @Rule('edit')
  @Bare()
  @ApiParam({ name: 'id', example: 1000011 })
  @ApiOperation({
    operationId: 'removeWorkspaceDataset',
    summary: 'Let a workspace no longer use a source table',
    description: '404 when it does not use it.',
  })
  @ApiNothing(200)
  @ApiErrors(401, 403, 404)
  async removeOne(
    @Param('workspace_id', RecordIdPipe) workspaceId: number,
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    await this.associations.removeOne(workspaceId, id, viewer);
    return {};
  }
}

function readFilter(query: unknown, body: unknown): WorkspaceDatasetFilter {
  const subtype = textOf('entity_subtype', query, body);
  const known = SUBTYPE_FILTERS.find((one) => one === subtype) ?? null;
  if (subtype !== null && known === null)
    throw new ValidationFailed({ entity_subtype: { INCLUSION: { value: subtype } } });
  const database = textOf('database_id', query, body);
  if (database !== null && (!/^\d{1,10}$/.test(database) || Number(database) > LARGEST_ID))
    throw new RecordNotFound();
  return {
    subtype: known,
    namePart: textOf('name_pattern', query, body),
    databaseId: database === null ? null : Number(database),
  };
}
