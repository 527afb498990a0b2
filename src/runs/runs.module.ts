import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConnectionsModule } from '../data-sources/connections.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { ExportLedger } from './export-ledger.js';
import { QueuedWorkflowRunner } from './queued-workflow-runner.js';
import { RunClaims } from './run-claims.js';
import { RunEnding } from './run-ending.js';
import { RunEvent } from './run-event.entity.js';
import { RunLog } from './run-log.js';
import { Run } from './run.entity.js';
import { RunQueue } from './run-queue.js';
import { RunSession } from './run-session.entity.js';
import { RunSignals } from './run-signals.js';
import { RunStep } from './run-step.entity.js';
import { SessionKills } from './session-kills.js';
import { SessionLedger } from './session-ledger.js';
import { SessionProof } from './session-proof.js';
import { StepLedger } from './step-ledger.js';
import { StopDriver } from './stop-driver.js';
import { StepOutcomes } from './step-outcomes.js';
import { StopIntents } from './stop-intent.js';
import { StopRequest } from './stop-request.entity.js';
import { StopSweep } from './stop-sweep.js';
import { WorkflowRunner } from './workflow-runner.js';

/** The asking side of execution: what a run is, and how one asks for it. The doing side is src/engine. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Run, RunSession, RunStep, RunEvent, StopRequest]),
    QueueModule,
    ConnectionsModule,
  ],
  providers: [
    { provide: WorkflowRunner, useClass: QueuedWorkflowRunner },
    ExportLedger,
    RunClaims,
    RunEnding,
    RunLog,
    RunQueue,
    RunSignals,
    SessionLedger,
    SessionProof,
    StepLedger,
    StopDriver,
    StopIntents,
    StopSweep,
    StepOutcomes,
    SessionKills,
  ],
  exports: [
    WorkflowRunner,
    TypeOrmModule,
    ExportLedger,
    RunClaims,
    RunEnding,
    RunLog,
    RunQueue,
    RunSignals,
    SessionLedger,
    SessionProof,
    StepLedger,
    StopDriver,
    StepOutcomes,
    SessionKills,
  ],
})
export class RunsModule {}
