import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../../access/viewer.js';
import { DomainError, RecordNotFound, ValidationFailed } from '../../common/errors/domain-error.js';
import { queryPrepared } from '../../common/sql/prepared.js';
import { StopWorkflow } from '../../runs/commands/stop-workflow.command.js';
import type { RunError } from '../../runs/run-ending.js';
import { NotRunnable } from '../../runs/run.errors.js';
import type { RunEventType } from '../../runs/run-event.entity.js';
import { RunSignals } from '../../runs/run-signals.js';
import type { VariableOverride } from '../../runs/run-snapshot.js';
import { ACTIVE, type RunStatus } from '../../runs/run-status.js';
import { WorkflowRunner } from '../../runs/workflow-runner.js';
import { type Asking, WorkfilesService } from '../../workfiles/workfiles.service.js';
import { WorkspacesService } from '../../workspaces/workspaces.service.js';
import type { WorkspaceStanding } from '../../workspaces/workspace-access.js';
import { readAfm } from '../afm/read-afm.js';
import { FlowInvalid } from '../flow-plan.js';

export interface StartedRun {
  readonly runId: string;
  readonly workfileId: number;
  readonly userId: number;
}

/** A run as its API tells of it while it goes on. */
export interface Progress extends WorkspaceStanding {
  readonly workfileId: number;
  readonly requestedBy: number;
  readonly status: RunStatus;
  readonly error: RunError | null;
  /** The latest thing an operator did; null before the first. */
  readonly latest: {
    readonly type: RunEventType;
    readonly data: Readonly<Record<string, unknown>>;
  } | null;
}

export interface EngineStart {
  readonly variables: readonly VariableOverride[];
  readonly saveResult: boolean;
  readonly startTimeoutMs: number;
}

const PROGRESS = {
  name: 'engine-progress',
  text: `SELECT r.workfile_id AS "workfileId", r.requested_by AS "requestedBy", r.status, r.error,
      (SELECT json_build_object('type', type, 'data', data) FROM run_events
        WHERE run_id = r.id AND type <> 'state' ORDER BY seq DESC LIMIT 1) AS latest,
      ws.owner_id AS "ownerId", ws.public, ws.archived_at IS NOT NULL AS archived,
      EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isMember"
    FROM runs r JOIN workfiles wf ON wf.id = r.workfile_id JOIN workspaces ws ON ws.id = wf.workspace_id
    WHERE r.id = $1`,
};
const ACTIVE_RUN = {
  name: 'engine-active-run',
  text: `SELECT id FROM runs WHERE workfile_id = $1 AND status IN ('queued', 'running', 'stopping')`,
};
const DOCUMENT = {
  name: 'engine-document',
  text: `SELECT afm FROM workfile_flows WHERE workfile_id = $1`,
};

/** Runs as the engine's own API starts, watches and stops them: one at a time of a workflow (I4). */
@Injectable()
export class EngineRuns {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workfiles: WorkfilesService,
    private readonly workspaces: WorkspacesService,
    private readonly runner: WorkflowRunner,
    private readonly signals: RunSignals,
  ) {}

  /**
   * Starts a workflow and waits until a worker has taken it. A run under way is waited for. What has not begun in time
   * is called off, so that an answer saying so stays true.
   * @throws RecordNotFound also for what is no workflow, AccessDenied, ValidationFailed for an unreadable document,
   * DomainError `failed` when not started in time
   */
  async start(workfileId: number, asking: Asking, options: EngineStart): Promise<StartedRun> {
    const { kind } = await this.workfiles.getEditable(workfileId, asking.viewer);
    if (kind !== 'workflow') throw new RecordNotFound();
    await this.assertReadable(workfileId);
    const { startTimeoutMs, variables, saveResult } = options;
    const timeout = AbortSignal.timeout(startTimeoutMs);
    const runId = await this.inTurn(workfileId, timeout, () =>
      this.workfiles.start(workfileId, asking, { variables, saveResult, origin: 'api' }),
    );
    if (runId !== null && (await this.begun(runId, timeout)))
      return { runId, workfileId, userId: asking.viewer.id };
    const reason = `not started within ${startTimeoutMs / 1000} seconds`;
    if (runId !== null)
      await this.runner.stop(new StopWorkflow(workfileId, asking.viewer.id, { runId, reason }));
    throw new DomainError('failed', { record: 'RUN_FAILED', message: `workflow ${reason}` });
  }

  /** Null for an unknown run, and for one that the viewer may not see. */
  async progress(runId: string, viewer: Viewer): Promise<Progress | null> {
    const progress = await this.find(runId, viewer);
    if (progress === null) return null;
    try {
      this.workspaces.assertCanSee(viewer, progress);
    } catch {
      return null;
    }
    return progress;
  }

  /**
   * Stops one run.
   * @returns whether nothing of it is left; null for an unknown run
   * @throws AccessDenied by rule *edit*, StopFailed
   */
  async stop(
    runId: string,
    { viewer, requestId, address }: Asking,
    replyTimeoutMs: number,
  ): Promise<boolean | null> {
    const progress = await this.find(runId, viewer);
    if (progress === null) return null;
    this.workspaces.assertCanEdit(viewer, progress);
    if (!ACTIVE.includes(progress.status)) return true;
    const { confirmed } = await this.runner.stop(
      new StopWorkflow(progress.workfileId, viewer.id, {
        runId,
        requestId,
        address,
        replyTimeoutMs,
      }),
    );
    return confirmed;
  }

  private async find(runId: string, viewer: Viewer): Promise<Progress | null> {
    const rows = await queryPrepared<Progress & Record<string, unknown>>(this.orm, PROGRESS, [
      runId,
      viewer.id,
    ]);
    return rows[0] ?? null;
  }

  private async assertReadable(workfileId: number): Promise<void> {
    const [row] = await queryPrepared<{ afm: string }>(this.orm, DOCUMENT, [workfileId]);
    try {
      readAfm(row?.afm ?? '');
    } catch (error) {
      if (!(error instanceof FlowInvalid)) throw error;
      throw new ValidationFailed({ contents: { INVALID: { message: error.message } } });
    }
  }

  /** Null when another run was in the way until the signal aborted. */
  private async inTurn(
    workfileId: number,
    signal: AbortSignal,
    start: () => Promise<string>,
  ): Promise<string | null> {
    for (;;) {
      try {
        return await start();
      } catch (error) {
        if (!(error instanceof NotRunnable)) throw error;
        const [active] = await queryPrepared<{ id: string }>(this.orm, ACTIVE_RUN, [workfileId]);
        if (active !== undefined && (await this.ended(active.id, signal)) === null) return null;
        if (signal.aborted) return null;
      }
    }
  }

  private async ended(runId: string, signal: AbortSignal): Promise<RunStatus | null> {
    const ended = this.signals.ended(runId, signal);
    await this.signals.reread();
    return ended;
  }

  private async begun(runId: string, signal: AbortSignal): Promise<boolean> {
    const begun = this.signals.reached(runId, (status) => status !== 'queued', signal);
    // It may have begun before we listened.
    await this.signals.reread();
    return (await begun) !== null;
  }
}
