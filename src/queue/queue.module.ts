import { Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { JobQueue } from './job-queue.js';
import { PostgresJobQueue } from './postgres-job-queue.js';
import { RedisJobQueue } from './redis-job-queue.js';

@Module({
  providers: [
    {
      provide: JobQueue,
      inject: [APP_CONFIG],
      useFactory: (config: AppConfig): JobQueue =>
        config.queueUrl === null
          ? new PostgresJobQueue(config)
          : new RedisJobQueue(config.queueUrl),
    },
  ],
  exports: [JobQueue],
})
export class QueueModule {}
