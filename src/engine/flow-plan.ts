import type { Sql } from '../common/sql/sql.js';

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
}

/** Where an operator stores what it makes (afm.md 3), after substitution. */
export interface OutputTarget {
  readonly schema: string;
  readonly table: string;
  readonly kind: 'TABLE' | 'VIEW';
  readonly dropIfExist: boolean;
}

/** An operator ready to be executed. `compile` is pure: the same inputs give the same SQL. */
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
  /** Positions of the producers, in link order. */
  readonly inputs: readonly number[];
  /** What a table source reads; null for every other operator. */
  readonly source: { readonly schema: string; readonly table: string } | null;
  /** What it creates; null when it creates nothing. */
  readonly output: OutputTarget | null;
  /** Outputs of the operators downstream, last first: those that turn out to be views over its own are dropped with it. */
  readonly downstreamOutputs: readonly OutputTarget[];
  /**
   * The SELECT whose rows are the output. Only for operators with an `output`.
   * @throws OperatorFailed when the real columns do not fit the parameters
   */
  compile(inputs: readonly Relation[]): Sql;
}

export interface FlowPlan {
  readonly operators: readonly PlannedOperator[];
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
}

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
