import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { DataSource as OrmDataSource } from 'typeorm';
import { Rule } from './access/rule.decorator.js';
import { ApiErrors } from './common/http/api-docs.js';
import { Bare } from './common/http/bare.decorator.js';
import { DomainError } from './common/errors/domain-error.js';
import { MESSAGE_SERVER, type MessageServer } from './messages/message-server.js';
import { JobQueue } from './queue/job-queue.js';

const OK = { type: 'string' as const, enum: ['ok'] };
const LIVE = { type: 'object' as const, required: ['status'], properties: { status: OK } };
const READY = {
  type: 'object' as const,
  required: ['status', 'queue'],
  properties: {
    status: OK,
    queue: {
      type: 'object' as const,
      required: ['transport', 'status'],
      properties: {
        transport: { type: 'string' as const, enum: ['postgresql', 'redis'] },
        status: { type: 'string' as const, enum: ['up', 'down'] },
      },
    },
    messages: {
      type: 'object' as const,
      description: 'Only where requests are taken as messages too.',
      required: ['transport', 'status'],
      properties: {
        transport: { type: 'string' as const, enum: ['tcp', 'nats', 'redis'] },
        status: { type: 'string' as const, enum: ['up', 'down'] },
      },
    },
  },
};

/** For load balancers and orchestrators. */
@ApiTags('server')
@Rule('anyone')
@Bare()
@Controller('health')
export class HealthController {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly queue: JobQueue,
    @Inject(MESSAGE_SERVER) private readonly messages: MessageServer | null,
  ) {}

  @Get('live')
  @ApiOperation({
    operationId: 'showLiveness',
    summary: 'Tell that the process lives',
    description: 'Looks at nothing else: for whoever restarts processes that hang.',
  })
  @ApiResponse({ status: 200, description: 'It does', schema: LIVE })
  live(): object {
    return { status: 'ok' };
  }

  /**
   * 503 while the metadata database does not answer. Without the queue runs begin later, and without the broker of messages
   * HTTP works on, so their state is only told.
   */
  @Get('ready')
  @ApiOperation({
    operationId: 'showReadiness',
    summary: 'Tell whether requests can be served',
    description:
      'For load balancers. Without its queue the server still serves; runs begin later, so the state of the queue is told.',
  })
  @ApiResponse({ status: 200, description: 'They can', schema: READY })
  @ApiErrors(503)
  async ready(): Promise<object> {
    try {
      await this.orm.query('SELECT 1');
    } catch (error) {
      throw new DomainError('unavailable', { service: 'DATABASE_UNREACHABLE' }, { cause: error });
    }
    const { messages } = this;
    return {
      status: 'ok',
      queue: await this.queue.state(),
      ...(messages !== null && {
        messages: { transport: messages.transport, status: messages.isUp ? 'up' : 'down' },
      }),
    };
  }
}
