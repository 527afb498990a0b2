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
import { DATABASE_KINDS } from './data-source-kinds.js';
import { DataSourceSerializer } from './data-source.serializer.js';
import { DataSourcesService } from './data-sources.service.js';
import { ChangedDataSourceDto, NewDataSourceDto } from './dto/data-source-attributes.dto.js';
import { DataSourceDto, SuccinctDataSourceDto } from './dto/data-source.dto.js';
import { ApiStopping, withStopped } from './dto/stopped.dto.js';
import { readListFlags } from './list-flags.js';
import { SourceChanges } from './source-changes.service.js';
import { SourceCreation } from './source-creation.service.js';
import { SourceRemoval } from './source-removal.service.js';

@ApiTags('data sources')
@Controller('data_sources')
export class DataSourcesController {
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
  @ApiQuery({
    name: 'entity_type',
    required: false,
    example: 'gpdb_data_source',
    description: 'One, or several as `entity_type[]`.',
  })
  @ApiQuery({
    name: 'all',
    required: false,
    example: 'True',
    description: 'Any value: also those that you have no access to.',
  })
  @ApiQuery({
    name: 'filter_disabled',
    required: false,
    example: 'true',
    description: '`true`: without disabled and incomplete ones.',
  })
  @ApiQuery({
    name: 'succinct',
    required: false,
    example: 'true',
    description: '`true`: short form.',
  })
  @ApiOperation({
    operationId: 'listDataSources',
    summary: 'List data sources',
    description:
      'Database servers, by name: those that are shared or public, yours, and those where you have an account. What is ' +
      'disabled or incomplete is there only for those who manage it. HDFS has a list of its own.',
  })
  @ApiPage(DataSourceDto, SuccinctDataSourceDto)
  @ApiErrors(401, 422)
  async list(
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const { succinct, kinds, ...flags } = readListFlags(query, body);
    const databases = DATABASE_KINDS.filter((kind) => kinds?.includes(kind) ?? true);
    const filter = { ...flags, kinds: databases, jobTracker: false };
    const list = await this.sources.list(viewer, filter, readPage(query, body));
    return {
      response: list.items.map((view) =>
        succinct ? this.serializer.succinct(view.source) : this.serializer.full(view),
      ),
      pagination: paginationOf(list),
    };
  }

  @Get(':id')
  @Rule('logged in')
  @ApiParam({ name: 'id', example: 1000002 })
  @ApiOperation({
    operationId: 'showDataSource',
    summary: 'Show a data source',
    description:
      'For everybody; a disabled or incomplete one only for its owner and site administrators.',
  })
  @ApiEnvelope(200, DataSourceDto)
  @ApiErrors(401, 404)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<DataSourceDto> {
    return this.serializer.full(await this.sources.show(id, viewer, DATABASE_KINDS));
  }

  @Post()
  @Rule('logged in')
  @ApiAttributes(NewDataSourceDto, 'data_source')
  @ApiOperation({
    operationId: 'createDataSource',
    summary: 'Register a data source',
    description:
      'You become its owner. Greenplum and PostgreSQL are tested with the credentials first: 422 ' +
      '`base.INVALID_PASSWORD`, or `record` with the kind of failure (`DATABASE_MISSING`, `TOO_MANY_CONNECTIONS`, ' +
      '`DATA_SOURCE_UNREACHABLE` …). Then databases and schemas are read in the background. Oracle, JDBC, JDBC Hive and ' +
      'HAWQ can be registered and listed, but this server cannot look into them or run anything there: they are ' +
      '`offline`. With RESTRICT_DATA_SOURCE_CREATION only for site administrators.',
  })
  @ApiEnvelope(201, DataSourceDto)
  @ApiErrors(400, 401, 403, 413, 422)
  async create(@Body() body: unknown, @CurrentUser() viewer: Viewer): Promise<DataSourceDto> {
    const attributes = new Attributes(NewDataSourceDto, body, 'data_source');
    const id = await this.creation.createDatabase(viewer, attributes);
    return this.serializer.full(await this.sources.get(id, viewer));
  }

  @Put(':id')
  @Rule('manage data source')
  @Bare()
  @ApiParam({ name: 'id', example: 1000002 })
  @ApiAttributes(ChangedDataSourceDto, 'data_source')
  @ApiOperation({
    operationId: 'updateDataSource',
    summary: 'Change a data source',
    description:
      'Only what is sent changes. Another address or other credentials are tested first. `state` `disabled` or ' +
      '`incomplete` takes it out of use: nothing can begin there any more, then what runs there is stopped, and ' +
      '`stopped` says what that was. Another host or port, or no TLS any more, is refused with ' +
      '`base.DATA_SOURCE_IN_USE` while anything runs there, for it could not be stopped any more, or while it is being ' +
      'changed by another request. Unless a site administrator sends it, passwords that you did not enter do not go ' +
      'there: other accounts answer 403 `INVALID_CREDENTIALS` until they are saved again, and `db_password.BLANK` asks ' +
      'for that of your own account where somebody else has entered it.',
  })
  @ApiStopping(200, DataSourceDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async update(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @AskedBy() asking: Asking,
  ): Promise<object> {
    const attributes = new Attributes(ChangedDataSourceDto, body, 'data_source');
    const stopped = await this.changes.changeDatabase(id, asking, attributes);
    const view = await this.sources.get(id, asking.viewer);
    return { response: this.serializer.full(view), ...withStopped(stopped) };
  }

  @Delete(':id')
  @Rule('manage data source')
  @Bare()
  @ApiParam({ name: 'id', example: 1000002 })
  @ApiOperation({
    operationId: 'deleteDataSource',
    summary: 'Delete a data source',
    description:
      'Its name becomes free, its accounts are removed; history stays. What runs there is stopped, and `stopped` says ' +
      'what that was.',
  })
  @ApiStopping(200, null)
  @ApiErrors(401, 403, 404)
  async remove(@Param('id', RecordIdPipe) id: number, @AskedBy() asking: Asking): Promise<object> {
    return withStopped(await this.removal.remove(id, asking, DATABASE_KINDS));
  }
}
