import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type Asking, AskedBy } from '../../access/asking.js';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { ApiAttributes, ApiEnvelope, ApiErrors, ApiPage } from '../../common/http/api-docs.js';
import { booleanOf } from '../../common/http/attribute-rules.js';
import { Attributes } from '../../common/http/attributes.js';
import { Bare } from '../../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../../common/http/page.js';
import { RecordIdPipe } from '../../common/http/record-id.pipe.js';
import { AccountDto, ChangedMemberDto, MemberAttributesDto } from '../dto/account.dto.js';
import { ApiStopping, withStopped } from '../dto/stopped.dto.js';
import { AccountSerializer } from './account.serializer.js';
import { MembersService } from './members.service.js';

@ApiTags('data sources')
@ApiParam({ name: 'id', example: 1000002 })
@Controller('data_sources/:id/members')
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly serializer: AccountSerializer,
  ) {}

  @Get()
  @Rule('explore')
  @Bare()
  @ApiOperation({
    operationId: 'listDataSourceMembers',
    summary: 'List the accounts of a data source',
    description: 'Who has one, and its database user name.',
  })
  @ApiPage(AccountDto)
  @ApiErrors(401, 403, 404, 422)
  async list(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const list = await this.members.list(id, viewer, readPage(query, body));
    return {
      response: list.items.map((view) => this.serializer.full(view)),
      pagination: paginationOf(list),
    };
  }

  @Post()
  @Rule('manage data source')
  @ApiAttributes(MemberAttributesDto, 'account')
  @ApiOperation({
    operationId: 'createDataSourceMember',
    summary: "Save a user's account in a data source",
    description:
      'Creates or replaces it. Tested first, unless `incomplete` is true. 404 for a shared data source and an unknown user.',
  })
  @ApiEnvelope(201, AccountDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async create(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<AccountDto> {
    const attributes = new Attributes(MemberAttributesDto, body, 'account');
    return this.serializer.full(await this.members.save(id, viewer, attributes, isUntested(body)));
  }

  @Put(':account_id')
  @Rule('manage data source')
  @ApiParam({ name: 'account_id', example: 12 })
  @ApiAttributes(ChangedMemberDto, 'account')
  @ApiOperation({
    operationId: 'updateDataSourceMember',
    summary: 'Replace the credentials of an account',
    description:
      'Tested first, unless `incomplete` is true. What runs with the old ones goes on, and can be stopped.',
  })
  @ApiEnvelope(200, AccountDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async update(
    @Param('id', RecordIdPipe) dataSourceId: number,
    @Param('account_id', RecordIdPipe) accountId: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<AccountDto> {
    const attributes = new Attributes(ChangedMemberDto, body, 'account');
    const place = { dataSourceId, accountId };
    return this.serializer.full(
      await this.members.change(place, viewer, attributes, isUntested(body)),
    );
  }

  @Delete(':account_id')
  @Rule('manage data source')
  @Bare()
  @ApiParam({ name: 'account_id', example: 12 })
  @ApiOperation({
    operationId: 'deleteDataSourceMember',
    summary: "Remove a user's account",
    description:
      'What he runs there is stopped, and `stopped` says what that was. 404 for a shared data source.',
  })
  @ApiStopping(200, null)
  @ApiErrors(401, 403, 404)
  async remove(
    @Param('id', RecordIdPipe) id: number,
    @Param('account_id', RecordIdPipe) accountId: number,
    @AskedBy() asking: Asking,
  ): Promise<object> {
    return withStopped(await this.members.remove(id, accountId, asking));
  }
}

/** `incomplete` stands beside the wrapper. */
function isUntested(body: unknown): boolean {
  const { incomplete } = Object(body) as { incomplete?: unknown };
  return booleanOf(incomplete) === true;
}
