/** How a stop came to its end. */
export type StopMethod =
  /** The run was still queued: nothing had been started. */
  | 'not_started'
  /** The statement was cancelled, or the run ended between two operators. */
  | 'cancelled'
  /** The session did not yield to cancels and was terminated. */
  | 'terminated'
  /** The run ended by itself before the stop could reach it; the outcome says how. */
  | 'already_finished'
  /** The session had vanished together with its worker. */
  | 'session_gone';

/**
 * What a stop did, stored with the run in the same statement that ends it (architecture.md 5). Times are ISO 8601 UTC
 * of the metadata database's clock.
 */
export interface StopReceipt {
  readonly requested_at: string;
  /** User id; null when the server itself stopped it, e.g. at the time limit. */
  readonly requested_by: number | null;
  readonly reason: string | null;
  /** Null when there was nothing to kill. */
  readonly first_kill_at: string | null;
  readonly confirmed_at: string;
  /** From `requested_at` to `confirmed_at`, milliseconds. */
  readonly latency_ms: number;
  readonly method: StopMethod;
  /** The run's final state: a finish that came first is reported as such (I9). */
  readonly outcome: 'stopped' | 'succeeded' | 'failed';
  readonly sessions_ended: readonly {
    readonly data_source_id: number;
    readonly backend_pid: number | null;
    readonly ending: string;
  }[];
  /** Operator names; null when the run had not begun and its flow had not been read. */
  readonly operators: {
    readonly finished: readonly string[];
    readonly rolled_back: readonly string[];
    readonly never_started: readonly string[];
  } | null;
  /** Last trouble on the way to the proof, e.g. a data source that could not be reached. */
  readonly last_error: string | null;
}
