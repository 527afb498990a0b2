export interface StopOptions {
  /** Kept in the audit trail, and in the receipt of the stop it began. */
  readonly reason?: string | null;
  /** `X-Request-Id` of the request. */
  readonly requestId?: string | null;
  /** Network address of the request, for the audit trail. */
  readonly address?: string | null;
  /** Terminate the sessions at once instead of cancelling first; also makes a stop under way do so. */
  readonly force?: boolean;
  /** How long to wait for the proof; default `stopReplyTimeoutMs`. */
  readonly replyTimeoutMs?: number;
}

/** Who wants something stopped, and how. */
export class StopWish {
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly address: string | null;
  readonly force: boolean;
  readonly replyTimeoutMs: number | null;

  constructor(
    /** User; null for the server itself. */
    readonly requestedBy: number | null,
    { reason, requestId, address, force, replyTimeoutMs }: StopOptions = {},
  ) {
    this.reason = reason ?? null;
    this.requestId = requestId ?? null;
    this.address = address ?? null;
    this.force = force ?? false;
    this.replyTimeoutMs = replyTimeoutMs ?? null;
  }
}

/** Stop the workfile's active run, whoever started it. Who may do so is decided before the command is sent. */
export class StopWorkflow extends StopWish {
  /** Only this run, if it is still the active one. */
  readonly runId: string | null;

  constructor(
    readonly workfileId: number,
    requestedBy: number,
    options: StopOptions & { readonly runId?: string | null } = {},
  ) {
    super(requestedBy, options);
    this.runId = options.runId ?? null;
  }
}
