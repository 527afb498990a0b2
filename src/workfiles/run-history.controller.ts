import { Body, Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { RunListItemDto } from './dto/run.dto.js';
import { RunSerializer } from './run.serializer.js';
import { RunsService } from './runs.service.js';

@ApiTags('runs')
@Rule('see')
@Controller('workfiles/:id/runs')
export class RunHistoryController {
  constructor(
    private readonly runs: RunsService,
    private readonly serializer: RunSerializer,
  ) {}

  @Get()
  @Bare()
  @ApiParam({ name: 'id', example: 1000004 })
  @ApiOperation({
    operationId: 'listWorkfileRuns',
    summary: 'List the runs of a workfile',
    description: 'Newest first. For everybody who may see the workfile.',
  })
  @ApiPage(RunListItemDto)
  @ApiErrors(401, 403, 404, 422)
  async list(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const runs = await this.runs.history(id, viewer, readPage(query, body));
    return {
      response: runs.items.map((one) => this.serializer.listItem(one.run, one.queuePosition)),
      pagination: paginationOf(runs),
    };
  }
}
