import { Inject, Injectable, Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource as OrmDataSource, QueryFailedError } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { Controls } from '../data-sources/controls.js';
import { NotAuthenticated, RecordNotFound } from '../common/errors/domain-error.js';
import type { RunWorkflow } from './commands/run-workflow.command.js';
import type { StopRuns } from './commands/stop-runs.command.js';
import type { StopWish, StopWorkflow } from './commands/stop-workflow.command.js';
import { NotRunnable, StopFailed, WorkspaceArchived } from './run.errors.js';
import { RunQueue } from './run-queue.js';
import { RUN_CHANNEL, RunSignals } from './run-signals.js';
import type { RunLocation } from './run-snapshot.js';
import { StopDriver } from './stop-driver.js';
import { type StopIntent, StopIntents } from './stop-intent.js';
import { type StopOutcome, WorkflowRunner } from './workflow-runner.js';

const ONE_ACTIVE_RUN = 'runs_active_workfile_id_key';
// Whoever archives or deletes the place, or the person, waits for this transaction, and then finds the run to stop; so does
// whoever forgets a password that it needs. Rows are locked in the order in which they are named: the workspace, people,
// accounts, as everywhere, or the two would wait for each other.
const INSERT = `WITH place AS (
    SELECT wf.id, ws.archived_at IS NOT NULL AS archived
    FROM workfiles wf JOIN workspaces ws ON ws.id = wf.workspace_id
    WHERE wf.id = $2 AND wf.deleted_at IS NULL AND ws.deleted_at IS NULL FOR SHARE OF ws, wf
  ), person AS (
    SELECT id FROM users WHERE id = $3 AND deleted_at IS NULL AND EXISTS (SELECT FROM place) FOR KEY SHARE
  ), account AS (
    SELECT id FROM data_source_accounts WHERE id = ANY ($9::int[]) AND EXISTS (SELECT FROM person) ORDER BY id FOR SHARE
  ), inserted AS (
    INSERT INTO runs (id, workfile_id, requested_by, request_id, snapshot, origin, save_result, data_source_ids)
    SELECT $1, place.id, person.id, $4, $5, $6, $7, $8 FROM place, person
    WHERE NOT archived AND (SELECT count(*) FROM account) >= 0
  )
  SELECT archived, EXISTS (SELECT FROM person) AS "hasPerson" FROM place`;

interface Place {
  readonly archived: boolean;
  readonly hasPerson: boolean;
}

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
      const announce = await this.orm.transaction(async (tx) => {
        const sourceIds = snapshot.locations.map(({ dataSourceId }) => dataSourceId);
        const [place] = await tx.query<Place[]>(INSERT, [
          runId,
          workfileId,
          requestedBy,
          requestId,
          JSON.stringify(snapshot),
          origin,
          saveResult,
          [...new Set(sourceIds)],
          snapshot.locations.map(({ accountId }) => accountId),
        ]);
        if (place === undefined) throw new RecordNotFound();
        if (!place.hasPerson) throw new NotAuthenticated();
        if (place.archived) throw new WorkspaceArchived();
        const afterCommit = await this.queue.add(tx, runId);
        await tx.query(`SELECT pg_notify($1, $2)`, [RUN_CHANNEL, `${runId} queued`]);
        return afterCommit;
      });
      announce();
    } catch (error) {
      throw isViolationOf(error, ONE_ACTIVE_RUN) ? new NotRunnable() : error;
    }
    this.logger.log({ message: 'run queued', runId, workfileId, userId: requestedBy, requestId });
    this.warmControls(snapshot.locations);
    return runId;
  }

  async stop(command: StopWorkflow): Promise<StopOutcome> {
    const intent = await this.accepted(() => this.intents.commit(command));
    if (intent === null) return { runId: null, confirmed: true };
    this.driver.begin([intent]);
    return this.pursue(intent, command);
  }

  async stopRuns(command: StopRuns): Promise<readonly StopOutcome[]> {
    const intents = await this.accepted(() => this.intents.commitAll(command));
    this.driver.begin(intents);
    return Promise.all(intents.map((intent) => this.pursue(intent, command)));
  }

  /** Waits for the proof as long as the caller wants to. */
  private async pursue(intent: StopIntent, wish: StopWish): Promise<StopOutcome> {
    const { runId, workfileId, status, forced } = intent;
    const { requestedBy: userId, reason, requestId } = wish;
    const facts = { runId, workfileId, userId, reason, requestId, status, forced };
    // Not before the kill has left this process.
    setImmediate(() => {
      this.logger.log({ message: 'stop accepted', ...facts });
    });
    if (status !== 'stopping') return { runId, confirmed: true };
    const replyTimeoutMs = wish.replyTimeoutMs ?? this.config.stopReplyTimeoutMs;
    const ended = this.signals.ended(runId, AbortSignal.timeout(replyTimeoutMs));
    return { runId, confirmed: (await ended) !== null };
  }

  private async accepted<T>(commit: () => Promise<T>): Promise<T> {
    try {
      return await commit();
    } catch (error) {
      this.logger.error({ message: 'stop not accepted', error });
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
