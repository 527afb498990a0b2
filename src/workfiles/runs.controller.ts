import { Body, Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiEnvelope, ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { UuidPipe } from '../common/http/uuid.pipe.js';
import { ActiveRunSelection } from './active-run-selection.js';
import { RunDto, RunListItemDto } from './dto/run.dto.js';
import { RunFilterDto } from './dto/stop.dto.js';
import { RunSerializer } from './run.serializer.js';
import { RunsService } from './runs.service.js';

@ApiTags('runs')
@Rule('see')
@Controller('runs')
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly serializer: RunSerializer,
    private readonly selection: ActiveRunSelection,
  ) {}

  @Get()
  @Rule('logged in')
  @Bare()
  @ApiOperation({
    operationId: 'listActiveRuns',
    summary: 'List active runs',
    description:
      'Queued, running and stopping ones that you may see, oldest first; `queue_position` says who is next.',
  })
  @ApiPage(RunListItemDto)
  @ApiErrors(401, 422)
  async list(
    @Query() filter: RunFilterDto,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const runs = await this.selection.list(viewer, filter, readPage(query, body));
    return {
      response: runs.items.map((one) => this.serializer.listItem(one.run, one.queuePosition)),
      pagination: paginationOf(runs),
    };
  }

  @Get(':id')
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    operationId: 'showRun',
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
