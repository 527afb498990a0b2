import { STOP_ANSWER } from './engine-docs.js';
import { ApiErrors } from '../../common/http/api-docs.js';
import { Body, Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import { Bare } from '../../common/http/bare.decorator.js';
import { RecordIdPipe } from '../../common/http/record-id.pipe.js';
import { ACTIVE } from '../../runs/run-status.js';
import type { Asking } from '../../workfiles/workfiles.service.js';
import { EngineRuns } from './engine-runs.service.js';
import { stopAnswer } from './engine-answers.js';
import { readVariables } from './run-variables.js';

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 2000;

/** The calls of the original's internal interface that run and stop (engine-api.md 5). */
@ApiTags('engine')
@Bare()
@Controller('alpinedatalabs/main')
export class ChorusDoController {
  constructor(private readonly engine: EngineRuns) {}

  @Post('chorus.do')
  @Rule('edit')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'callChorusDo',
    summary: 'Run, stop or ask, as the original web server did',
    description:
      '`runWorkFlow` takes `workfile_id`, and variables in the body; `stopWorkFlow` and `checkWorkFlowRunning` take ' +
      '`process_id`. All may also come in a form.',
  })
  @ApiQuery({
    name: 'method',
    enum: ['runWorkFlow', 'stopWorkFlow', 'checkWorkFlowRunning'],
    description: 'What to do; 404 for anything else.',
  })
  @ApiQuery({ name: 'workfile_id', required: false, example: 1000004, description: 'To run.' })
  @ApiQuery({
    name: 'process_id',
    required: false,
    schema: { type: 'string', format: 'uuid' },
    description: 'Id of the run to stop or ask for.',
  })
  @ApiResponse({
    status: 200,
    description: '`process_id` of the run; `status` of the stop; or whether it is running.',
    schema: {
      oneOf: [
        {
          type: 'object',
          required: ['process_id'],
          properties: { process_id: { type: 'string', format: 'uuid' } },
        },
        STOP_ANSWER,
        { type: 'boolean' },
      ],
    },
  })
  @ApiErrors(400, 401, 403, 404, 422)
  async call(
    @Query() query: Record<string, unknown>,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
    @Req() { id: requestId, ip: address }: FastifyRequest,
  ): Promise<object | string> {
    const asking = { viewer, requestId, address };
    const fields = { ...(typeof body === 'object' ? (body as object) : {}), ...query };
    const field = (name: string): string => {
      const value = (fields as Record<string, unknown>)[name];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    };
    if (field('method') === 'runWorkFlow') return this.run(field('workfile_id'), asking, body);
    if (field('method') === 'stopWorkFlow') return this.stop(field('process_id'), asking);
    if (field('method') === 'checkWorkFlowRunning')
      return this.isRunning(field('process_id'), viewer);
    throw new RecordNotFound();
  }

  private async run(workfileId: string, asking: Asking, body: unknown): Promise<object> {
    const id = new RecordIdPipe().transform(workfileId);
    const options = { variables: readVariables(body), saveResult: true };
    const { runId } = await this.engine.start(id, asking, {
      ...options,
      startTimeoutMs: START_TIMEOUT_MS,
    });
    return { process_id: runId };
  }

  private async stop(processId: string, asking: Asking): Promise<string> {
    if (!isUUID(processId)) return stopAnswer(null);
    return stopAnswer(await this.engine.stop(processId, asking, STOP_TIMEOUT_MS));
  }

  private async isRunning(processId: string, viewer: Viewer): Promise<string> {
    const progress = isUUID(processId) ? await this.engine.progress(processId, viewer) : null;
    return String(progress !== null && ACTIVE.includes(progress.status));
  }
}
