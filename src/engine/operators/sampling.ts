import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import { OperatorFailed, type Relation } from '../flow-plan.js';
import { allNames, attributeOf, fromInput } from './input-columns.js';

const SIZES = { Percentage: 'percent', ROW: 'rows' } as const;
export const RANKED = ident('pg_temp', 'alp_ranked');
const RANK = ident('alp_rank');
const [FIRST, SIZE] = [ident('alp_first'), ident('alp_size')];

export interface Sampling {
  readonly sizes: readonly number[];
  readonly sizeType: 'percent' | 'rows';
  /** 0 to 1; null: none. */
  readonly seed: number | null;
  readonly consistent: boolean;
  readonly keys: readonly string[];
  readonly replacement: boolean;
  readonly disjoint: boolean;
  /** Column each of whose values has its share of every sample; null: rows are drawn whatever they are. */
  readonly stratum: string | null;
}

export function samplingOf(node: NodeReader, stratum: string | null): Sampling {
  const count = node.integer('sampleCount', 1, 1, 100);
  const sizeType = node.choice('sampleSizeType', SIZES, 'percent');
  const sizes = sizesOf(node, count, sizeType);
  const seed = node.text('randomSeed') === null ? null : node.decimal('randomSeed', 0, 0, 1);
  const disjoint = node.yesNo('disjoint', false);
  const replacement = node.yesNo('replacement', false);
  if (disjoint && replacement)
    node.problem('disjoint', 'samples cannot be disjoint when rows may repeat ("replacement")');
  if (disjoint && sizeType === 'percent' && sizes.reduce((sum, size) => sum + size, 0) > 100 + 1e-9)
    node.problem('SampleSizeModel', 'disjoint samples cannot have more than 100 percent together');
  const consistent = node.yesNo('consistent', false);
  return {
    sizes,
    sizeType,
    seed,
    consistent,
    keys: node.columns('keyColumnList'),
    replacement,
    disjoint,
    stratum,
  };
}

function sizesOf(node: NodeReader, count: number, sizeType: Sampling['sizeType']): number[] {
  const model = node.requiredModel('SampleSizeModel');
  if (model === null) return [];
  // `<sampleSizes sampleSize="10"/>` for each in real files; an element around them has children, and no size itself.
  const listed = node.elements(/^sampleSizes?$/i).flatMap(({ attributes, text, children }) => {
    const size = attributeOf(attributes, 'sampleSize', 'size', 'value') ?? text;
    return size === '' && children.length > 0 ? [] : [size];
  });
  const texts =
    listed.length > 0 ? listed : attributeOf(model.attributes, 'sampleSizes')?.split(',');
  if (texts === undefined) {
    node.missing('SampleSizeModel', 'element "SampleSizeModel" has no sizes');
    return [];
  }
  const sizes = texts.map((text) => Number(text.trim() === '' ? NaN : text));
  const most = sizeType === 'percent' ? 100 : Number.MAX_SAFE_INTEGER;
  if (sizes.length < count)
    node.problem('SampleSizeModel', `${count} samples need ${count} sizes; it has ${sizes.length}`);
  for (const [i, size] of sizes.entries())
    if (!(size >= 0 && size <= most) || (sizeType === 'rows' && !Number.isInteger(size)))
      node.problem(
        'SampleSizeModel',
        `size "${texts[i] ?? ''}" is not a ${sizeType === 'percent' ? 'percentage' : 'number of rows'}`,
      );
  return sizes.slice(0, count);
}

/** Ranks from (exclusive) and to of each sample; disjoint ones are slices that follow each other. */
export function boundsOf(operator: string, sampling: Sampling, total: number): [number, number][] {
  const { sizes, sizeType, disjoint, replacement } = sampling;
  const sum = sizes.reduce((all, size) => all + size, 0);
  if (disjoint && sizeType === 'rows' && sum > total)
    throw new OperatorFailed(
      operator,
      `disjoint samples of ${sum} rows need more than the ${total} there are`,
    );
  let before = 0;
  return sizes.map((size) => {
    const start = disjoint ? before : 0;
    before = start + size;
    const rank = (edge: number) =>
      sizeType === 'percent' ? Math.round((total * edge) / 100) : edge;
    const to = rank(before);
    return [rank(start), replacement ? to : Math.min(to, total)];
  });
}

/**
 * Numbers the rows in a random order. A consistent one depends on the rows and the seed alone: `setseed` is meaningless
 * on a distributed database. With strata each of them is numbered by itself first, and all are then ordered by how far
 * into their own they are: so any part of the order has them in their proportions, and as many rows as it should.
 */
export function ranked(input: Relation, sampling: Sampling, sample: number): Sql {
  const { consistent, seed, keys, stratum, replacement } = sampling;
  const salt = saltOf(seed, sample);
  const key = joinSql(
    keys.map((name) => sql`coalesce(alp_row.${ident(name)}::text, '')`),
    ` || '|' || `,
  );
  const byKey = keys.length === 0 ? sql`` : sql`md5(${salt} || ${key}), `;
  const order = consistent ? sql`${byKey}md5(${salt} || alp_row::text)` : sql`random()`;
  const rows = sql`${fromInput(input)} AS alp_row`;
  const create = sql`CREATE TEMP TABLE alp_ranked ON COMMIT DROP AS\n`;
  if (stratum === null)
    return sql`${create}SELECT alp_row.*, row_number() OVER (ORDER BY ${order}) AS ${RANK}\n${rows}`;
  const c = sql`alp_row.${ident(stratum)}`;
  const numbered = sql`SELECT alp_row.*, row_number() OVER (PARTITION BY ${c} ORDER BY ${order}) AS alp_within, count(*) OVER (PARTITION BY ${c}) AS ${SIZE}\n${rows}`;
  if (!replacement) {
    const share = sql`(alp_within - 0.5) / ${SIZE}, ${SIZE}, ${ident(stratum)}`;
    return sql`${create}SELECT ${allNames(input)}, row_number() OVER (ORDER BY ${share}) AS ${RANK}\nFROM (${numbered}) AS s`;
  }
  // Stratum by stratum, and where each begins: so that a row of the same one can be drawn.
  const together = sql`row_number() OVER (ORDER BY ${ident(stratum)}, alp_within)`;
  return sql`${create}SELECT s.*, ${RANK} - alp_within + 1 AS ${FIRST}\nFROM (SELECT s.*, ${together} AS ${RANK} FROM (${numbered}) AS s) AS s`;
}

/** Samples of one seed are not the same. */
function saltOf(seed: number | null, sample: number): string {
  return `${seed ?? 0}|${sample}|`;
}

/** From 0 to below 1, for draw `i`. A consistent one is a hash, for the reason that the order is. */
function chance({ consistent, seed }: Sampling, sample: number): Sql {
  return consistent
    ? sql`('x' || substr(md5(${saltOf(seed, sample)} || i::text), 1, 12))::bit(48)::bigint / 281474976710656.0`
    : sql`random()`;
}

/** The rows of one sample, by its bounds in the order. */
export function sampleOf(
  input: Relation,
  sampling: Sampling,
  sample: number,
  total: number,
  [from, to]: readonly [number, number],
): Sql {
  const { replacement, stratum } = sampling;
  if (!replacement)
    return sql`SELECT ${allNames(input)}\nFROM ${RANKED}\nWHERE ${RANK} > ${from} AND ${RANK} <= ${to}`;
  const columns = joinSql(
    input.columns.map(({ name }) => sql`r.${ident(name)}`),
    ', ',
  );
  const size = total === 0 ? 0 : to - from;
  const series = sql`generate_series(1, ${size}) AS i`;
  const drawnOf = (rows: Sql) => sql`floor(${chance(sampling, sample)} * ${rows})::bigint`;
  // Rows may repeat. Of strata, each has as many draws as its share.
  const drawn =
    stratum === null
      ? sql`SELECT 1 + ${drawnOf(sql`${total}`)} AS drawn FROM ${series}`
      : sql`SELECT s.${FIRST} + ${drawnOf(sql`s.${SIZE}`)} AS drawn FROM ${series} JOIN ${RANKED} AS s ON s.${RANK} = 1 + floor((i - 0.5) * ${total} / ${Math.max(size, 1)})::bigint`;
  return sql`SELECT ${columns}\nFROM (${drawn}) AS d\nJOIN ${RANKED} AS r ON r.${RANK} = d.drawn`;
}
