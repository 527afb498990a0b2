import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiEnvelope, ApiErrors } from '../common/http/api-docs.js';
import { UuidPipe } from '../common/http/uuid.pipe.js';
import { RunDto } from './dto/run.dto.js';
import { RunSerializer } from './run.serializer.js';
import { RunsService } from './runs.service.js';

@ApiTags('runs')
@Rule('see')
@Controller('runs')
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly serializer: RunSerializer,
  ) {}

  @Get(':id')
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    summary: 'Show a run',
    description:
      'Its state, its operators, and the receipt of its stop. For everybody who may see the workfile.',
  })
  @ApiEnvelope(200, RunDto)
  @ApiErrors(401, 403, 404)
  async show(@Param('id', UuidPipe) id: string, @CurrentUser() viewer: Viewer): Promise<RunDto> {
    return this.serializer.full(await this.runs.get(id, viewer));
  }
}
