import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiEnvelope, ApiErrors } from '../common/http/api-docs.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { StopDto } from './dto/stop.dto.js';
import { WorkfileDto } from './dto/workfile.dto.js';
import { WorkfileConnections } from './workfile-connections.service.js';
import { WorkfileSerializer } from './workfile.serializer.js';
import { type RunAnswer, WorkfilesService } from './workfiles.service.js';

const LOCATION = {
  Location: {
    description: 'Path of the run, `/api/runs/{id}`; absent when nothing has ever run.',
    schema: { type: 'string' },
  },
};

@ApiTags('workfiles')
@ApiParam({ name: 'id', example: 1000004 })
@Controller('workfiles')
export class WorkfilesController {
  constructor(
    private readonly workfiles: WorkfilesService,
    private readonly connections: WorkfileConnections,
    private readonly serializer: WorkfileSerializer,
  ) {}

  @Get(':id')
  @Rule('see')
  @ApiQuery({
    name: 'connect',
    required: false,
    description: 'Any value: also log in to each execution location with your account there.',
  })
  @ApiOperation({
    operationId: 'showWorkfile',
    summary: 'Show a workfile',
    description:
      'For everybody who may see its workspace. With `connect`, 403 names the data source that refused you.',
  })
  @ApiEnvelope(200, WorkfileDto)
  @ApiErrors(401, 403, 404, 422)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: Readonly<Record<string, unknown>>,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto> {
    const shown = await this.workfiles.show(id, viewer);
    if (query['connect'] !== undefined) await this.connections.test(shown.view, viewer);
    return this.serializer.shown(shown, viewer);
  }

  @Post(':id/run')
  @Rule('edit')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    operationId: 'runWorkfile',
    summary: 'Run a workflow',
    description:
      'Queues a run in the execution locations of the workflow, with your account there. ' +
      '`Location` names the run. 422 `NOT_RUNNABLE`: not a workflow, or it is running already.',
  })
  @ApiEnvelope(202, WorkfileDto, { description: 'The workfile as it is now', headers: LOCATION })
  @ApiErrors(401, 403, 404, 422)
  async run(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
    @Req() { id: requestId, ip: address }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkfileDto> {
    return this.answer(await this.workfiles.run(id, { viewer, requestId, address }), viewer, reply);
  }

  @Post(':id/stop')
  @Rule('edit')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    operationId: 'stopWorkfile',
    summary: 'Stop a workflow',
    description:
      'Stops the active run, whoever started it. `status` is `idle` once its SQL is dead in the data source and ' +
      'nothing half-written is left; `stopping` while that is not confirmed. Stopping an idle workflow is no error. ' +
      '`Location` names the run; its `stop_receipt` proves the stop.',
  })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json', 'multipart/form-data')
  @ApiBody({ type: StopDto, required: false })
  @ApiEnvelope(202, WorkfileDto, { description: 'The workfile as it is now', headers: LOCATION })
  @ApiErrors(401, 403, 404, 422)
  async stop(
    @Param('id', RecordIdPipe) id: number,
    @Body() { reason, force }: StopDto,
    @CurrentUser() viewer: Viewer,
    @Req() { id: requestId, ip: address }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkfileDto> {
    const wish = { reason: reason ?? null, force: force ?? false, requestId, address };
    const stopped = await this.workfiles.stop(id, viewer, wish);
    return this.answer(stopped, viewer, reply);
  }

  private answer({ view, runId }: RunAnswer, viewer: Viewer, reply: FastifyReply): WorkfileDto {
    if (runId !== null) void reply.header('Location', `/api/runs/${runId}`);
    return this.serializer.full(view, viewer);
  }
}
