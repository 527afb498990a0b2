import { ident, type Sql, sql } from '../../../common/sql/sql.js';
import { OperatorFailed, type Relation } from '../../flow-plan.js';
import { fromInput } from '../input-columns.js';
import { type Procedure, query } from '../procedure.js';
import { warnSkipped } from './training.js';

/** More are no classes but values. */
export const MAX_CLASSES = 100;

/** A value of the dependent column. */
export interface ObservedClass {
  /** As text of the training column. */
  readonly label: string;
  /** Rows of it that are used. */
  readonly rows: number;
}

/** @throws OperatorFailed unless there are two to 100 classes among the rows that are used */
export function* observedClasses(
  operator: string,
  input: Relation,
  dependent: string,
  used: Sql,
): Procedure<ObservedClass[]> {
  const found = yield* query<{ label: string; n: string; total: string }>(
    sql`SELECT ${ident(dependent)}::text AS label, count(*) AS n, (SELECT count(*) ${fromInput(input)}) AS total ${fromInput(input)} WHERE ${used} GROUP BY 1 ORDER BY 1 LIMIT ${MAX_CLASSES + 1}`,
  );
  const classes = found.map(({ label, n }) => ({ label, rows: Number(n) }));
  if (classes.length > MAX_CLASSES)
    throw new OperatorFailed(operator, `"${dependent}" has more than ${MAX_CLASSES} classes`);
  if (classes.length < 2)
    throw new OperatorFailed(
      operator,
      `"${dependent}" must have two classes or more; found ${classes.map(({ label }) => `"${label}"`).join(', ') || 'no row that can be used'}`,
    );
  yield* warnSkipped(Number(found[0]?.total ?? 0), rowsOf(classes));
  return classes;
}

export function rowsOf(classes: readonly ObservedClass[]): number {
  return classes.reduce((sum, { rows }) => sum + rows, 0);
}
