import { Body, Controller, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiAttributes, ApiErrors, ApiNothing } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { readResult } from './dto/report-result.js';
import { ResultBody } from './dto/workfile-body.dto.js';
import { WorkfileResultSerializer } from './workfile-results.serializer.js';
import { WorkfileResults } from './workfile-results.service.js';

@ApiTags('workfiles')
@ApiParam({ name: 'id', example: 1000004 })
@Rule('edit')
@Controller('workfiles/:id/results')
export class WorkfileResultsController {
  constructor(
    private readonly results: WorkfileResults,
    private readonly serializer: WorkfileResultSerializer,
  ) {}

  @Post()
  @Bare()
  @ApiAttributes(ResultBody, null)
  @ApiOperation({
    operationId: 'reportResult',
    summary: 'Report a result',
    description:
      'As an external engine does after a run: 201 with the activity when `results_written` is `true`, else 200 with `{}`.',
  })
  @ApiResponse({
    status: 201,
    description: 'The activity `WorkfileResult`, with the result attached',
    schema: {
      type: 'object',
      required: ['response'],
      properties: { response: { type: 'object', additionalProperties: true } },
    },
  })
  @ApiNothing(200, 'Nothing was written')
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async report(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const reported = await this.results.report(id, viewer, () => readResult(body));
    void reply.status(reported === null ? 200 : 201);
    return reported === null ? {} : { response: this.serializer.event(reported, viewer) };
  }
}
