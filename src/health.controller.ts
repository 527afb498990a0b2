import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DataSource as OrmDataSource } from 'typeorm';
import { Rule } from './access/rule.decorator.js';
import { Bare } from './common/http/bare.decorator.js';
import { DomainError } from './common/errors/domain-error.js';
import { JobQueue } from './queue/job-queue.js';

/** For load balancers and orchestrators. */
@ApiExcludeController()
@Rule('anyone')
@Bare()
@Controller('health')
export class HealthController {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly queue: JobQueue,
  ) {}

  @Get('live')
  live(): object {
    return { status: 'ok' };
  }

  /** 503 while the metadata database does not answer. Without the queue runs begin later, so its state is only told. */
  @Get('ready')
  async ready(): Promise<object> {
    try {
      await this.orm.query('SELECT 1');
    } catch (error) {
      throw new DomainError('unavailable', { service: 'DATABASE_UNREACHABLE' }, { cause: error });
    }
    return { status: 'ok', queue: await this.queue.state() };
  }
}
