import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DataSource as OrmDataSource } from 'typeorm';
import { Rule } from './access/rule.decorator.js';
import { Bare } from './common/http/bare.decorator.js';
import { DomainError } from './common/errors/domain-error.js';

/** For load balancers and orchestrators. */
@ApiExcludeController()
@Rule('anyone')
@Bare()
@Controller('health')
export class HealthController {
  constructor(private readonly orm: OrmDataSource) {}

  @Get('live')
  live(): object {
    return { status: 'ok' };
  }

  /** 503 while the metadata database does not answer. */
  @Get('ready')
  async ready(): Promise<object> {
    try {
      await this.orm.query('SELECT 1');
    } catch (error) {
      throw new DomainError('unavailable', { service: 'DATABASE_UNREACHABLE' }, { cause: error });
    }
    return { status: 'ok' };
  }
}
