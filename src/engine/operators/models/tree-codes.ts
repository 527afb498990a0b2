import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import type { Relation } from '../../flow-plan.js';
import { fromInput } from '../input-columns.js';
import { execute, type Procedure, query, warn } from '../procedure.js';
import type { Attribute } from './attributes.js';
import { exact } from './features.js';

/** Rows as small numbers: `y` is the class, `f0` … are the attributes. */
export const CODED = ident('pg_temp', 'alp_tree');
const BINS = 32;

/** An attribute whose values are numbered from 0. */
export type CodedAttribute =
  | { readonly column: string; readonly isNumeric: false; readonly values: readonly string[] }
  /** Code i are the numbers up to bound i and above the one before; the last code is above all. */
  | { readonly column: string; readonly isNumeric: true; readonly bounds: readonly number[] };

/** Brings the rows that are used into small numbers, once, so that every level of a tree reads those. */
export function* encode(
  {
    input,
    dependent,
    where,
  }: { readonly input: Relation; readonly dependent: string; readonly where: Sql },
  classes: readonly string[],
  attributes: readonly Attribute[],
): Procedure<CodedAttribute[]> {
  const numeric = attributes.filter(({ values }) => values === null).map(({ column }) => column);
  const bounds = yield* boundsOf(input, where, numeric);
  const coded = attributes.map(({ column, values }): CodedAttribute =>
    values === null
      ? { column, isNumeric: true, bounds: bounds.get(column) ?? [] }
      : { column, isNumeric: false, values },
  );
  const constant = coded.filter((one) =>
    one.isNumeric ? one.bounds.length === 0 : one.values.length < 2,
  );
  if (constant.length > 0)
    yield* warn(`dropped as constant: ${constant.map(({ column }) => column).join(', ')}`);
  const used = coded.filter((one) => !constant.includes(one));
  const codes = [
    sql`(${oneOf(dependent, classes)})::smallint AS y`,
    ...used.map((one, i) => {
      const code = one.isNumeric
        ? binOf(sql`${ident(one.column)}::float8`, one.bounds, 0)
        : oneOf(one.column, one.values);
      return sql`(${code})::smallint AS ${ident(`f${i}`)}`;
    }),
  ];
  yield* execute(
    sql`CREATE TEMP TABLE alp_tree ON COMMIT DROP AS SELECT ${joinSql(codes, ', ')} ${fromInput(input)} WHERE ${where}`,
  );
  return used;
}

/** Quantiles that cut each column's rows into 32 parts of equal size, as far as its values allow; without the greatest. */
function* boundsOf(
  input: Relation,
  where: Sql,
  columns: readonly string[],
): Procedure<ReadonlyMap<string, readonly number[]>> {
  if (columns.length === 0) return new Map();
  const shares = joinSql(
    Array.from({ length: BINS - 1 }, (_, i) => sql`${(i + 1) / BINS}`),
    ', ',
  );
  const each = columns.flatMap((column, i) => {
    const c = sql`${ident(column)}::float8`;
    return [
      sql`percentile_disc(ARRAY[${shares}]::float8[]) WITHIN GROUP (ORDER BY ${c}) AS ${ident(`b${i}`)}`,
      sql`max(${c}) AS ${ident(`m${i}`)}`,
    ];
  });
  const [found = {}] = yield* query<Record<string, number[] | number | null>>(
    sql`SELECT ${joinSql(each, ', ')} ${fromInput(input)} WHERE ${where}`,
  );
  return new Map(
    columns.map((column, i) => {
      const bounds = (found[`b${i}`] ?? []) as number[];
      const isCut = (bound: number) => Number.isFinite(bound) && bound !== found[`m${i}`];
      return [column, [...new Set(bounds)].filter(isCut)];
    }),
  );
}

/** Number of the bin by halving: five comparisons for 32 bins. */
function binOf(value: Sql, bounds: readonly number[], first: number): Sql {
  if (bounds.length === 0) return sql`${first}`;
  const middle = Math.floor(bounds.length / 2);
  const below = binOf(value, bounds.slice(0, middle), first);
  const above = binOf(value, bounds.slice(middle + 1), first + middle + 1);
  return sql`CASE WHEN ${value} <= ${exact(bounds[middle] ?? 0)} THEN ${below} ELSE ${above} END`;
}

function oneOf(column: string, values: readonly string[]): Sql {
  const cases = values.map((value, i) => sql`WHEN ${value} THEN ${i}`);
  return sql`CASE ${ident(column)}::text ${joinSql(cases, ' ')} END`;
}
