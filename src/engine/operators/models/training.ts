import { repeated } from '../../../common/repeated.js';
import { ident, type Sql, sql } from '../../../common/sql/sql.js';
import type { NodeReader } from '../../afm/node-reader.js';
import { OperatorFailed, type Relation } from '../../flow-plan.js';
import { assertColumns, fromInput } from '../input-columns.js';
import { type Procedure, query, warn } from '../procedure.js';

const MAX_SPLITS = 100;

/** Parameters that regressions share (operators.md 2.1, 2.2). */
export interface Training {
  readonly dependent: string;
  readonly columns: readonly string[];
  readonly maxIterations: number;
  readonly epsilon: number;
  readonly stepwise: Stepwise | null;
  readonly splitBy: string | null;
}

export interface Stepwise {
  readonly direction: 'forward' | 'backward' | 'both';
  /** Null: by significance. */
  readonly criterion: 'AIC' | 'SBC' | null;
  /** Largest p-value of a feature that stays. */
  readonly significance: number;
}

/** The dependent column and those that explain it. */
export function readColumns(node: NodeReader): Pick<Training, 'dependent' | 'columns'> {
  const dependent = node.required('dependentColumn');
  const columns = node.requiredColumns('columnNames');
  if (columns.includes(dependent))
    node.problem('columnNames', `"${dependent}" is the dependent column and cannot explain itself`);
  for (const name of repeated(columns))
    node.problem('columnNames', `column "${name}" is there twice`);
  return { dependent, columns };
}

export function readTraining(node: NodeReader): Training {
  const directions = { FORWARD: 'forward', BACKWARD: 'backward', STEPWISE: 'both' } as const;
  const criteria = { AIC: 'AIC', SBC: 'SBC' } as const;
  const stepwise: Stepwise = {
    direction: node.choice('stepWiseType', directions, 'forward'),
    criterion: node.choice<'AIC' | 'SBC' | null>('criterionType', criteria, null),
    significance: node.decimal('checkValue', 0.05, 0, 1),
  };
  return {
    ...readColumns(node),
    maxIterations: node.integer('max_generations', 10, 1, 10_000),
    epsilon: node.decimal('epsilon', 1e-8, 0, 1),
    stepwise: node.yesNo('isStepWise', false) ? stepwise : null,
    splitBy: node.text('splitModelGroupByColumn'),
  };
}

/** A part of the rows that gets coefficients of its own. */
export interface Split {
  readonly when: { readonly column: string; readonly value: string } | null;
  readonly where: Sql;
}

/** All rows, or those of each value of a column. */
export function* splitsOf(
  operator: string,
  input: Relation,
  splitBy: string | null,
): Procedure<Split[]> {
  if (splitBy === null) return [{ when: null, where: sql`true` }];
  assertColumns(operator, input, [splitBy]);
  const c = ident(splitBy);
  const found = yield* query<{ value: string }>(
    sql`SELECT DISTINCT ${c}::text AS value ${fromInput(input)} WHERE ${c} IS NOT NULL ORDER BY 1 LIMIT ${MAX_SPLITS + 1}`,
  );
  if (found.length > MAX_SPLITS)
    throw new OperatorFailed(operator, `"${splitBy}" has more than ${MAX_SPLITS} values`);
  if (found.length === 0) throw new OperatorFailed(operator, `"${splitBy}" has no values`);
  return found.map(({ value }) => ({
    when: { column: splitBy, value },
    where: sql`${c}::text = ${value}`,
  }));
}

/** Says how many rows had a NULL where a value is needed. */
export function* warnSkipped(total: number, used: number): Procedure<void> {
  if (total > used) yield* warn(`${total - used} of ${total} rows are skipped: a value is missing`);
}
