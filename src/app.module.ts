import { type DynamicModule, Module } from '@nestjs/common';
import type { AppConfig } from './config/app-config.js';
import { AuthModule } from './auth/auth.module.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DatasetsModule } from './datasets/datasets.module.js';
import { EngineDocumentsModule } from './engine/engine-documents.module.js';
import { EngineHttpModule } from './engine/http/engine-http.module.js';
import { EngineWorkerModule } from './engine/worker/worker.module.js';
import { HealthController } from './health.controller.js';
import { MessagesModule } from './messages/messages.module.js';
import { QueueModule } from './queue/queue.module.js';
import { ActiveWorkModule } from './runs/active-work.module.js';
import { ServerInfoModule } from './server-info/server-info.module.js';
import { WorkfilesModule } from './workfiles/workfiles.module.js';

/** The HTTP API and messages, with a worker in the same process unless its concurrency is 0. */
@Module({})
export class AppModule {
  static of(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.of(config),
        DatabaseModule,
        QueueModule,
        AuthModule,
        ServerInfoModule,
        ActiveWorkModule,
        DatasetsModule,
        WorkfilesModule,
        EngineDocumentsModule,
        EngineHttpModule,
        EngineWorkerModule,
        MessagesModule.of(config),
      ],
      controllers: [HealthController],
    };
  }
}
