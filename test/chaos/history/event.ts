/**
 * What a history is made of. `at` is the moment an event was recorded, in milliseconds of this process's monotonic clock;
 * times called `clock` are milliseconds of the wall clock of a database server, and are compared only with each other.
 */
export interface At {
  readonly at: number;
}

export type RunState = 'queued' | 'running' | 'stopping' | 'stopped' | 'succeeded' | 'failed';
/** What an answer says of a workfile, or of a run. */
export type Said = RunState | 'idle';

/** A request leaves. */
export interface Asked {
  readonly kind: 'asked';
  readonly call: number;
  readonly what: 'run' | 'stop' | 'stop many' | 'show workfile' | 'show run';
  readonly workfile: number | null;
  readonly run: string | null;
}

/** Its answer has been read. */
export interface Answered {
  readonly kind: 'answered';
  readonly call: number;
  readonly http: number;
  readonly says: Said | null;
  /** Of the `Location` header or the body. */
  readonly run: string | null;
}

/** No answer came: what was asked may have happened or not. */
export interface Unanswered {
  readonly kind: 'unanswered';
  readonly call: number;
  readonly error: string;
}

/** Something was done to the world. */
export interface Fault {
  readonly kind: 'fault';
  readonly what: string;
  readonly target: string;
}

/** A run's row as somebody outside read it. */
export interface Row {
  readonly kind: 'row';
  readonly run: string;
  /** Before the statement that read it was sent. */
  readonly sent: number;
  readonly status: RunState;
  readonly epoch: number;
  readonly lastError: string | null;
  readonly errorSince: number | null;
}

/** A change of a run's row, written down by a trigger. */
export interface Move {
  readonly kind: 'move';
  /** Orders changes of one row, and of rows that exclude each other. */
  readonly seq: number;
  readonly clock: number;
  readonly run: string;
  readonly workfile: number;
  readonly from: RunState | null;
  readonly to: RunState;
  readonly epoch: number;
  readonly worker: string | null;
  /** Of the row before the change. */
  readonly leaseUntil: number | null;
}

export type StepState = 'running' | 'finished' | 'rolled_back' | 'failed';

/** A change of an operator's row, written down by a trigger. */
export interface StepMove {
  readonly kind: 'step';
  readonly seq: number;
  readonly clock: number;
  readonly step: string;
  readonly run: string;
  readonly epoch: number;
  readonly position: number;
  readonly operator: string;
  readonly from: StepState | null;
  readonly to: StepState;
  /** Its transaction in the data source. */
  readonly xid: string | null;
  /** What is said of its end; an operator of which nobody can tell whether it took effect says so here. */
  readonly message: string | null;
  /** Whether what it delivers is on record: then it need not be done again. */
  readonly delivered: boolean;
}

/** How a run's row looked when all was over. */
export interface Final {
  readonly kind: 'final';
  readonly run: string;
  readonly status: RunState;
  /** `ended_at`; null while it is active. */
  readonly clock: number | null;
  readonly workersLost: number;
  readonly stopRequested: boolean;
  readonly receipt: {
    readonly outcome: string;
    readonly finished: readonly string[] | null;
  } | null;
  readonly error: string | null;
}

/** One look of the observer. */
export interface Look {
  readonly sent: number;
  readonly at: number;
  /** The data source's clock when the look began. */
  readonly clock: number;
}

/** A tagged session in the data source, from the first to the last look that saw it. */
export interface Session {
  readonly kind: 'session';
  readonly pid: number;
  readonly start: string;
  readonly tag: string;
  readonly first: Look;
  readonly last: Look;
  /** The first look that did not see it any more; null when it was still there at the end. */
  readonly gone: Look | null;
}

/** How closely the observer has looked since the last such event. */
export interface Looks {
  readonly kind: 'looks';
  readonly count: number;
  readonly from: number;
  readonly to: number;
  readonly longestGapMs: number;
}

/** What an operator of a run has left in the data source, read when the run was over. */
export interface Output {
  readonly kind: 'output';
  readonly run: string;
  readonly operator: string;
  /** Its output table, which stays until a run replaces it; null when it inserts rows, which are each run's own. */
  readonly table: string | null;
  /** Rows of this run; of its output table or of the rows it inserted. */
  readonly rows: number;
  /** As many as it has when it is whole. */
  readonly whole: number;
  /** Rows of other runs in the same table. */
  readonly others: readonly { readonly run: string; readonly rows: number }[];
}

/** When the data source committed a step's transaction; null when it did not. */
export interface Commit {
  readonly kind: 'commit';
  readonly run: string;
  readonly step: string;
  readonly clock: number | null;
}

/** A session that has nothing to do with any run. */
export interface Bystander {
  readonly kind: 'bystander';
  readonly name: string;
  readonly pid: number;
  readonly what: 'hurt' | 'well';
  /** Of all of them, since it was last written down how they are. */
  readonly statements: number;
  readonly error: string | null;
}

/** Something that should not be there when all runs are over. */
export interface Leftover {
  readonly kind: 'leftover';
  readonly what: string;
  readonly detail: string;
}

/** What only the scenario itself can judge. */
export interface Claim {
  readonly kind: 'claim';
  /** Of docs/architecture.md. */
  readonly invariant: string;
  readonly run: string | null;
  readonly what: string;
  readonly holds: boolean;
  readonly detail: string;
}

export interface Note {
  readonly kind: 'note';
  readonly text: string;
}

export type Happening =
  | Asked
  | Answered
  | Unanswered
  | Fault
  | Row
  | Move
  | StepMove
  | Final
  | Session
  | Looks
  | Output
  | Commit
  | Bystander
  | Leftover
  | Claim
  | Note;

export type ChaosEvent = At & Happening;

export const TAG = 'fermata:';
