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
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiEnvelopeList, ApiErrors, ApiPage } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { type BulkStop, BulkStops } from './bulk-stops.service.js';
import { StopDto, StopRunsDto } from './dto/stop.dto.js';
import { StoppedRunDto, StopRequestDto } from './dto/stopped-run.dto.js';

const BODIES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
] as const;
const PER_RUN =
  'Each run is stopped by the stop protocol and answered for on its own; the answer comes when all are proven to be dead, ' +
  'or after `STOP_REPLY_TIMEOUT_MS`. At most 1000 runs a call, those first that can be stopped and are not being stopped yet.';

/** Stops of many runs at once, and the trail of all stops. */
@ApiTags('stops')
@Controller()
export class BulkStopsController {
  constructor(private readonly stops: BulkStops) {}

  @Post('runs/stop')
  @Rule('logged in')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    operationId: 'stopRuns',
    summary: 'Stop runs by a filter',
    description: `Those active runs that meet all conditions. ${PER_RUN}`,
  })
  @ApiConsumes(...BODIES)
  @ApiBody({ type: StopRunsDto })
  @ApiEnvelopeList(202, StoppedRunDto)
  @ApiErrors(401, 422)
  stopSelected(
    @Body() wanted: StopRunsDto,
    @CurrentUser() viewer: Viewer,
    @Req() request: FastifyRequest,
  ): Promise<StoppedRunDto[]> {
    return this.stops.stopSelected(wanted, bulkStop(wanted, viewer, request));
  }

  @Post('workspaces/:id/stop')
  @Rule('edit')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiParam({ name: 'id', example: 1000008 })
  @ApiOperation({
    operationId: 'stopWorkspace',
    summary: 'Stop everything that runs in a workspace',
    description: PER_RUN,
  })
  @ApiConsumes(...BODIES)
  @ApiBody({ type: StopDto, required: false })
  @ApiEnvelopeList(202, StoppedRunDto)
  @ApiErrors(401, 403, 404, 422)
  stopWorkspace(
    @Param('id', RecordIdPipe) id: number,
    @Body() wanted: StopDto,
    @CurrentUser() viewer: Viewer,
    @Req() request: FastifyRequest,
  ): Promise<StoppedRunDto[]> {
    return this.stops.stopWorkspace(id, bulkStop(wanted, viewer, request));
  }

  @Post('data_sources/:id/stop')
  @Rule('logged in')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiParam({ name: 'id', example: 1000002 })
  @ApiOperation({
    operationId: 'stopDataSource',
    summary: 'Stop everything that runs on a data source',
    description: `Its owner stops all of it; others what they may stop one by one. ${PER_RUN}`,
  })
  @ApiConsumes(...BODIES)
  @ApiBody({ type: StopDto, required: false })
  @ApiEnvelopeList(202, StoppedRunDto)
  @ApiErrors(401, 404, 422)
  stopDataSource(
    @Param('id', RecordIdPipe) id: number,
    @Body() wanted: StopDto,
    @CurrentUser() viewer: Viewer,
    @Req() request: FastifyRequest,
  ): Promise<StoppedRunDto[]> {
    return this.stops.stopDataSource(id, bulkStop(wanted, viewer, request));
  }

  @Get('stops')
  @Rule('administrator')
  @Bare()
  @ApiOperation({
    operationId: 'listStops',
    summary: 'List who stopped what',
    description: 'Every accepted wish to stop a run, newest first, with what came of it.',
  })
  @ApiPage(StopRequestDto)
  @ApiErrors(401, 403, 422)
  async requests(@Query() query: unknown, @Body() body: unknown): Promise<object> {
    const requests = await this.stops.requests(readPage(query, body));
    return { response: requests.items, pagination: paginationOf(requests) };
  }
}

function bulkStop({ reason, force }: StopDto, viewer: Viewer, request: FastifyRequest): BulkStop {
  return {
    viewer,
    requestId: request.id,
    address: request.ip,
    reason: reason ?? null,
    force: force ?? false,
  };
}
