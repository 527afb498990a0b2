import type { Sql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import type { Relation } from '../flow-plan.js';

/** A producer linked to an operator. */
export interface InputNode {
  readonly name: string;
  readonly uuid: string;
}

/** What one operator of a file does, its parameters read and checked. */
export interface Recipe {
  /** What it reads besides its inputs; table sources only. */
  readonly source: { readonly schema: string; readonly table: string } | null;
  /** The SELECT of its output from its inputs, in link order; null when it stores none. Pure. */
  readonly compile: ((inputs: readonly Relation[]) => Sql) | null;
}

/** A kind of operator (operators.md). */
export interface OperatorKind {
  /** Shown name, e.g. `Row Filter`. */
  readonly title: string;
  /** Normalised type names it goes by in files: last segment, without `Operator`, in lower case. */
  readonly types: readonly string[];
  /** How many data sets it takes. */
  readonly inputs: { readonly min: number; readonly max: number };
  /** Reads the parameters; what is wrong goes to the reader's problems, and the recipe is then not used. */
  read(node: NodeReader, inputs: readonly InputNode[]): Recipe;
}
