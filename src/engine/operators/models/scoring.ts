import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import { columnsUsed, exact, partsSql } from './features.js';
import { ABBREVIATION, type LogisticModel, type Model } from './model.js';

/** A column of a scored row. */
export interface ScoredColumn {
  readonly name: string;
  readonly value: Sql;
}

/**
 * How a model scores rows: columns computed from the input, columns computed from those, and what it shows in the end.
 * Three levels, so that no long expression is written or computed twice.
 */
export interface Scoring {
  readonly columns: readonly string[];
  readonly first: readonly ScoredColumn[];
  readonly second: readonly ScoredColumn[];
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

/** Probability that a linear combination stands for, without overflow. */
function probability(eta: Sql): Sql {
  return sql`CASE WHEN ${eta} >= 0 THEN 1 / (1 + exp(-least(${eta}, 700))) ELSE exp(greatest(${eta}, -700)) / (1 + exp(greatest(${eta}, -700))) END`;
}

/**
 * @param index makes the helper columns of several models different
 * @param suffix of the shown columns, for a second model of one kind
 */
export function scoringOf(model: Model, index: number, suffix: string): Scoring {
  const mark = ABBREVIATION[model.kind] + suffix;
  const helper = (name: string) => `alp_${name}_${index}`;
  if (model.kind === 'linear')
    return {
      columns: columnsUsed(model.parts),
      first: [],
      second: [],
      shown: [{ name: `PRED_${mark}`, value: partsSql(model.parts) }],
    };
  if (model.kind === 'logistic') {
    const eta = helper('eta');
    const p = ident(helper('p'));
    return {
      columns: columnsUsed(model.parts),
      first: [{ name: eta, value: partsSql(model.parts) }],
      second: [{ name: helper('p'), value: probability(ident(eta)) }],
      shown: [
        { name: `PRED_${mark}`, value: predicted(model, p) },
        { name: `CONF_${mark}`, value: sql`CASE WHEN ${p} >= 0.5 THEN ${p} ELSE 1 - ${p} END` },
        {
          name: `INFO_${mark}`,
          value: sql`${`{${JSON.stringify(model.good)}:`} || ${p}::text || ${`,${JSON.stringify(model.other)}:`} || (1 - ${p})::text || '}'`,
        },
      ],
    };
  }
  const { columns, centers, weights } = model;
  const xs = columns.map((name) => sql`${ident(name)}::float8`);
  const ds = centers.map((center, i) => ({
    name: helper(`d${i}`),
    value: distanceSql(xs, weights, center),
  }));
  const list = ds.map(({ name }) => ident(name));
  const least = ident(helper('least'));
  const cases = list.map((d, i) => sql`WHEN ${d} <= ${least} THEN ${i}`);
  const known = sql`${joinSql(list, ' + ')} IS NOT NULL`;
  return {
    columns,
    first: ds,
    second: [
      {
        name: helper('least'),
        value: sql`CASE WHEN ${known} THEN least(${joinSql(list, ', ')}) END`,
      },
    ],
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

/** A tie goes to the modelled class; no class where a feature is missing (operators.md 2.4). */
export function predicted({ good, other }: LogisticModel, p: Sql): Sql {
  return sql`CASE WHEN ${p} IS NULL THEN NULL WHEN ${p} >= 0.5 THEN ${good} ELSE ${other} END`;
}

/** `SELECT <columns>, <shown>` over the input, with the helper columns of all scorings in between. */
export function scoredSelect(
  input: Sql,
  columns: readonly string[],
  scorings: readonly Scoring[],
): Sql {
  const level = (inner: Sql, added: readonly ScoredColumn[]) =>
    added.length === 0 ? inner : sql`(SELECT s.*, ${list(added)} FROM ${inner} AS s)`;
  const first = level(
    input,
    scorings.flatMap((one) => one.first),
  );
  const second = level(
    first,
    scorings.flatMap((one) => one.second),
  );
  const kept = columns.map((name) => sql`s.${ident(name)}`);
  const shown = scorings.flatMap((one) => one.shown);
  return sql`SELECT ${joinSql([...kept, list(shown)], ', ')}\nFROM ${second} AS s`;
}

function list(columns: readonly ScoredColumn[]): Sql {
  return joinSql(
    columns.map(({ name, value }) => sql`${value} AS ${ident(name)}`),
    ', ',
  );
}
