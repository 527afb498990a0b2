import { ident, type Sql, sql } from '../../../common/sql/sql.js';
import type { NodeReader } from '../../afm/node-reader.js';
import { OperatorFailed, type Relation } from '../../flow-plan.js';
import { assertClass, assertColumns, columnsOf, onlyInput } from '../input-columns.js';
import type { InputRule, Inputs } from '../operator.js';
import { type ClassScores, classScores } from './class-scores.js';
import { classText } from './class-text.js';
import { type ClassificationModel, isClassifier } from './model.js';
import { columnList, withLevels } from './scored-column.js';
import { helperNames } from './scoring.js';

/** Evaluators take one data set and, unless its rows hold predictions already, models. */
export const EVALUATED: InputRule = {
  data: { min: 1, max: 1 },
  models: { min: 0, max: 16 },
};

export interface Evaluation {
  readonly dependent: string;
  /** Column with predictions that the data has already; null: models make them. */
  readonly predictions: string | null;
  /** They are probabilities, not classes. */
  readonly needsNumbers: boolean;
}

export function readEvaluation(
  node: NodeReader,
  key: 'predictionColumn' | 'confidenceColumn',
): Evaluation {
  const dependent = node.required('dependentColumn');
  const usesModel = node.yesNo('useModel', true);
  const predictions = usesModel ? null : node.required(key);
  return { dependent, predictions, needsNumbers: key === 'confidenceColumn' };
}

/** What is compared with what. */
export interface Scored {
  readonly title: string;
  /** Null when the data holds the predictions. */
  readonly model: ClassificationModel | null;
  readonly classes: ClassScores['classes'];
  /** `(SELECT …)` with `observed`, `predicted`, and what the classes' probabilities are made of; whole rows only. */
  readonly rows: Sql;
}

/** @throws OperatorFailed when there is nothing to compare, or columns are missing */
export function scoredInputs(
  node: NodeReader,
  { data, models }: Inputs,
  { dependent, predictions, needsNumbers }: Evaluation,
): Scored[] {
  const input = onlyInput(data);
  assertColumns(node.name, input, [dependent, ...(predictions === null ? [] : [predictions])]);
  if (predictions !== null && needsNumbers)
    assertClass(node.name, columnsOf(node.name, input, [predictions]), ['numeric']);
  const observed = sql`${ident(dependent)}::text AS observed`;
  const from = ident(input.schema, input.table);
  if (predictions !== null) {
    const c = ident(predictions);
    const rows = sql`(SELECT ${observed}, ${c}::text AS predicted, ${c}::text AS p_text, alp_row::text AS row FROM ${from} AS alp_row WHERE ${ident(dependent)} IS NOT NULL AND ${c} IS NOT NULL)`;
    return [{ title: predictions, model: null, classes: [], rows }];
  }
  const classifiers = models.filter(isClassifier);
  if (classifiers.length === 0)
    throw new OperatorFailed(
      node.name,
      'it needs a classification model, and none is linked to it',
    );
  return classifiers.map((model) => {
    const { columns, levels, classes, predicted } = classScores(model, helperNames(0));
    assertColumns(node.name, input, columns);
    const [first = [], ...rest] = levels;
    const known = sql`(SELECT ${observed}, alp_row::text AS row, ${columnList(first)} FROM ${from} AS alp_row WHERE ${ident(dependent)} IS NOT NULL)`;
    const scored = withLevels(known, [...rest, [{ name: 'predicted', value: predicted }]]);
    const rows = sql`(SELECT * FROM ${scored} AS s WHERE predicted IS NOT NULL)`;
    return { title: model.name, model, classes, rows };
  });
}

/** The probability of a class, and what observing it looks like. @throws OperatorFailed for a class that is none */
export function positiveClass(
  node: NodeReader,
  input: Relation,
  { dependent, predictions }: Evaluation,
  { model, classes }: Scored,
  value: string,
): { readonly p: Sql; readonly y: Sql } {
  const [column] = columnsOf(node.name, input, [dependent]);
  const wanted = classText(value, column?.type ?? '');
  const y = sql`(CASE WHEN trim(observed) = ${wanted} THEN 1 ELSE 0 END)`;
  if (model === null || predictions !== null) return { p: sql`p_text::float8`, y };
  const positive = classes.find(({ label }) => label.trim() === wanted);
  if (positive !== undefined) return { p: positive.probability, y };
  const labels = classes.map(({ label }) => `"${label}"`).join(', ');
  throw new OperatorFailed(
    node.name,
    `columnValue "${value}" is none of the classes ${labels} of "${model.name}"`,
  );
}
