import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import { classInfo, classScores } from './class-scores.js';
import { columnsUsed, exact, partsSql } from './features.js';
import { ABBREVIATION, type ClusterModel, isClassifier, type Model } from './model.js';
import { columnList, type ScoredColumn, withLevels } from './scored-column.js';

/** How a model scores rows: columns it computes level by level, and what it shows in the end. */
export interface Scoring {
  /** Input columns that it reads. */
  readonly columns: readonly string[];
  readonly levels: readonly (readonly ScoredColumn[])[];
  readonly shown: readonly ScoredColumn[];
}

/** Squared weighted distance of the values to a centre. */
export function distanceSql(
  xs: readonly Sql[],
  weights: readonly number[],
  center: readonly number[],
): Sql {
  const terms = xs.map((x, i) => {
    const apart = sql`(${x} - ${exact(center[i] ?? 0)})`;
    const square = sql`${apart} * ${apart}`;
    const weight = weights[i] ?? 1;
    return weight === 1 ? square : sql`${exact(weight)} * ${square}`;
  });
  return sql`(${joinSql(terms, ' + ')})`;
}

/** Number of the smallest of `d0` …; the first of equal ones. NULL when they are. */
export function nearestSql(count: number): Sql {
  const ds = Array.from({ length: count }, (_, i) => ident(`d${i}`));
  const least = sql`least(${joinSql(ds, ', ')})`;
  const cases = ds.map((d, i) => sql`WHEN ${d} <= ${least} THEN ${i}`);
  return sql`(CASE ${joinSql(cases, ' ')} END)`;
}

/** Makes the computed columns of several models different. */
export function helperNames(index: number): (name: string) => string {
  return (name) => `alp_${name}_${index}`;
}

/**
 * @param index of the model, if there are several
 * @param suffix of the shown columns, for a second model of one kind
 */
export function scoringOf(model: Model, index: number, suffix: string): Scoring {
  const mark = ABBREVIATION[model.kind] + suffix;
  const helper = helperNames(index);
  if (model.kind === 'linear')
    return {
      columns: columnsUsed(model.parts),
      levels: [],
      shown: [{ name: `PRED_${mark}`, value: partsSql(model.parts) }],
    };
  if (!isClassifier(model)) return clusterScoring(model, mark, helper);
  const scores = classScores(model, helper);
  const { columns, levels, predicted, confidence } = scores;
  return {
    columns,
    levels,
    shown: [
      { name: `PRED_${mark}`, value: predicted },
      { name: `CONF_${mark}`, value: confidence },
      { name: `INFO_${mark}`, value: classInfo(scores) },
    ],
  };
}

function clusterScoring(
  { columns, centers, weights }: ClusterModel,
  mark: string,
  helper: (name: string) => string,
): Scoring {
  const xs = columns.map((name) => sql`${ident(name)}::float8`);
  const ds = centers.map((center, i) => ({
    name: helper(`d${i}`),
    value: distanceSql(xs, weights, center),
  }));
  const list = ds.map(({ name }) => ident(name));
  const least = ident(helper('least'));
  const cases = list.map((d, i) => sql`WHEN ${d} <= ${least} THEN ${i}`);
  const known = sql`${joinSql(list, ' + ')} IS NOT NULL`;
  const smallest = sql`CASE WHEN ${known} THEN least(${joinSql(list, ', ')}) END`;
  return {
    columns,
    levels: [ds, [{ name: helper('least'), value: smallest }]],
    shown: [
      { name: `PRED_${mark}`, value: sql`CASE ${joinSql(cases, ' ')} END` },
      { name: `DIST_${mark}`, value: sql`sqrt(${least})` },
      {
        name: `INFO_${mark}`,
        value: sql`'{' || ${joinSql(
          list.map((d, i) => sql`${`"${i}":`} || sqrt(${d})::text`),
          " || ',' || ",
        )} || '}'`,
      },
    ],
  };
}

/** `SELECT <columns>, <shown>` over the input, with the computed columns of all scorings in between. */
export function scoredSelect(
  input: Sql,
  columns: readonly string[],
  scorings: readonly Scoring[],
): Sql {
  const depth = Math.max(0, ...scorings.map(({ levels }) => levels.length));
  const levels = Array.from({ length: depth }, (_, i) =>
    scorings.flatMap((one) => one.levels[i] ?? []),
  );
  const kept = columns.map((name) => sql`s.${ident(name)}`);
  const shown = columnList(scorings.flatMap((one) => one.shown));
  return sql`SELECT ${joinSql([...kept, shown], ', ')}\nFROM ${withLevels(input, levels)} AS s`;
}
