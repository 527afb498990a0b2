import { Module } from '@nestjs/common';
import { DataSourcesModule } from '../../data-sources/data-sources.module.js';
import { RunsModule } from '../../runs/runs.module.js';
import { RunExecutor } from './run-executor.js';
import { RunWorker } from './run-worker.js';

/** The doing side of execution, in whichever process it is put. */
@Module({ imports: [RunsModule, DataSourcesModule], providers: [RunExecutor, RunWorker] })
export class EngineWorkerModule {}
