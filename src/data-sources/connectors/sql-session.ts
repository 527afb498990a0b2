import type { Lookout, OwnHandle } from './connector.js';
import type { MessageLimits } from './message-limits.js';

/** A column of a result, as the data source describes it. */
export interface SqlField {
  readonly name: string;
  readonly typeId: number;
  readonly typeModifier: number;
}

/** Values as the data source prints them; null is SQL's. */
export type SqlRow = readonly (string | null)[];

export interface SqlBatch {
  /** Empty when the statement gives no rows. */
  readonly fields: readonly SqlField[];
  readonly rows: readonly SqlRow[];
  /** No more rows will come. */
  readonly done: boolean;
}

/** The rows of one statement, fetched as they are asked for: what is not fetched is not computed. */
export interface SqlCursor {
  /** The first call executes the statement. @throws StatementFailed, ConnectionLost */
  next(maxRows: number): Promise<SqlBatch>;
  /** Leaves the rest. */
  close(): Promise<void>;
}

/** A session for text that a user wrote, tagged and bounded, never pooled. One statement at a time. */
export interface SqlSession {
  readonly handle: OwnHandle;
  /** Warnings and notices so far; the first hundred. */
  readonly notices: readonly string[];
  /** The text itself has ended the transaction that `begin` opened: what it had done by then may have taken effect. */
  readonly endedItself: boolean;
  begin(options: { readonly readOnly: boolean }): Promise<void>;
  rollback(): Promise<void>;
  /** From now on the transaction is over, rolled back, when nothing is sent for so long; where the server can do that. */
  commitWithin(ms: number): Promise<void>;
  /** @throws StatementFailed; ConnectionLost: whether it took effect is unknown */
  commit(): Promise<void>;
  /** @param statement exactly one: the data source refuses text that holds several */
  open(statement: string): SqlCursor;
  /** Names of types, as SQL spells them. */
  typeNames(fields: readonly SqlField[]): Promise<readonly string[]>;
  /** In order, where that is possible in time. Whether the session is gone, the data source has to say. Never throws. */
  close(): Promise<void>;
  /** Without a word to the server; what is under way rejects. */
  destroy(): void;
}

export interface SqlSessionOptions {
  /** `application_name`. */
  readonly tag: string;
  readonly statementTimeoutMs: number;
  /** Schema in which names are looked up first, before `public`; null: as the account has it. */
  readonly schema: string | null;
  /** A row, or a batch of rows, larger than this ends the session. */
  readonly limits: MessageLimits;
  /** As `Connector.open` has it. */
  readonly isSeen: Lookout;
}
