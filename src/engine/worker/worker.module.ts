import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../../data-sources/connections.module.js';
import { RunsModule } from '../../runs/runs.module.js';
import { RunExecutor } from './run-executor.js';
import { RunLeases } from './run-leases.js';
import { RunRecovery } from './run-recovery.js';
import { RunWorker } from './run-worker.js';

/** The doing side of execution, in whichever process it is put. */
@Module({
  imports: [RunsModule, ConnectionsModule],
  providers: [RunExecutor, RunLeases, RunRecovery, RunWorker],
})
export class EngineWorkerModule {}
