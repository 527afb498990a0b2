import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { type Asking, AskedBy } from '../access/asking.js';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiAttributes, ApiEnvelope, ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Attributes } from '../common/http/attributes.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { HDFS_KINDS } from './data-source-kinds.js';
import { DataSourceSerializer } from './data-source.serializer.js';
import { DataSourcesService } from './data-sources.service.js';
import { HdfsDataSourceAttributesDto } from './dto/hdfs-attributes.dto.js';
import { HdfsDataSourceDto, SuccinctHdfsDataSourceDto } from './dto/hdfs-data-source.dto.js';
import { ApiStopping, withStopped } from './dto/stopped.dto.js';
import { readListFlags } from './list-flags.js';
import { SourceChanges } from './source-changes.service.js';
import { SourceCreation } from './source-creation.service.js';
import { SourceRemoval } from './source-removal.service.js';

const WRAPPER = 'hdfs_data_source';

/** HDFS is known by name, and no more: this server does not speak its protocol. */
@ApiTags('data sources')
@Controller('hdfs_data_sources')
export class HdfsDataSourcesController {
  constructor(
    private readonly sources: DataSourcesService,
    private readonly creation: SourceCreation,
    private readonly changes: SourceChanges,
    private readonly removal: SourceRemoval,
    private readonly serializer: DataSourceSerializer,
  ) {}

  @Get()
  @Rule('logged in')
  @Bare()
  @ApiQuery({ name: 'succinct', required: false, example: 'true', description: '`true`: short.' })
  @ApiQuery({
    name: 'filter_disabled',
    required: false,
    example: 'true',
    description: '`true`: without disabled and incomplete ones.',
  })
  @ApiQuery({
    name: 'job_tracker',
    required: false,
    description: 'Any value: only those with a job tracker.',
  })
  @ApiOperation({
    operationId: 'listHdfsDataSources',
    summary: 'List HDFS data sources',
    description:
      'By name, for everybody. What is disabled or incomplete is there only for those who manage it.',
  })
  @ApiPage(HdfsDataSourceDto, SuccinctHdfsDataSourceDto)
  @ApiErrors(401, 422)
  async list(
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const { succinct, withoutDisabled, jobTracker } = readListFlags(query, body);
    const filter = { kinds: HDFS_KINDS, all: true, withoutDisabled, jobTracker };
    const list = await this.sources.list(viewer, filter, readPage(query, body));
    return {
      response: list.items.map((view) =>
        succinct ? this.serializer.succinctHdfs(view.source) : this.serializer.fullHdfs(view),
      ),
      pagination: paginationOf(list),
    };
  }

  @Get(':id')
  @Rule('logged in')
  @ApiParam({ name: 'id', example: 1000003 })
  @ApiOperation({
    operationId: 'showHdfsDataSource',
    summary: 'Show an HDFS data source',
    description:
      'For everybody; a disabled or incomplete one only for its owner and site administrators.',
  })
  @ApiEnvelope(200, HdfsDataSourceDto)
  @ApiErrors(401, 404)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<HdfsDataSourceDto> {
    return this.serializer.fullHdfs(await this.sources.show(id, viewer, HDFS_KINDS));
  }

  @Post()
  @Rule('logged in')
  @ApiAttributes(HdfsDataSourceAttributesDto, WRAPPER)
  @ApiOperation({
    operationId: 'createHdfsDataSource',
    summary: 'Register an HDFS data source',
    description:
      'You become its owner. It is not tested, and stays `offline`: this server can list HDFS data sources, but not ' +
      'read them or run anything there. With RESTRICT_DATA_SOURCE_CREATION only for site administrators.',
  })
  @ApiEnvelope(201, HdfsDataSourceDto)
  @ApiErrors(400, 401, 403, 413, 422)
  async create(@Body() body: unknown, @CurrentUser() viewer: Viewer): Promise<HdfsDataSourceDto> {
    const attributes = new Attributes(HdfsDataSourceAttributesDto, body, WRAPPER);
    const id = await this.creation.createHdfs(viewer, attributes);
    return this.serializer.fullHdfs(await this.sources.get(id, viewer));
  }

  @Put(':id')
  @Rule('manage data source')
  @Bare()
  @ApiParam({ name: 'id', example: 1000003 })
  @ApiAttributes(HdfsDataSourceAttributesDto, WRAPPER)
  @ApiOperation({
    operationId: 'updateHdfsDataSource',
    summary: 'Change an HDFS data source',
    description: 'Only what is sent changes.',
  })
  @ApiStopping(200, HdfsDataSourceDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async update(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @AskedBy() asking: Asking,
  ): Promise<object> {
    const attributes = new Attributes(HdfsDataSourceAttributesDto, body, WRAPPER);
    const stopped = await this.changes.changeHdfs(id, asking, attributes);
    const view = await this.sources.get(id, asking.viewer);
    return { response: this.serializer.fullHdfs(view), ...withStopped(stopped) };
  }

  @Delete(':id')
  @Rule('manage data source')
  @Bare()
  @ApiParam({ name: 'id', example: 1000003 })
  @ApiOperation({
    operationId: 'deleteHdfsDataSource',
    summary: 'Delete an HDFS data source',
    description: 'Its name becomes free.',
  })
  @ApiStopping(200, null)
  @ApiErrors(401, 403, 404)
  async remove(@Param('id', RecordIdPipe) id: number, @AskedBy() asking: Asking): Promise<object> {
    return withStopped(await this.removal.remove(id, asking, HDFS_KINDS));
  }
}
