export interface StopOptions {
  readonly reason?: string | null;
  /** `X-Request-Id` of the request. */
  readonly requestId?: string | null;
  /** Only this run, if it is still the active one. */
  readonly runId?: string | null;
  /** How long to wait for the proof; default `stopReplyTimeoutMs`. */
  readonly replyTimeoutMs?: number;
}

/** Stop the workfile's active run, whoever started it. Who may do so is decided before the command is sent. */
export class StopWorkflow {
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly runId: string | null;
  readonly replyTimeoutMs: number | null;

  constructor(
    readonly workfileId: number,
    readonly requestedBy: number,
    { reason, requestId, runId, replyTimeoutMs }: StopOptions = {},
  ) {
    this.reason = reason ?? null;
    this.requestId = requestId ?? null;
    this.runId = runId ?? null;
    this.replyTimeoutMs = replyTimeoutMs ?? null;
  }
}
