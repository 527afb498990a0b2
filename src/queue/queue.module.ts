import { Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { JobQueue } from './job-queue.js';
import { PostgresJobQueue } from './postgres-job-queue.js';
import { RedisJobQueue } from './redis-job-queue.js';

/** The one switch between the transports (architecture.md D3). */
export function jobQueueOf(config: AppConfig): PostgresJobQueue | RedisJobQueue {
  return config.queueUrl === null
    ? new PostgresJobQueue(config)
    : new RedisJobQueue(config.queueUrl);
}

@Module({
  providers: [{ provide: JobQueue, inject: [APP_CONFIG], useFactory: jobQueueOf }],
  exports: [JobQueue],
})
export class QueueModule {}
