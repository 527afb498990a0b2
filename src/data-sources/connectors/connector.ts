import type { Readable } from 'node:stream';
import type { Sql } from '../../common/sql/sql.js';
import type { DataSourceKind } from '../data-source-kinds.js';
import type { Catalogue } from './catalogue.js';
import type { SqlSession, SqlSessionOptions } from './sql-session.js';

/** Where and as whom to connect: a database of a data source, with one account's credentials in clear. */
export interface ConnectionTarget {
  readonly dataSourceId: number;
  readonly dataSourceName: string;
  readonly databaseId: number;
  readonly accountId: number;
  readonly kind: DataSourceKind;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly ssl: boolean;
  readonly username: string;
  readonly password: string;
}

/** One session among all that there ever were: a pid is used again, but not with the same start. */
export interface SessionIdentity {
  readonly pid: number;
  /** `backend_start` exactly as the data source prints it (ISO, microseconds); compared as timestamptz. */
  readonly backendStart: string;
  /**
   * Number of the role that opened it. It never changes, and of another role's session it is all that may be seen beside the
   * pid. Null where it is not on record.
   */
  readonly roleId: string | null;
}

/** What ends a session, and nothing else: pid, start and tag must all match (I7). */
export interface KillHandle extends Omit<SessionIdentity, 'roleId'> {
  readonly tag: string;
}

/** A session as whoever opened it knows it. */
export type OwnHandle = SessionIdentity & KillHandle;

export interface StatementResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows the command tag reports; null when it reports none (CREATE VIEW). */
  readonly rowCount: number | null;
}

/** Rows on their way out of a session, in a form that `copyIn` takes. */
export interface RowStream {
  /** As fast as it is read: what nobody reads holds the data source up. */
  readonly rows: Readable;
  /** Settles when no more come: rejects with StatementFailed or ConnectionLost when they are not all. */
  readonly ended: Promise<void>;
  /** How many there were, by the data source's count; settles, as `ended`, when the session is at rest again. */
  readonly sent: Promise<number>;
}

/** One database session owned by one run alone, never pooled (D6). Statements run one after the other. */
export interface RunSession {
  readonly handle: OwnHandle;
  /**
   * Names the life of the server that the session is part of: after a crash it has another one, in which the numbers of
   * transactions may be used again. Null where it cannot be told.
   */
  readonly life: string | null;
  /** False once the connection is lost or closed. */
  readonly alive: boolean;
  /**
   * @param name to plan it once per session; its text must always be the same
   * @throws StatementFailed with the data source's own words; ConnectionLost when no answer can come any more
   */
  execute(statement: Sql, name?: string): Promise<StatementResult>;
  /**
   * As `execute`, in bounded memory: rows that come are dropped.
   * @returns what the command tag counts; null when it counts nothing
   */
  executeOnly(statement: Sql): Promise<number | null>;
  /**
   * Opens a transaction.
   * @param identified whether to give it its number now, which makes it possible to ask later what became of it
   * @returns that number, or null
   * @throws as `execute`
   */
  begin(identified: boolean): Promise<string | null>;
  /**
   * Starts to send rows. They must be read to their end, whatever becomes of them: until then the session is busy.
   * @param statement `COPY … TO STDOUT`
   */
  copyOut(statement: Sql): RowStream;
  /**
   * Takes rows, in bounded memory; returns their number once they are stored. When it fails, no more are read: what is
   * left is the caller's to end.
   * @param statement `COPY … FROM STDIN`
   * @throws what ended the stream of rows; StatementFailed, ConnectionLost of its own
   */
  copyIn(statement: Sql, stream: RowStream): Promise<number>;
  /** Gives the session another tag, which its handle carries from then on. @throws as `execute` */
  rename(tag: string): Promise<void>;
  /**
   * The transaction is committed within this time, or the server ends it with its session: whatever becomes of this process,
   * nothing of it takes effect later. Servers that cannot do so are left as they are.
   */
  commitWithin(ms: number): Promise<void>;
  /** Resolves when the server has closed its side: the session is gone from the data source. Never throws. */
  close(): Promise<void>;
  /** Drops the connection on this side, whatever the server does: for one that is known to be gone there. */
  destroy(): void;
}

/** What became of a transaction; `unknown` when the data source cannot tell (too old, or it does not keep such books). */
export type TransactionOutcome = 'committed' | 'aborted' | 'in progress' | 'unknown';

/** A connection kept warm beside the runs: looks, cancels, terminates. One per database and account. */
export interface Control {
  /**
   * Handles of the live sessions that carry one of the tags, parallel workers included, and of those that are known to be the
   * run's: SQL that a user wrote can change the tag of its session. A handle has the tag that the session carries now.
   * @throws ConnectionFailed when one of them may not be looked at: then nothing is known about it
   */
  find(tags: readonly string[], known: readonly SessionIdentity[]): Promise<readonly KillHandle[]>;
  /**
   * Sends a cancel to those that match pid, start and tag, all in one statement; no proof that anything ended.
   * @returns pids of those that were there
   */
  cancelAll(handles: readonly KillHandle[]): Promise<readonly number[]>;
  /** As `cancelAll`, ending the sessions themselves. */
  terminateAll(handles: readonly KillHandle[]): Promise<readonly number[]>;
  /** True when a session matched pid, start and tag and was sent the cancel; no proof that anything ended. */
  cancel(handle: KillHandle): Promise<boolean>;
  /** As cancel, ending the session itself. */
  terminate(handle: KillHandle): Promise<boolean>;
  /**
   * What became of a transaction that `RunSession.begin` numbered, whose session is gone.
   * @param life of that session; a commit of another life may be that of somebody else's transaction: `unknown`
   */
  outcomeOf(transactionId: string, life: string | null): Promise<TransactionOutcome>;
}

/** Whether a session that was just opened is seen over the connection that would end it. */
export type Lookout = (session: SessionIdentity) => Promise<boolean>;

/** Hides driver and dialect of a data source kind. */
export interface Connector {
  /** The `kind`s of data source it serves, as the wire names them. */
  readonly kinds: readonly DataSourceKind[];
  /**
   * Opens a tagged session: `application_name = tag`, bounded as architecture.md D6 says.
   * @param isSeen asked before it is given away: what nobody sees nobody could stop. None for what need not be stopped
   * @throws ConnectionFailed, also when it is not a new one; what `isSeen` throws
   */
  open(target: ConnectionTarget, tag: string, isSeen?: Lookout): Promise<RunSession>;
  /** Opens a tagged session for text that a user wrote. @throws as `open` */
  openSql(target: ConnectionTarget, options: SqlSessionOptions): Promise<SqlSession>;
  /**
   * Looks at what is there, over a connection of its own, each question bounded by `catalogueTimeoutMs`.
   * @throws ConnectionFailed, StatementFailed, ConnectionLost
   */
  look<T>(target: ConnectionTarget, use: (catalogue: Catalogue) => Promise<T>): Promise<T>;
  /** The warm control connection; opened on first use, reopened when lost. */
  control(target: ConnectionTarget): Promise<Control>;
  /** Closes one of them. */
  release(target: ConnectionTarget): Promise<void>;
  /** Closes the control connections. */
  close(): Promise<void>;
}

/** The data source refused or ended a statement. */
export class StatementFailed extends Error {
  constructor(
    message: string,
    readonly sqlstate: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StatementFailed';
  }
}

/** The connection ended while a statement was under way: whether it took effect is not known from here. */
export class ConnectionLost extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionLost';
  }
}

/** No session could be opened. */
export class ConnectionFailed extends Error {
  /** The server may have opened one all the same: it was asked to, and did not say no. */
  readonly doubtful: boolean;

  constructor(
    message: string,
    /** SQLSTATE, or the code of a socket error such as ECONNREFUSED. */
    readonly sqlstate: string | null,
    options?: ErrorOptions & { readonly doubtful?: boolean },
  ) {
    super(message, options);
    this.name = 'ConnectionFailed';
    this.doubtful = options?.doubtful ?? false;
  }
}
