import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import type { NodeReader } from '../../afm/node-reader.js';
import { OperatorFailed, type Relation } from '../../flow-plan.js';
import { assertColumns, columnsOf, onlyInput } from '../input-columns.js';
import type { InputRule, Inputs } from '../operator.js';
import { classText } from './class-text.js';
import type { LogisticModel } from './model.js';
import { predicted, scoringOf } from './scoring.js';

/** Evaluators take one data set and, unless its rows hold predictions already, models. */
export const EVALUATED: InputRule = {
  data: { min: 1, max: 1 },
  models: { min: 0, max: 16 },
};

export interface Evaluation {
  readonly dependent: string;
  /** Column with predictions that the data has already; null: models make them. */
  readonly predictions: string | null;
}

export function readEvaluation(
  node: NodeReader,
  key: 'predictionColumn' | 'confidenceColumn',
): Evaluation {
  const dependent = node.required('dependentColumn');
  const usesModel = node.yesNo('useModel', true);
  return { dependent, predictions: usesModel ? null : node.required(key) };
}

/** What is compared with what: rows with `observed`, `predicted` and `p`, the probability of `good`. */
export interface Scored {
  readonly title: string;
  readonly model: LogisticModel | null;
  /** `(SELECT …)`, rows without observed or predicted value left out. */
  readonly rows: Sql;
}

/** @throws OperatorFailed when there is nothing to compare, or columns are missing */
export function scoredInputs(
  node: NodeReader,
  { data, models }: Inputs,
  { dependent, predictions }: Evaluation,
): Scored[] {
  const input = onlyInput(data);
  assertColumns(node.name, input, [dependent, ...(predictions === null ? [] : [predictions])]);
  const observed = sql`${ident(dependent)}::text AS observed`;
  const from = ident(input.schema, input.table);
  if (predictions !== null) {
    const c = ident(predictions);
    const rows = sql`(SELECT ${observed}, ${c}::text AS predicted, ${c}::text AS p_text, alp_row::text AS row FROM ${from} AS alp_row WHERE ${ident(dependent)} IS NOT NULL AND ${c} IS NOT NULL)`;
    return [{ title: predictions, model: null, rows }];
  }
  const classifiers = models.filter((model) => model.kind === 'logistic');
  if (classifiers.length === 0)
    throw new OperatorFailed(
      node.name,
      'it needs a classification model, and none is linked to it',
    );
  return classifiers.map((model) => {
    const { columns, first, second } = scoringOf(model, 0, '');
    assertColumns(node.name, input, columns);
    const etas = first.map(({ name, value }) => sql`${value} AS ${ident(name)}`);
    const ps = second.map(({ value }) => sql`${value} AS p`);
    const scored = sql`SELECT observed, row, ${joinSql(ps, ', ')} FROM (SELECT ${observed}, alp_row::text AS row, ${joinSql(etas, ', ')} FROM ${from} AS alp_row WHERE ${ident(dependent)} IS NOT NULL) AS s`;
    const rows = sql`(SELECT observed, row, p, ${predicted(model, sql`p`)} AS predicted FROM (${scored}) AS s WHERE p IS NOT NULL)`;
    return { title: model.name, model, rows };
  });
}

/** The probability of a class, and what observing it looks like. @throws OperatorFailed for a class that is none */
export function positiveClass(
  node: NodeReader,
  input: Relation,
  { dependent, predictions }: Evaluation,
  { model }: Scored,
  value: string,
): { readonly p: Sql; readonly y: Sql } {
  const [column] = columnsOf(node.name, input, [dependent]);
  const wanted = classText(value, column?.type ?? '');
  const y = sql`(CASE WHEN trim(observed) = ${wanted} THEN 1 ELSE 0 END)`;
  if (model === null || predictions !== null) return { p: sql`p_text::float8`, y };
  if (wanted === model.good.trim()) return { p: sql`p`, y };
  if (wanted === model.other.trim()) return { p: sql`(1 - p)`, y };
  throw new OperatorFailed(
    node.name,
    `columnValue "${value}" is none of the classes "${model.good}", "${model.other}" of "${model.name}"`,
  );
}
