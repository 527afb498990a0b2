import type { RunSnapshot } from '../run-snapshot.js';

/** Start a run of what the snapshot holds. Who may do so is decided before the command is sent. */
export class RunWorkflow {
  constructor(
    readonly workfileId: number,
    readonly requestedBy: number,
    readonly snapshot: RunSnapshot,
    /** `X-Request-Id` of the request, for the logs of the worker. */
    readonly requestId: string | null = null,
  ) {}
}
