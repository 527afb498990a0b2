import type { Delivers, Delivery } from './operators/delivery.js';
import type { Inputs, OperatorContext, Produced } from './operators/operator.js';
import type { Procedure } from './operators/procedure.js';

/** A table or view with its real columns, as the data source describes it. */
export interface Relation {
  readonly schema: string;
  readonly table: string;
  readonly kind: RelationKind;
  readonly columns: readonly Column[];
}

/** pg_class.relkind, spelled out; `other` covers what we refuse to drop (sequences, indexes, composite types …). */
export type RelationKind = 'table' | 'view' | 'materialized view' | 'foreign table' | 'other';

export interface Column {
  readonly name: string;
  /** `format_type()` text, e.g. `numeric(12,2)`. */
  readonly type: string;
  /** Declared so; what is not may still hold no NULL. */
  readonly notNull?: boolean;
}

/** Where an operator stores what it makes (afm.md 3), after substitution. */
export interface OutputTarget {
  readonly schema: string;
  readonly table: string;
  readonly kind: 'TABLE' | 'VIEW';
  readonly dropIfExist: boolean;
  /** How Greenplum is to store a table, else as it does by default (afm.md 3); nothing to PostgreSQL. */
  readonly storage?: GreenplumStorage;
}

export interface GreenplumStorage {
  /** Null: rows on the heap. */
  readonly appendOnly: {
    readonly columnar: boolean;
    /** 1 to 9; null: not compressed. */
    readonly compressionLevel: number | null;
  } | null;
  /** Columns by which rows are spread; none: randomly. */
  readonly distributedBy: readonly string[];
}

/** An operator ready to be executed. */
export interface PlannedOperator {
  /** Index in `FlowPlan.operators`: a topological order. */
  readonly position: number;
  readonly uuid: string;
  /** The name in the file: links and results refer to it. */
  readonly name: string;
  /** Shown kind, e.g. `Row Filter`. */
  readonly type: string;
  /** Database it runs in: one of the run's locations. */
  readonly databaseId: number;
  /** Database of its input, when that is another one: it is only read, through `copy` requests. */
  readonly sourceDatabaseId: number | null;
  readonly delivers: Delivers;
  /** False when doing it twice is not the same as once (architecture.md D9). */
  readonly repeatable: boolean;
  /** Positions of the producers, in link order. */
  readonly inputs: readonly number[];
  /** What it creates: the first is the one its step shows. */
  readonly outputs: readonly OutputTarget[];
  /** What it needs to know of the flow around it. */
  readonly context: OperatorContext;
  /**
   * Its work as SQL, statement by statement; pure: the same inputs and answers give the same SQL.
   * @throws OperatorFailed when the real columns or values do not fit the parameters
   */
  run(inputs: Inputs): Procedure<Produced>;
}

export interface FlowPlan {
  readonly operators: readonly PlannedOperator[];
}

/** What the operators linked to a consumer have delivered, in link order. */
export function inputsFrom(deliveries: readonly Delivery[]): Inputs {
  return {
    data: deliveries.flatMap((one) => (one.kind === 'data' ? [one.relation] : [])),
    samples: deliveries.flatMap((one) => (one.kind === 'samples' ? one.samples : [])),
    models: deliveries.flatMap((one) => (one.kind === 'model' ? [one.model] : [])),
  };
}

/** A problem of one operator, found before or while it runs; `message` is for the person who wrote the flow. */
export class OperatorFailed extends Error {
  constructor(
    readonly operatorName: string,
    message: string,
  ) {
    super(message);
    this.name = 'OperatorFailed';
  }
}

export interface FlowProblem {
  /** Null for a problem of the document as a whole. */
  readonly operator: string | null;
  readonly parameter: string | null;
  readonly message: string;
  readonly kind?: ProblemKind;
}

/**
 * `invalid`: the document is wrong. `missing`: a parameter is not there, at least not under a name that is known here
 * (operators.md 0.1). `not_here`: it is right, but cannot run on this server or where it is now (operators.md 3). A
 * document that has only problems of the latter two may be stored, and a run says why it fails.
 */
export type ProblemKind = 'invalid' | 'missing' | 'not_here';

/** The document cannot be run. Lists everything that is wrong with it, not just the first. */
export class FlowInvalid extends Error {
  constructor(readonly problems: readonly FlowProblem[]) {
    super(
      problems
        .map((p) => (p.operator === null ? p.message : `${p.operator}: ${p.message}`))
        .join('; '),
    );
    this.name = 'FlowInvalid';
  }
}
