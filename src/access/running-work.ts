/** Everything that runs below these; several of them narrow it down together. */
export interface WorkScope {
  readonly workspaceId?: number;
  readonly workfileIds?: readonly number[];
  readonly dataSourceId?: number;
  /** What this user started. */
  readonly userId?: number;
}

/** In whose name, and why, something is stopped. */
export interface StopRequester {
  readonly userId: number;
  readonly reason: string | null;
  readonly requestId: string | null;
  /** Network address of the request. */
  readonly address: string | null;
}

/** One run that was stopped; printed as it is. */
export interface StoppedRun {
  readonly run_id: string;
  readonly workfile_id: number;
  /** `stopped`, `succeeded` or `failed` when it is proven to be over; `stopping` while it is not. */
  readonly status: string;
}

/** One ad-hoc SQL text or preview that was stopped; printed as it is. */
export interface StoppedSql {
  readonly execution_id: string;
  readonly workfile_id: number | null;
  readonly dataset_id: number | null;
  /** `stopped` or, when it was quicker, `succeeded`; `stopping` while that is not proven. */
  readonly status: string;
}

export type StoppedWork = StoppedRun | StoppedSql;

/**
 * What is under way, workflows and ad-hoc SQL alike, for those who must end it before they archive or delete something. First make it impossible to start
 * anything there (commit the archiving or deletion), then stop what still runs: then nothing slips in between.
 */
export abstract class RunningWork {
  /**
   * Stops all of it by the stop protocol, and waits for the proof up to `stopReplyTimeoutMs`; what is not proven then
   * goes on being stopped and is `stopping` in the answer. Who may do so was decided before.
   */
  abstract stop(scope: WorkScope, requester: StopRequester): Promise<readonly StoppedWork[]>;
}
