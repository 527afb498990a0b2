import { PROCESS_STATE, STOP_ANSWER } from './engine-docs.js';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { DomainError, RecordNotFound } from '../../common/errors/domain-error.js';
import { ApiErrors } from '../../common/http/api-docs.js';
import { Bare } from '../../common/http/bare.decorator.js';
import { RecordIdPipe } from '../../common/http/record-id.pipe.js';
import { UuidPipe } from '../../common/http/uuid.pipe.js';
import { RunsService } from '../../workfiles/runs.service.js';
import { RunResults } from '../results/run-results.js';
import { OVER, queryAnswer, startedAnswer, stopAnswer, UNKNOWN_PROCESS } from './engine-answers.js';
import { EngineRuns } from './engine-runs.service.js';
import { readVariables } from './run-variables.js';

const START_TIMEOUT_SECONDS = 10;
const STOP_TIMEOUT_SECONDS = 2;
const MAX_TIMEOUT_SECONDS = 300;

/** The engine's own API (engine-api.md 2): bodies byte by byte as existing clients compare them. */
@ApiTags('engine')
@Bare()
@Controller('alpinedatalabs/api/v1/json')
export class EngineController {
  constructor(
    private readonly engine: EngineRuns,
    private readonly runs: RunsService,
    private readonly results: RunResults,
  ) {}

  @Post('workflows/:workflowId/run')
  @Rule('edit')
  @HttpCode(200)
  @ApiParam({ name: 'workflowId', example: 1000005 })
  @ApiQuery({
    name: 'saveResult',
    required: false,
    example: true,
    description: '`false`: no results document is kept.',
  })
  @ApiQuery({
    name: 'startTimeOut',
    required: false,
    description: 'Seconds to wait for a worker.',
    schema: timeout(START_TIMEOUT_SECONDS),
  })
  @ApiBody({
    required: false,
    schema: {
      type: 'object',
      description: 'Or a flat object: `{"@min_credit_line": "7"}`.',
      properties: {
        meta: { type: 'object' },
        variables: {
          type: 'array',
          maxItems: 1000,
          items: {
            type: 'object',
            required: ['name', 'value'],
            properties: { name: { type: 'string' }, value: { type: 'string', maxLength: 100_000 } },
          },
        },
      },
      example: { meta: { version: 1 }, variables: [{ name: '@min_credit_line', value: '7' }] },
    },
  })
  @ApiOperation({
    operationId: 'engineRunWorkflow',
    summary: 'Run a workflow',
    description:
      'Answers when a worker has begun, or with an error after `startTimeOut` seconds; then nothing is left queued. ' +
      'A run of the same workflow that is under way is waited for as long.',
  })
  @ApiResponse({
    status: 200,
    description: 'Started',
    schema: PROCESS_STATE,
  })
  @ApiErrors(400, 401, 403, 404, 422, 500)
  async run(
    @Param('workflowId', RecordIdPipe) id: number,
    @Query('saveResult') saveResult: unknown,
    @Query('startTimeOut') startTimeOut: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
    @Req() { id: requestId, ip: address }: FastifyRequest,
  ): Promise<string> {
    const started = await this.engine.start(
      id,
      { viewer, requestId, address },
      {
        variables: readVariables(body),
        saveResult: !/^(false|0|no)$/i.test(typeof saveResult === 'string' ? saveResult : ''),
        startTimeoutMs: seconds('startTimeOut', startTimeOut, START_TIMEOUT_SECONDS) * 1000,
      },
    );
    return startedAnswer(started);
  }

  @Get('processes/:processId/query')
  @Rule('see')
  @ApiParam({ name: 'processId', format: 'uuid' })
  @ApiOperation({
    operationId: 'engineQueryProcess',
    summary: 'Ask how far a run is',
    description: `JSON with \`meta.state\` while it goes on, plain text when it is over: \`${OVER.trim()}\``,
  })
  @ApiResponse({
    status: 200,
    description: 'JSON, or text when over; called JSON both times',
    schema: { anyOf: [PROCESS_STATE, { type: 'string' }] },
  })
  @ApiErrors(401)
  async query(@Param('processId') id: string, @CurrentUser() viewer: Viewer): Promise<string> {
    if (!isUUID(id)) return UNKNOWN_PROCESS;
    return queryAnswer(id, await this.engine.progress(id, viewer));
  }

  @Post('processes/:processId/stop')
  @Rule('edit')
  @HttpCode(200)
  @ApiParam({ name: 'processId', format: 'uuid' })
  @ApiQuery({
    name: 'stopTimeOut',
    required: false,
    description: 'Seconds to wait for the proof.',
    schema: timeout(STOP_TIMEOUT_SECONDS),
  })
  @ApiOperation({
    operationId: 'engineStopProcess',
    summary: 'Stop a run',
    description:
      '`Flow stopped.` only once nothing of it is left in the data source; else `Flow could not be stopped.` after ' +
      '`stopTimeOut` seconds, while the stop goes on.',
  })
  @ApiResponse({
    status: 200,
    schema: STOP_ANSWER,
    description: 'Done',
  })
  @ApiErrors(401, 403)
  async stop(
    @Param('processId') id: string,
    @Query('stopTimeOut') stopTimeOut: unknown,
    @CurrentUser() viewer: Viewer,
    @Req() { id: requestId, ip: address }: FastifyRequest,
  ): Promise<string> {
    if (!isUUID(id)) return stopAnswer(null);
    const timeoutMs = seconds('stopTimeOut', stopTimeOut, STOP_TIMEOUT_SECONDS) * 1000;
    return stopAnswer(await this.engine.stop(id, { viewer, requestId, address }, timeoutMs));
  }

  @Get('workflows/:workflowId/results/:processId')
  @Rule('see')
  @ApiParam({ name: 'workflowId', example: 1000005 })
  @ApiParam({ name: 'processId', format: 'uuid' })
  @ApiOperation({
    operationId: 'engineShowResults',
    summary: 'Results of a run',
    description:
      'A JSON string that holds the results document as JSON; 404 while the run is not over.',
  })
  @ApiResponse({ status: 200, schema: { type: 'string' }, description: 'The document as a string' })
  @ApiErrors(401, 403, 404)
  async download(
    @Param('workflowId', RecordIdPipe) workfileId: number,
    @Param('processId', UuidPipe) id: string,
    @CurrentUser() viewer: Viewer,
  ): Promise<string> {
    await this.runs.assertVisible(id, viewer);
    const document = await this.results.find(id);
    if (document?.flowMetaInfo['workflowId'] !== String(workfileId)) throw new RecordNotFound();
    return JSON.stringify(JSON.stringify(document));
  }
}

function timeout(seconds: number) {
  return { type: 'integer' as const, minimum: 0, maximum: MAX_TIMEOUT_SECONDS, default: seconds };
}

/** @throws DomainError 400 */
function seconds(name: string, value: unknown, fallback: number): number {
  if (value === undefined || value === '') return fallback;
  const number = typeof value === 'string' ? Number(value) : NaN;
  if (number >= 0 && number <= MAX_TIMEOUT_SECONDS) return number;
  const message = `${name} must be seconds from 0 to ${MAX_TIMEOUT_SECONDS}`;
  throw new DomainError('malformed', { record: 'BAD_REQUEST', message });
}
