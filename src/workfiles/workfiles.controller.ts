import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiEnvelope, ApiErrors } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { StopDto } from './dto/stop.dto.js';
import { WorkfileDto } from './dto/workfile.dto.js';
import { WorkfileSerializer } from './workfile.serializer.js';
import { type RunAnswer, WorkfilesService } from './workfiles.service.js';

@ApiTags('workfiles')
@ApiParam({ name: 'id', example: 1000004 })
@Controller('workfiles')
export class WorkfilesController {
  constructor(
    private readonly workfiles: WorkfilesService,
    private readonly serializer: WorkfileSerializer,
  ) {}

  @Get(':id')
  @Rule('see')
  @ApiOperation({
    summary: 'Show a workfile',
    description: 'For everybody who may see its workspace.',
  })
  @ApiEnvelope(200, WorkfileDto)
  @ApiErrors(401, 403, 404)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto> {
    const { view, version } = await this.workfiles.show(id, viewer);
    return this.serializer.shown(view, viewer, version);
  }

  @Get(':id/download')
  @Rule('see')
  @Bare()
  @ApiOperation({
    summary: 'Download a workfile',
    description:
      'A workflow as `.afm`, a file as its latest version. For everybody who may see it.',
  })
  @ApiResponse({
    status: 200,
    description: 'The bytes',
    schema: { type: 'string', format: 'binary' },
  })
  @ApiErrors(401, 403, 404)
  async download(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { fileName, contentType, contents } = await this.workfiles.download(id, viewer);
    void reply.type(contentType).header('Content-Disposition', attachment(fileName));
    return contents;
  }

  @Post(':id/run')
  @Rule('edit')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    summary: 'Run a workflow',
    description:
      'Queues a run in the execution locations of the workflow, with your account there. ' +
      '`Location` names the run. 422 `NOT_RUNNABLE`: not a workflow, or it is running already.',
  })
  @ApiEnvelope(202, WorkfileDto)
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
    summary: 'Stop a workflow',
    description:
      'Stops the active run, whoever started it. `status` is `idle` once its SQL is dead in the data source and ' +
      'nothing half-written is left; `stopping` while that is not confirmed. Stopping an idle workflow is no error. ' +
      '`Location` names the run; its `stop_receipt` proves the stop.',
  })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json', 'multipart/form-data')
  @ApiBody({ type: StopDto, required: false })
  @ApiEnvelope(202, WorkfileDto)
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

/** RFC 6266: a plain name for every client, the exact one for those that read it. */
function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\w .()-]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName)}`;
}
