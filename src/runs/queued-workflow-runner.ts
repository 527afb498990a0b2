import { Inject, Injectable, Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource as OrmDataSource, QueryFailedError } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { Controls } from '../data-sources/controls.js';
import type { RunWorkflow } from './commands/run-workflow.command.js';
import type { StopWorkflow } from './commands/stop-workflow.command.js';
import { NotRunnable, StopFailed } from './run.errors.js';
import { RunQueue } from './run-queue.js';
import { RUN_CHANNEL, RunSignals } from './run-signals.js';
import type { RunLocation } from './run-snapshot.js';
import { StopDriver } from './stop-driver.js';
import { type StopIntent, StopIntents } from './stop-intent.js';
import { type StopOutcome, WorkflowRunner } from './workflow-runner.js';

const ONE_ACTIVE_RUN = 'runs_active_workfile_id_key';

/** Runs on whichever worker takes the job; stops from here, wherever the run is. */
@Injectable()
export class QueuedWorkflowRunner extends WorkflowRunner {
  private readonly logger = new Logger(WorkflowRunner.name);

  constructor(
    private readonly orm: OrmDataSource,
    private readonly queue: RunQueue,
    private readonly intents: StopIntents,
    private readonly driver: StopDriver,
    private readonly signals: RunSignals,
    private readonly controls: Controls,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    super();
  }

  async run(command: RunWorkflow): Promise<string> {
    const { workfileId, requestedBy, snapshot, requestId, origin, saveResult } = command;
    const runId = randomUUID();
    try {
      await this.orm.transaction(async (tx) => {
        await tx.query(
          `INSERT INTO runs (id, workfile_id, requested_by, request_id, snapshot, origin, save_result)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
          [runId, workfileId, requestedBy, requestId, JSON.stringify(snapshot), origin, saveResult],
        );
        await this.queue.add(tx, runId);
        await tx.query(`SELECT pg_notify($1, $2)`, [RUN_CHANNEL, `${runId} queued`]);
      });
    } catch (error) {
      throw isViolationOf(error, ONE_ACTIVE_RUN) ? new NotRunnable() : error;
    }
    this.logger.log({ message: 'run queued', runId, workfileId, userId: requestedBy, requestId });
    this.warmControls(snapshot.locations);
    return runId;
  }

  async stop(command: StopWorkflow): Promise<StopOutcome> {
    const intent = await this.accept(command);
    if (intent === null) return { runId: null, confirmed: true };
    const { runId, status } = intent;
    const { workfileId, requestedBy: userId, reason, requestId } = command;
    this.logger.log({
      message: 'stop accepted',
      runId,
      workfileId,
      userId,
      reason,
      requestId,
      status,
    });
    if (status !== 'stopping') return { runId, confirmed: true };
    const replyTimeoutMs = command.replyTimeoutMs ?? this.config.stopReplyTimeoutMs;
    const ended = this.signals.ended(runId, AbortSignal.timeout(replyTimeoutMs));
    void this.driver.drive(intent);
    return { runId, confirmed: (await ended) !== null };
  }

  private async accept(command: StopWorkflow): Promise<StopIntent | null> {
    try {
      return await this.intents.commit(command);
    } catch (error) {
      this.logger.error({ message: 'stop not accepted', workfileId: command.workfileId, error });
      throw new StopFailed({ cause: error });
    }
  }

  /** A stop should not have to open its control connection first. Trouble shows when the run opens its own. */
  private warmControls(locations: readonly RunLocation[]): void {
    for (const { databaseId, accountId } of locations)
      this.controls.of(databaseId, accountId).catch(() => undefined);
  }
}

function isViolationOf(error: unknown, constraint: string): boolean {
  return (
    error instanceof QueryFailedError &&
    (error.driverError as { constraint?: string }).constraint === constraint
  );
}
