/**
 * Times of the gate that a COMMIT in a data source passes: the row in the metadata that a stop, or a cancel, waits for, locked
 * while the data source commits (ADR 2).
 */

/** A COMMIT that hangs keeps nobody waiting at the row for longer than this. */
export const GATE_MS = 1500;
/** Nor does a process that stands still: the metadata server closes its connection then. */
export const FROZEN_MS = 2 * GATE_MS;
/** What is to be committed is over after this time, committed or not, if its process stands still. */
export const COMMIT_WITHIN_MS = 2000;
/** When that time has begun by then, it is over before the gate is closed for a process that stands still. */
export const READY_MS = FROZEN_MS - COMMIT_WITHIN_MS;

/** Work in a data source that is done but for its COMMIT. */
export interface OpenTransaction {
  /**
   * From when it settles the transaction is bound to be over within `COMMIT_WITHIN_MS` if nothing more is sent. Called anew where
   * that time has to begin anew: nothing is committed before, nor under a gate that is closed by then.
   */
  readonly bind: () => Promise<void>;
  /** Makes the work permanent. */
  readonly commit: () => Promise<void>;
}
