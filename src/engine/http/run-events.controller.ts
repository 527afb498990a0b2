import { Controller, Get, Headers, HttpStatus, Param, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { ApiErrors } from '../../common/http/api-docs.js';
import { UuidPipe } from '../../common/http/uuid.pipe.js';
import { RunsService } from '../../workfiles/runs.service.js';
import { RunEventStream } from './run-event-stream.js';
import { RunWatchers } from './run-watchers.js';

const LARGEST = 2_147_483_647;

@ApiTags('runs')
@Rule('see')
@Controller('runs')
export class RunEventsController {
  constructor(
    private readonly runs: RunsService,
    private readonly stream: RunEventStream,
    private readonly watchers: RunWatchers,
  ) {}

  @Get(':id/events')
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Goes on behind this event.',
    schema: { type: 'string' },
  })
  @ApiOperation({
    operationId: 'watchRun',
    summary: 'Watch a run',
    description:
      'Server-Sent Events: `state`, `operator_started`, `operator_finished` (rows, milliseconds, error) and `log`, from ' +
      'the beginning or behind `Last-Event-ID`. Ends with the final state; asked again, 204 tells a browser to stay away. ' +
      'Ends early when you log out or may no longer see the run.',
  })
  @ApiResponse({
    status: 200,
    description: 'The stream',
    content: {
      'text/event-stream': {
        schema: { type: 'string' },
        example:
          'id: 3\nevent: operator_finished\ndata: {"name":"Heavy users","status":"finished","row_count":1640,"milliseconds":41.2}\n\n',
      },
    },
  })
  @ApiResponse({ status: 204, description: 'The run is over, and you have had all of it' })
  @ApiErrors(401, 403, 404, 429)
  async watch(
    @Param('id', UuidPipe) id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @CurrentUser() viewer: Viewer,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.runs.assertVisible(id, viewer);
    const number = Number(lastEventId ?? 0);
    const seen = Number.isInteger(number) && number > 0 && number <= LARGEST ? number : 0;
    if (seen > 0 && (await this.stream.isOver(id, seen))) {
      await reply.status(HttpStatus.NO_CONTENT).send();
      return;
    }
    const end = this.watchers.begin(viewer);
    // Whoever has gone meanwhile goes no second time.
    if (reply.raw.destroyed) end();
    else reply.raw.once('close', end);
    const mayWatch = () => this.watchers.mayWatch(id, viewer);
    await reply
      .type('text/event-stream; charset=utf-8')
      .header('Cache-Control', 'no-store')
      // nginx would collect the events before it passes them on.
      .header('X-Accel-Buffering', 'no')
      .send(Readable.from(this.stream.read(id, seen, mayWatch, reply.server.closing)));
  }
}
