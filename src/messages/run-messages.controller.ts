import { HttpStatus } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { Asking } from '../access/asking.js';
import { Rule } from '../access/rule.decorator.js';
import { UuidPipe } from '../common/http/uuid.pipe.js';
import { BulkStops } from '../workfiles/bulk-stops.service.js';
import type { RunDto } from '../workfiles/dto/run.dto.js';
import { StopRunsDto } from '../workfiles/dto/stop.dto.js';
import type { StoppedRunDto } from '../workfiles/dto/stopped-run.dto.js';
import { RunSerializer } from '../workfiles/run.serializer.js';
import { RunsService } from '../workfiles/runs.service.js';
import { GivenIdPipe } from './given-id.pipe.js';
import { answered, type MessageAnswer } from './message-answer.js';
import { MessageController } from './message-controller.decorator.js';
import { SentBy } from './sent-by.decorator.js';

/** `GET /api/runs/:id`, with the receipt of its stop, and `POST /api/runs/stop` as messages. */
@MessageController()
export class RunMessagesController {
  constructor(
    private readonly runs: RunsService,
    private readonly stops: BulkStops,
    private readonly serializer: RunSerializer,
  ) {}

  @MessagePattern('runs.show')
  @Rule('see')
  async show(
    @Payload('id', GivenIdPipe, UuidPipe) id: string,
    @SentBy() asking: Asking,
  ): Promise<MessageAnswer<RunDto>> {
    const run = this.serializer.full(await this.runs.get(id, asking.viewer));
    return answered(HttpStatus.OK, run, asking);
  }

  @MessagePattern('runs.stop')
  @Rule('logged in')
  async stop(
    @Payload() wanted: StopRunsDto,
    @SentBy() asking: Asking,
  ): Promise<MessageAnswer<StoppedRunDto[]>> {
    const { reason, force } = wanted;
    const stop = { ...asking, reason: reason ?? null, force: force ?? false };
    const stopped = await this.stops.stopSelected(wanted, stop);
    return answered(HttpStatus.ACCEPTED, stopped, asking);
  }
}
