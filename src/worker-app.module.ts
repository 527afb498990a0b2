import { type DynamicModule, Module } from '@nestjs/common';
import type { AppConfig } from './config/app-config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EngineWorkerModule } from './engine/worker/worker.module.js';

/** A worker alone: takes runs from the queue, serves no HTTP. */
@Module({})
export class WorkerAppModule {
  static of(config: AppConfig): DynamicModule {
    return {
      module: WorkerAppModule,
      imports: [ConfigModule.of(config), DatabaseModule, EngineWorkerModule],
    };
  }
}
