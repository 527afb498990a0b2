import type { RunSnapshot } from '../run-snapshot.js';

export interface RunOptions {
  /** `X-Request-Id` of the request, for the logs of the worker. */
  readonly requestId?: string | null;
  readonly origin?: 'manual' | 'api';
  /** False: its results are not offered afterwards. */
  readonly saveResult?: boolean;
}

/** Start a run of what the snapshot holds. Who may do so is decided before the command is sent. */
export class RunWorkflow {
  readonly requestId: string | null;
  readonly origin: 'manual' | 'api';
  readonly saveResult: boolean;

  constructor(
    readonly workfileId: number,
    readonly requestedBy: number,
    readonly snapshot: RunSnapshot,
    { requestId, origin, saveResult }: RunOptions = {},
  ) {
    this.requestId = requestId ?? null;
    this.origin = origin ?? 'manual';
    this.saveResult = saveResult ?? true;
  }
}
