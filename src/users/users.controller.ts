import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { AskedBy, type Asking } from '../access/asking.js';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import { StoppedWorkDto } from '../access/stopped-work.dto.js';
import type { Viewer } from '../access/viewer.js';
import { DomainError, ValidationFailed } from '../common/errors/domain-error.js';
import { ApiEnvelope, ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Attributes } from '../common/http/attributes.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { ChangedUserDto, NewUserDto } from './dto/user-attributes.dto.js';
import { UserDto } from './dto/user.dto.js';
import { UserChanges } from './user-changes.service.js';
import { UserRemoval } from './user-removal.service.js';
import { UserSerializer } from './user.serializer.js';
import { USER_ORDERS, type UserOrder, UsersService } from './users.service.js';

const FORMS = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'];

/** People (chorus-api.md 7). Attributes may come flat or inside `user[…]`. */
@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly changes: UserChanges,
    private readonly removal: UserRemoval,
    private readonly serializer: UserSerializer,
  ) {}

  @Get()
  @Rule('logged in')
  @Bare()
  @ApiOperation({
    operationId: 'listUsers',
    summary: 'List users',
    description: 'All who are not deleted. Sorted without case, then by id.',
  })
  @ApiQuery({
    name: 'order',
    required: false,
    enum: USER_ORDERS,
    description: 'Default: first_name.',
  })
  @ApiPage(UserDto)
  @ApiErrors(401, 422)
  async list(@Query() query: unknown, @Body() body: unknown): Promise<object> {
    const order = readOrder({ ...(body as object | undefined), ...(query as object) });
    const people = await this.users.list(order, readPage(query, body));
    return {
      response: people.items.map((person) => this.serializer.full(person)),
      pagination: paginationOf(people),
    };
  }

  @Get('ldap')
  @Rule('administrator')
  @ApiOperation({
    operationId: 'searchDirectory',
    summary: 'Look somebody up in the directory',
    description: 'No directory can be configured yet: always 503.',
  })
  @ApiQuery({ name: 'username', example: 'ada', description: 'Name in the directory.' })
  @ApiErrors(401, 403, 503)
  searchDirectory(): never {
    throw new DomainError('unavailable', { message: 'No LDAP directory is configured.' });
  }

  @Get(':id')
  @Rule('logged in')
  @ApiOperation({
    operationId: 'showUser',
    summary: 'Show a user',
    description: 'For everybody who is logged in. Deleted users are not found.',
  })
  @ApiParam({ name: 'id', example: 1000006 })
  @ApiEnvelope(200, UserDto)
  @ApiErrors(401, 404)
  async show(@Param('id', RecordIdPipe) id: number): Promise<UserDto> {
    return this.serializer.full(await this.users.get(id));
  }

  @Post()
  @Rule('administrator')
  @HttpCode(201)
  @ApiOperation({
    operationId: 'createUser',
    summary: 'Create a user',
    description:
      'Unset texts read back as empty ones. 422 names every field that is wrong, for example `TAKEN`.',
  })
  @ApiConsumes(...FORMS)
  @ApiBody({ type: NewUserDto })
  @ApiEnvelope(201, UserDto)
  @ApiErrors(401, 403, 422)
  async create(@Body() body: unknown, @CurrentUser() viewer: Viewer): Promise<UserDto> {
    const id = await this.changes.create(new Attributes(NewUserDto, body, 'user'), viewer);
    return this.serializer.full(await this.users.get(id));
  }

  @Put(':id')
  @Rule('self')
  @ApiOperation({
    operationId: 'updateUser',
    summary: 'Change a user',
    description:
      'Only what is given changes; a whole document may be sent back. `admin`, `roles` and `user_type` count only from ' +
      'administrators, and the last administrator stays one. To change your own password send `old_password` too; your ' +
      'other sessions end. PATCH does the same.',
  })
  @ApiParam({ name: 'id', example: 1000006 })
  @ApiConsumes(...FORMS)
  @ApiBody({ type: ChangedUserDto })
  @ApiEnvelope(200, UserDto)
  @ApiErrors(401, 403, 404, 422, 429)
  async update(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<UserDto> {
    await this.changes.update(id, new Attributes(ChangedUserDto, body, 'user'), viewer);
    return this.serializer.full(await this.users.get(id));
  }

  @Delete(':id')
  @Rule('administrator')
  @Bare()
  @ApiOperation({
    operationId: 'deleteUser',
    summary: 'Delete a user',
    description:
      'Refused while the user owns workspaces (`workspace_count`) or data sources (`user`). Memberships, accounts and ' +
      'sessions end; what the user runs is stopped, and `stopped` names it. Nobody deletes themself.',
  })
  @ApiParam({ name: 'id', example: 1000008 })
  @ApiResponse({ status: 200, type: StoppedWorkDto, description: '`{}` when nothing ran' })
  @ApiErrors(401, 403, 404, 422)
  async delete(
    @Param('id', RecordIdPipe) id: number,
    @AskedBy() asking: Asking,
  ): Promise<StoppedWorkDto> {
    const stopped = await this.removal.remove(id, asking);
    return stopped.length > 0 ? { stopped } : {};
  }
}

function readOrder({ order }: { readonly order?: unknown }): UserOrder {
  if (order === undefined || order === '') return 'first_name';
  const known = USER_ORDERS.find((one) => one === order);
  if (known !== undefined) return known;
  throw new ValidationFailed({
    order: { INCLUSION: typeof order === 'string' ? { value: order } : {} },
  });
}
