import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import {
  ApiAttributes,
  ApiEnvelope,
  ApiErrors,
  ApiNothing,
  ApiPage,
} from '../common/http/api-docs.js';
import { Attributes } from '../common/http/attributes.js';
import { Bare } from '../common/http/bare.decorator.js';
import { clientGone } from '../common/http/client-gone.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import {
  ColumnDto,
  columnDto,
  SqlCancellingDto,
  SqlResultDto,
} from '../data-sources/dto/sql-result.dto.js';
import { cancelAnswer } from '../data-sources/sql-executions/sql-cancelling.js';
import { DatasetSerializer } from './dataset.serializer.js';
import { DatasetsService } from './datasets.service.js';
import { PreviewBody } from './dto/dataset-requests.dto.js';
import { DatasetDto, DatasetStatisticsDto } from './dto/dataset.dto.js';
import { flagOf, textOf } from './query-fields.js';

@ApiTags('datasets')
@Controller()
export class DatasetsController {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly serializer: DatasetSerializer,
  ) {}

  @Get('schemas/:id/datasets')
  @Rule('explore')
  @Bare()
  @ApiParam({ name: 'id', example: 1000006 })
  @ApiQuery({
    name: 'filter',
    required: false,
    example: 'golf',
    description: 'Part of the name, ignoring case.',
  })
  @ApiQuery({
    name: 'tables_only',
    required: false,
    example: 'true',
    description: 'Without views.',
  })
  @ApiOperation({
    operationId: 'listSchemaDatasets',
    summary: 'List the tables and views of a schema',
    description:
      'As your account sees them, read from the data source when what is known is older than CATALOGUE_MAX_AGE_SECONDS.',
  })
  @ApiPage(DatasetDto)
  @ApiErrors(401, 403, 404, 422)
  async ofSchema(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const filter = {
      namePart: textOf('filter', query, body),
      tablesOnly: flagOf('tables_only', query, body),
    };
    const list = await this.datasets.ofSchema(id, viewer, filter, readPage(query, body));
    return {
      response: list.items.map((view) => this.serializer.full(view)),
      pagination: paginationOf(list),
    };
  }

  @Get('datasets/:id')
  @Rule('explore')
  @ApiParam({ name: 'id', example: 1000011 })
  @ApiOperation({
    operationId: 'showDataset',
    summary: 'Show a dataset',
    description:
      '404 when a table or view is gone from the database. What a workspace owns is for those who see the workspace.',
  })
  @ApiEnvelope(200, DatasetDto)
  @ApiErrors(401, 403, 404, 422)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<DatasetDto> {
    return this.serializer.full(await this.datasets.show(id, viewer));
  }

  @Get('datasets/:id/columns')
  @Rule('explore')
  @Bare()
  @ApiParam({ name: 'id', example: 1000011 })
  @ApiOperation({
    operationId: 'listDatasetColumns',
    summary: 'List the columns of a dataset',
    description: 'In their order, read from the data source. 404 when it is gone from there.',
  })
  @ApiPage(ColumnDto)
  @ApiErrors(401, 403, 404, 422)
  async columns(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const page = readPage(query, body);
    const columns = await this.datasets.columns(id, viewer);
    const start = (page.page - 1) * page.perPage;
    const items = columns.slice(start, start + page.perPage);
    return {
      response: items.map(columnDto),
      pagination: paginationOf({ items, records: columns.length, page }),
    };
  }

  @Get('datasets/:id/statistics')
  @Rule('explore')
  @ApiParam({ name: 'id', example: 1000011 })
  @ApiOperation({
    operationId: 'showDatasetStatistics',
    summary: 'Show what the data source knows of a dataset',
    description: 'Estimated rows, columns, size; the definition of a view or saved query.',
  })
  @ApiEnvelope(200, DatasetStatisticsDto)
  @ApiErrors(401, 403, 404, 422)
  async statistics(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<DatasetStatisticsDto> {
    const facts = await this.datasets.statistics(id, viewer);
    return 'query' in facts
      ? this.serializer.queryStatistics(facts.query, facts.columns)
      : this.serializer.statistics(facts);
  }

  @Post('datasets/:id/previews')
  @Rule('explore')
  @HttpCode(201)
  @ApiParam({ name: 'id', example: 1000011 })
  @ApiAttributes(PreviewBody, 'task')
  @ApiOperation({
    operationId: 'previewDataset',
    summary: 'Preview a dataset',
    description:
      'Its first SQL_ROW_LIMIT rows, read with your account in a transaction that can write nothing. Cancelled by ' +
      '`DELETE`, when you close the connection, and after SQL_TIMEOUT_SECONDS.',
  })
  @ApiEnvelope(201, SqlResultDto)
  @ApiErrors(400, 401, 403, 404, 413, 422, 429)
  async preview(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SqlResultDto> {
    const attributes = new Attributes(PreviewBody, body, 'task');
    return this.datasets.preview(id, viewer, attributes, clientGone(reply));
  }

  @Delete('datasets/:id/previews/:check_id')
  @Rule('logged in')
  @HttpCode(200)
  @Bare()
  @ApiParam({ name: 'id', example: 1000011 })
  @ApiParam({ name: 'check_id', example: '7d02' })
  @ApiOperation({
    operationId: 'cancelDatasetPreview',
    summary: 'Cancel a preview',
    description:
      'Only your own; from any server. 200 `{}` when no session of it is left in the data source, and also when it was ' +
      'over before. 202 while that is not confirmed: it goes on being ended, and asking again is harmless.',
  })
  @ApiNothing(200, 'It is over')
  @ApiEnvelope(202, SqlCancellingDto)
  @ApiErrors(401, 404)
  async cancelPreview(
    @Param('id', RecordIdPipe) id: number,
    @Param('check_id') checkId: string,
    @CurrentUser() viewer: Viewer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return cancelAnswer(await this.datasets.cancelPreview(id, checkId, viewer), reply);
  }
}
