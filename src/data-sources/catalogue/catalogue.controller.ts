import { Body, Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { ApiEnvelope, ApiErrors, ApiPage } from '../../common/http/api-docs.js';
import { Bare } from '../../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../../common/http/page.js';
import { RecordIdPipe } from '../../common/http/record-id.pipe.js';
import { DataSourceSerializer } from '../data-source.serializer.js';
import { DatabaseDto, SchemaDto } from '../dto/data-source.dto.js';
import { WorkspaceDetailDto } from '../dto/workspace-detail.dto.js';
import { CatalogueLists } from './catalogue-lists.service.js';
import { WorkspaceDetails } from './workspace-details.js';

const LIVE =
  'As your account sees it, read from the data source when what is known is older than CATALOGUE_MAX_AGE_SECONDS. ' +
  '403 with the data source when you have no account there.';

@ApiTags('data sources')
@Controller()
export class CatalogueController {
  constructor(
    private readonly lists: CatalogueLists,
    private readonly details: WorkspaceDetails,
    private readonly serializer: DataSourceSerializer,
  ) {}

  @Get('data_sources/:id/databases')
  @Rule('explore')
  @Bare()
  @ApiParam({ name: 'id', example: 1000002 })
  @ApiOperation({
    operationId: 'listDatabases',
    summary: 'List the databases of a data source',
    description: `${LIVE} Greenplum and PostgreSQL only.`,
  })
  @ApiPage(DatabaseDto)
  @ApiErrors(401, 403, 404, 422)
  async databases(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const list = await this.lists.databases(id, viewer, readPage(query, body));
    return {
      response: list.items.map((place) => this.serializer.fullDatabase(place, list.view)),
      pagination: paginationOf(list),
    };
  }

  @Get('data_sources/:id/schemas')
  @Rule('explore')
  @ApiParam({ name: 'id', example: 1000005 })
  @ApiOperation({
    operationId: 'listDataSourceSchemas',
    summary: 'List the schemas of an Oracle or JDBC data source',
    description:
      'This server has no driver for them: 422 `DATA_SOURCE_DRIVER_NOT_CONFIGURED`. 404 for other kinds, whose schemas ' +
      'are in databases.',
  })
  @ApiErrors(401, 403, 404, 422)
  schemasOfSource(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<never> {
    return this.lists.schemasOfSource(id, viewer);
  }

  @Get('data_sources/:id/workspace_detail')
  @Rule('logged in')
  @ApiParam({ name: 'id', example: 1000002 })
  @ApiOperation({
    operationId: 'showDataSourceWorkspaces',
    summary: 'Show the sandboxes of workspaces in a data source',
    description:
      'Workspaces that you may see, with the size of their sandboxes; `null` without an account. Sizes are `null` when ' +
      'the data source does not tell them in time. Greenplum and PostgreSQL only.',
  })
  @ApiEnvelope(200, WorkspaceDetailDto)
  @ApiErrors(401, 403, 404)
  workspaceDetail(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkspaceDetailDto> {
    return this.details.of(id, viewer);
  }

  @Get('databases/:id')
  @Rule('explore')
  @ApiParam({ name: 'id', example: 1000001 })
  @ApiOperation({
    operationId: 'showDatabase',
    summary: 'Show a database',
    description: 'As it was last seen.',
  })
  @ApiEnvelope(200, DatabaseDto)
  @ApiErrors(401, 403, 404)
  async database(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<DatabaseDto> {
    const { place, view } = await this.lists.database(id, viewer);
    return this.serializer.fullDatabase(place, view);
  }

  @Get('databases/:id/schemas')
  @Rule('explore')
  @Bare()
  @ApiParam({ name: 'id', example: 1000001 })
  @ApiOperation({
    operationId: 'listSchemas',
    summary: 'List the schemas of a database',
    description: LIVE,
  })
  @ApiPage(SchemaDto)
  @ApiErrors(401, 403, 404, 422)
  async schemas(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const list = await this.lists.schemas(id, viewer, readPage(query, body));
    return {
      response: list.items.map((place) => this.serializer.fullSchema(place, list.view)),
      pagination: paginationOf(list),
    };
  }

  @Get('schemas/:id')
  @Rule('explore')
  @ApiParam({ name: 'id', example: 1000006 })
  @ApiOperation({
    operationId: 'showSchema',
    summary: 'Show a schema',
    description: 'As it was last seen.',
  })
  @ApiEnvelope(200, SchemaDto)
  @ApiErrors(401, 403, 404)
  async schema(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<SchemaDto> {
    const { place, view } = await this.lists.schema(id, viewer);
    return this.serializer.fullSchema(place, view);
  }
}
