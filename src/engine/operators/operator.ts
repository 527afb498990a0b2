import type { Sql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import type { OutputTarget, Relation } from '../flow-plan.js';
import type { Delivers, Delivery } from './delivery.js';
import type { Model } from './models/model.js';
import type { Procedure } from './procedure.js';
import type { Report } from './report.js';

/** A producer linked to an operator. */
export interface InputNode {
  readonly name: string;
  readonly uuid: string;
  /** `unknown`: an operator that cannot run here, or whose parameters do not say. */
  readonly delivers: Delivers | 'unknown';
}

/** What the producers delivered, each list in link order. */
export interface Inputs {
  readonly data: readonly Relation[];
  readonly samples: readonly Relation[];
  readonly models: readonly Model[];
}

/** How many of each an operator takes; what is not named is none. */
export interface InputRule {
  readonly data?: Range;
  readonly samples?: Range;
  readonly models?: Range;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface OperatorContext {
  readonly name: string;
  /** Outputs of the operators downstream in its own database, last first: those that turn out to be views over its own are dropped with it. */
  readonly downstreamOutputs: readonly OutputTarget[];
  /** Its input is in another database than its own, and can only be copied. */
  readonly inputIsElsewhere?: boolean;
}

export interface Produced {
  readonly delivery: Delivery;
  readonly report: Report;
  /** Rows stored; null when it stores none. */
  readonly rowCount: number | null;
}

/** What one operator of a file does, its parameters read and checked. */
export type Recipe =
  | {
      /** Delivers what is there already. */
      readonly does: 'read';
      readonly source: { readonly schema: string; readonly table: string };
    }
  | {
      /** Stores the rows of one SELECT: most operators. */
      readonly does: 'select';
      readonly output: OutputTarget;
      /** Pure. @param data the data inputs, in link order */
      readonly compile: (data: readonly Relation[]) => Sql;
      /** ORDER BY list of the preview, for operators whose rows have an order. */
      readonly previewOrder?: Sql;
    }
  | {
      /** Whatever takes more than one statement, or delivers no data set. */
      readonly does: 'procedure';
      /** As its kind's, where its parameters decide. */
      readonly repeatable?: boolean;
      readonly outputs: readonly OutputTarget[];
      readonly run: (inputs: Inputs, context: OperatorContext) => Procedure<Produced>;
    };

/** A kind of operator (operators.md). */
export interface OperatorKind {
  /** Shown name, e.g. `Row Filter`. */
  readonly title: string;
  /** Name in the results document, where it is another. */
  readonly algorithm?: string;
  /** One sentence for the results document. */
  readonly description: string;
  /** Normalised type names it goes by in files: last segment, without `Operator`, in lower case. */
  readonly types: readonly string[];
  readonly inputs: InputRule;
  readonly delivers: Delivers;
  /**
   * Whether the parameters of this one say that it hands nothing on; null: they do not say. What is wrong with them is
   * not told here.
   */
  deliversNothing?(node: NodeReader): boolean | null;
  /** Finds its database by its own parameter instead of by its inputs, if it has no data input. */
  readonly placesItself?: boolean;
  /** May run in another database than its input is in: the one its own parameter names. */
  readonly crossesDatabases?: boolean;
  /** False when doing it twice is not the same as once: free SQL. */
  readonly repeatable?: boolean;
  /** Reads the parameters; what is wrong goes to the reader's problems, and the recipe is then not used. */
  read(node: NodeReader, inputs: readonly InputNode[]): Recipe;
}

const EXACTLY_ONE: Range = { min: 1, max: 1 };
/** The usual: one data set in. */
export const ONE_DATA_SET: InputRule = { data: EXACTLY_ONE };
