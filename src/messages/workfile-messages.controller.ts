import { HttpStatus } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { Asking } from '../access/asking.js';
import { Rule } from '../access/rule.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { StopDto } from '../workfiles/dto/stop.dto.js';
import type { WorkfileDto } from '../workfiles/dto/workfile.dto.js';
import { WorkfileConnections } from '../workfiles/workfile-connections.service.js';
import { WorkfileSerializer } from '../workfiles/workfile.serializer.js';
import { type RunAnswer, WorkfilesService } from '../workfiles/workfiles.service.js';
import { GivenIdPipe } from './given-id.pipe.js';
import { answered, type MessageAnswer } from './message-answer.js';
import { MessageController } from './message-controller.decorator.js';
import { SentBy } from './sent-by.decorator.js';

/** `GET /api/workfiles/:id`, `POST …/run` and `POST …/stop` as messages (chorus-api.md 9.3, 9.8, 9.9). */
@MessageController()
export class WorkfileMessagesController {
  constructor(
    private readonly workfiles: WorkfilesService,
    private readonly connections: WorkfileConnections,
    private readonly serializer: WorkfileSerializer,
  ) {}

  @MessagePattern('workfiles.show')
  @Rule('see')
  async show(
    @Payload('id', GivenIdPipe, RecordIdPipe) id: number,
    @Payload('connect') connect: unknown,
    @SentBy() asking: Asking,
  ): Promise<MessageAnswer<WorkfileDto>> {
    const { viewer } = asking;
    const shown = await this.workfiles.show(id, viewer);
    if (connect !== undefined) await this.connections.test(shown.view, viewer);
    return answered(HttpStatus.OK, this.serializer.shown(shown, viewer), asking);
  }

  @MessagePattern('workfiles.run')
  @Rule('edit')
  async run(
    @Payload('id', GivenIdPipe, RecordIdPipe) id: number,
    @SentBy() asking: Asking,
  ): Promise<MessageAnswer<WorkfileDto>> {
    return this.accepted(await this.workfiles.run(id, asking), asking);
  }

  @MessagePattern('workfiles.stop')
  @Rule('edit')
  async stop(
    @Payload('id', GivenIdPipe, RecordIdPipe) id: number,
    @Payload() { reason, force }: StopDto,
    @SentBy() asking: Asking,
  ): Promise<MessageAnswer<WorkfileDto>> {
    const { viewer, requestId, address } = asking;
    const wish = { reason: reason ?? null, force: force ?? false, requestId, address };
    return this.accepted(await this.workfiles.stop(id, viewer, wish), asking);
  }

  private accepted({ view, runId }: RunAnswer, asking: Asking): MessageAnswer<WorkfileDto> {
    const workfile = this.serializer.full(view, asking.viewer);
    return answered(HttpStatus.ACCEPTED, workfile, asking, runId);
  }
}
