import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import { ApiErrors } from '../../common/http/api-docs.js';
import { Bare } from '../../common/http/bare.decorator.js';
import { UuidPipe } from '../../common/http/uuid.pipe.js';
import { RunsService } from '../../workfiles/runs.service.js';
import type { ResultsDocument } from '../results/results-document.js';
import { RunResults } from '../results/run-results.js';

@ApiTags('runs')
@Rule('see')
@Controller('runs')
export class RunResultsController {
  constructor(
    private readonly runs: RunsService,
    private readonly results: RunResults,
  ) {}

  @Get(':id/results')
  @Bare()
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    operationId: 'showRunResults',
    summary: 'Results of a run',
    description:
      'What each operator made, with a preview of 25 rows, and the log. Without envelope: it is the document that the ' +
      'engine’s own API sends as a string. 404 while the run is not over. For everybody who may see the workfile.',
  })
  @ApiResponse({
    status: 200,
    description: 'The results document',
    schema: {
      type: 'object',
      required: ['flowMetaInfo', 'outputs', 'logs'],
      properties: {
        flowMetaInfo: { type: 'object', example: { workflowName: 'golf_days', status: 'SUCCESS' } },
        outputs: { type: 'array', items: { type: 'object' } },
        logs: { type: 'array', items: { type: 'object' } },
      },
    },
  })
  @ApiErrors(401, 403, 404)
  async show(
    @Param('id', UuidPipe) id: string,
    @CurrentUser() viewer: Viewer,
  ): Promise<ResultsDocument> {
    await this.runs.assertVisible(id, viewer);
    const document = await this.results.find(id);
    if (document === null) throw new RecordNotFound();
    return document;
  }
}
