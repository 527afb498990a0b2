import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiErrors, ApiNothing } from '../common/http/api-docs.js';
import { Attributes } from '../common/http/attributes.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { SandboxDto } from './dto/sandbox-attributes.dto.js';
import { Sandboxes } from './sandboxes.service.js';

@ApiTags('workspaces')
@ApiParam({ name: 'id', example: 1000008 })
@Controller('workspaces/:id/sandbox')
export class SandboxesController {
  constructor(private readonly sandboxes: Sandboxes) {}

  @Post()
  @Rule('manage workspace')
  @HttpCode(201)
  @Bare()
  @ApiOperation({
    operationId: 'setSandbox',
    summary: 'Give a workspace its sandbox',
    description:
      'A known schema, or one that is created with your account on the data source. What the database has against it is ' +
      'told as `schema.GENERIC` or `database.GENERIC`; then nothing is left behind. Attributes may come flat or inside ' +
      '`sandbox[…]`.',
  })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json', 'multipart/form-data')
  @ApiBody({ type: SandboxDto })
  @ApiNothing(201)
  @ApiErrors(401, 403, 404, 422)
  async set(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    await this.sandboxes.set(id, new Attributes(SandboxDto, body, 'sandbox'), viewer);
    return {};
  }
}
