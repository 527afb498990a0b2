import { Body, Controller, Delete, Param, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type Asking, AskedBy } from '../access/asking.js';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiAttributes, ApiEnvelope, ApiErrors } from '../common/http/api-docs.js';
import { Attributes } from '../common/http/attributes.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { DataSourceSerializer } from './data-source.serializer.js';
import { DataSourcesService } from './data-sources.service.js';
import { NewOwnerDto } from './dto/account.dto.js';
import { DataSourceDto } from './dto/data-source.dto.js';
import { ApiStopping, withStopped } from './dto/stopped.dto.js';
import { SourceHandover } from './source-handover.service.js';

@ApiTags('data sources')
@ApiParam({ name: 'id', example: 1000002 })
@Controller('data_sources/:id')
export class SourceHandoverController {
  constructor(
    private readonly handover: SourceHandover,
    private readonly sources: DataSourcesService,
    private readonly serializer: DataSourceSerializer,
  ) {}

  @Put('owner')
  @Rule('manage data source')
  @ApiAttributes(NewOwnerDto, 'owner')
  @ApiOperation({
    operationId: 'changeDataSourceOwner',
    summary: 'Hand a data source over',
    description:
      'Of a shared one the account moves along; else the new owner needs an account there (403). 404, not 403, for who ' +
      'does not manage it.',
  })
  @ApiEnvelope(200, DataSourceDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async changeOwner(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<DataSourceDto> {
    await this.handover.changeOwner(id, viewer, new Attributes(NewOwnerDto, body, 'owner'));
    return this.shown(id, viewer);
  }

  @Post('sharing')
  @Rule('manage data source')
  @ApiOperation({
    operationId: 'shareDataSource',
    summary: 'Share a data source',
    description:
      "Everybody uses the owner's account from now on; all others are removed. What runs with them goes on.",
  })
  @ApiEnvelope(201, DataSourceDto)
  @ApiErrors(401, 403, 404)
  async share(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<DataSourceDto> {
    await this.handover.share(id, viewer);
    return this.shown(id, viewer);
  }

  @Delete('sharing')
  @Rule('manage data source')
  @Bare()
  @ApiOperation({
    operationId: 'unshareDataSource',
    summary: 'Stop sharing a data source',
    description:
      'Only the owner has an account then. What others run there is stopped, and `stopped` says what that was.',
  })
  @ApiStopping(200, DataSourceDto)
  @ApiErrors(401, 403, 404)
  async unshare(@Param('id', RecordIdPipe) id: number, @AskedBy() asking: Asking): Promise<object> {
    const stopped = await this.handover.unshare(id, asking);
    return { response: await this.shown(id, asking.viewer), ...withStopped(stopped) };
  }

  private async shown(id: number, viewer: Viewer): Promise<DataSourceDto> {
    return this.serializer.full(await this.sources.get(id, viewer));
  }
}
