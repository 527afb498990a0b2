import { Body, Controller, Delete, Get, Param, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type Asking, AskedBy } from '../../access/asking.js';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { ApiAttributes, ApiEnvelope, ApiErrors } from '../../common/http/api-docs.js';
import { Attributes } from '../../common/http/attributes.js';
import { Bare } from '../../common/http/bare.decorator.js';
import { RecordIdPipe } from '../../common/http/record-id.pipe.js';
import { AccountAttributesDto, AccountDto } from '../dto/account.dto.js';
import { ApiStopping, withStopped } from '../dto/stopped.dto.js';
import { AccountSerializer } from './account.serializer.js';
import { AccountsService } from './accounts.service.js';

const SAVING =
  'Greenplum and PostgreSQL are asked first: 422 `base.INVALID_PASSWORD` when they refuse. Of a shared data source it ' +
  "is the owner's account, and only he and site administrators may save it.";

@ApiTags('data sources')
@ApiParam({ name: 'id', example: 1000002 })
@Controller('data_sources/:id/account')
export class AccountController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly serializer: AccountSerializer,
  ) {}

  @Get()
  @Rule('own account')
  @ApiOperation({
    operationId: 'showAccount',
    summary: 'Show your account in a data source',
    description: "Of a shared one, the owner's. `null` when there is none.",
  })
  @ApiEnvelope(200, AccountDto, { nullable: true })
  @ApiErrors(401, 403, 404)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<AccountDto | null> {
    const view = await this.accounts.usable(id, viewer);
    return view === null ? null : this.serializer.full(view);
  }

  @Post()
  @Rule('own account')
  @ApiAttributes(AccountAttributesDto, 'account')
  @ApiOperation({
    operationId: 'createAccount',
    summary: 'Save your account in a data source',
    description: SAVING,
  })
  @ApiEnvelope(201, AccountDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  create(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<AccountDto> {
    return this.save(id, body, viewer);
  }

  @Put()
  @Rule('own account')
  @ApiAttributes(AccountAttributesDto, 'account')
  @ApiOperation({
    operationId: 'updateAccount',
    summary: 'Replace your account in a data source',
    description: SAVING,
  })
  @ApiEnvelope(200, AccountDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  update(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<AccountDto> {
    return this.save(id, body, viewer);
  }

  @Delete()
  @Rule('own account')
  @Bare()
  @ApiOperation({
    operationId: 'deleteAccount',
    summary: 'Remove your account in a data source',
    description:
      'What you run there is stopped, and `stopped` says what that was. 404 for a shared data source, and when you have none.',
  })
  @ApiStopping(200, null)
  @ApiErrors(401, 403, 404)
  async remove(@Param('id', RecordIdPipe) id: number, @AskedBy() asking: Asking): Promise<object> {
    return withStopped(await this.accounts.remove(id, asking));
  }

  private async save(id: number, body: unknown, viewer: Viewer): Promise<AccountDto> {
    const attributes = new Attributes(AccountAttributesDto, body, 'account');
    return this.serializer.full(await this.accounts.save(id, viewer, attributes));
  }
}
