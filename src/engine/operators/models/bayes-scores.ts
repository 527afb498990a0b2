import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import type { ClassScores } from './class-scores.js';
import { exact } from './features.js';
import type { BayesModel } from './model.js';

/**
 * Sums of logarithms (operators.md 2.8), brought to probabilities by way of the greatest of them: a product of many small
 * numbers would be zero.
 */
export function bayesScores(model: BayesModel, helper: (name: string) => string): ClassScores {
  const { classes, numeric, categorical } = model;
  const scores = classes.map((_, i) => ident(helper(`s${i}`)));
  const [most, sum] = [ident(helper('most')), ident(helper('sum'))];
  // In bounds for exp; not by greatest, which would make a number of NULL.
  const shares = scores.map(
    (score) => sql`exp(CASE WHEN ${score} - ${most} < -700 THEN -700 ELSE ${score} - ${most} END)`,
  );
  const cases = scores.map(
    (score, i) => sql`WHEN ${score} = ${most} THEN ${classes[i]?.label ?? ''}`,
  );
  return {
    columns: [...numeric, ...categorical].map(({ column }) => column),
    levels: [
      classes.map((_, i) => ({ name: helper(`s${i}`), value: logScore(model, i) })),
      [{ name: helper('most'), value: sql`greatest(${joinSql(scores, ', ')})` }],
      [{ name: helper('sum'), value: joinSql(shares, ' + ') }],
    ],
    classes: classes.map(({ label }, i) => ({
      label,
      probability: sql`(${shares[i] ?? sql`NULL`} / ${sum})`,
    })),
    predicted: sql`CASE ${joinSql(cases, ' ')} END`,
    confidence: sql`1 / ${sum}`,
    info: null,
  };
}

function logScore({ classes, numeric, categorical }: BayesModel, of: number): Sql {
  const prior = Math.log(classes[of]?.prior ?? 0);
  const normal = numeric.map(({ column, means, variances }) => {
    const variance = variances[of] ?? 1;
    const apart = sql`(${ident(column)}::float8 - ${exact(means[of] ?? 0)})`;
    return sql`${exact(-Math.log(2 * Math.PI * variance) / 2)} - ${apart} * ${apart} / ${exact(2 * variance)}`;
  });
  const counted = categorical.map(({ column, values, shares, others }) => {
    const c = ident(column);
    const known = values.map(
      (value, i) => sql`WHEN ${c}::text = ${value} THEN ${exact(Math.log(shares[of]?.[i] ?? 0))}`,
    );
    return sql`(CASE WHEN ${c} IS NULL THEN NULL ${joinSql(known, ' ')} ELSE ${exact(Math.log(others[of] ?? 0))} END)`;
  });
  return joinSql([exact(prior), ...normal, ...counted], ' + ');
}
