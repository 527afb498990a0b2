import type { RunWorkflow } from './commands/run-workflow.command.js';
import type { StopRuns } from './commands/stop-runs.command.js';
import type { StopWorkflow } from './commands/stop-workflow.command.js';

export interface StopOutcome {
  /** The run the stop concerned; null when nothing was active. */
  readonly runId: string | null;
  /** True once nothing of the run is left in the data source and its receipt is stored, or nothing was active. */
  readonly confirmed: boolean;
}

/**
 * The one thing other modules know about execution (architecture.md D5): a DI token with three commands. Transports and
 * engines change behind it.
 */
export abstract class WorkflowRunner {
  /**
   * Queues a run; returns once it is committed.
   * @returns the run's id, the wire's process id
   * @throws NotRunnable when the workfile has an active run; WorkspaceArchived; RecordNotFound when it is gone,
   *   NotAuthenticated when the person is
   */
  abstract run(command: RunWorkflow): Promise<string>;

  /**
   * Commits the wish to stop, kills what runs, and waits for the proof up to `stopReplyTimeoutMs`; an unconfirmed stop
   * goes on after the return. Repeating it joins the stop under way.
   */
  abstract stop(command: StopWorkflow): Promise<StopOutcome>;

  /** As `stop`, for many runs at once. @returns one outcome for each of them that was active */
  abstract stopRuns(command: StopRuns): Promise<readonly StopOutcome[]>;
}
