import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiEnvelopeList, ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { MemberDto } from '../users/dto/user.dto.js';
import { UserSerializer } from '../users/user.serializer.js';
import { MembersDto } from './dto/members.dto.js';
import { type Member, Members } from './members.service.js';

/** Members of workspaces (chorus-api.md 8.6). */
@ApiTags('workspaces')
@ApiParam({ name: 'id', example: 1000008 })
@Controller('workspaces/:id/members')
export class MembersController {
  constructor(
    private readonly members: Members,
    private readonly users: UserSerializer,
  ) {}

  @Get()
  @Rule('see')
  @Bare()
  @ApiOperation({
    operationId: 'listMembers',
    summary: 'List the members of a workspace',
    description: 'By first name without case, then id. Parameters may also come as a JSON body.',
  })
  @ApiPage(MemberDto)
  @ApiErrors(401, 403, 404, 422)
  async list(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const page = await this.members.list(id, viewer, readPage(query, body));
    return {
      response: page.items.map((member) => this.print(member)),
      pagination: paginationOf(page),
    };
  }

  @Post()
  @Rule('manage members')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'setMembers',
    summary: 'Set the members of a workspace',
    description:
      'The list replaces the one before, so it must hold the owner. Send `members` with roles, or `member_ids[]`: then ' +
      'roles stay, and new members get the role Project Member.',
  })
  @ApiConsumes('application/json', 'application/x-www-form-urlencoded', 'multipart/form-data')
  @ApiBody({ type: MembersDto })
  @ApiEnvelopeList(200, MemberDto, { description: 'All members' })
  @ApiErrors(401, 403, 404, 422)
  async set(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<MemberDto[]> {
    return (await this.members.set(id, viewer, body)).map((member) => this.print(member));
  }

  private print({ person, role }: Member): MemberDto {
    return this.users.member(person, role);
  }
}
