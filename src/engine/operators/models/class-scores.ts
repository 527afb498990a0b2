import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import { bayesScores } from './bayes-scores.js';
import { columnsUsed, partsSql } from './features.js';
import type { ClassificationModel, LogisticModel } from './model.js';
import type { ScoredColumn } from './scored-column.js';
import { treeScores } from './tree-scores.js';

/** What a classification model says of a row. */
export interface ClassScores {
  /** Input columns that it reads. */
  readonly columns: readonly string[];
  /** Columns computed from the input, and columns computed from those before; the rest is made of them. */
  readonly levels: readonly (readonly ScoredColumn[])[];
  readonly classes: readonly { readonly label: string; readonly probability: Sql }[];
  /** Label of the most probable class; NULL where a feature is. */
  readonly predicted: Sql;
  /** Its probability. */
  readonly confidence: Sql;
  /** JSON: probability by class; null when it is to be put together from the classes. */
  readonly info: Sql | null;
}

/** @param helper makes the names of the computed columns */
export function classScores(
  model: ClassificationModel,
  helper: (name: string) => string,
): ClassScores {
  if (model.kind === 'bayes') return bayesScores(model, helper);
  return model.kind === 'tree' ? treeScores(model, helper) : logisticScores(model, helper);
}

/** A tie goes to the modelled class (operators.md 2.4). */
function logisticScores(model: LogisticModel, helper: (name: string) => string): ClassScores {
  const { good, other, parts } = model;
  const [eta, p] = [ident(helper('eta')), ident(helper('p'))];
  // No ELSE: of NULL, least and greatest would make a number.
  const probability = sql`CASE WHEN ${eta} >= 0 THEN 1 / (1 + exp(-least(${eta}, 700))) WHEN ${eta} < 0 THEN exp(greatest(${eta}, -700)) / (1 + exp(greatest(${eta}, -700))) END`;
  return {
    columns: columnsUsed(parts),
    levels: [
      [{ name: helper('eta'), value: partsSql(parts) }],
      [{ name: helper('p'), value: probability }],
    ],
    classes: [
      { label: good, probability: p },
      { label: other, probability: sql`(1 - ${p})` },
    ],
    predicted: sql`CASE WHEN ${p} IS NULL THEN NULL WHEN ${p} >= 0.5 THEN ${good} ELSE ${other} END`,
    confidence: sql`CASE WHEN ${p} >= 0.5 THEN ${p} ELSE 1 - ${p} END`,
    info: null,
  };
}

/** `{"yes":0.7,"no":0.3}`, as text. */
export function classInfo({ classes, info }: ClassScores): Sql {
  if (info !== null) return info;
  const each = classes.map(
    ({ label, probability }, i) =>
      sql`${`${i === 0 ? '{' : ','}${JSON.stringify(label)}:`} || ${probability}::text`,
  );
  return sql`${joinSql(each, ' || ')} || '}'`;
}
