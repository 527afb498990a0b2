import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import { OperatorFailed, type OutputTarget, type Relation } from '../flow-plan.js';
import { allNames, assertColumns, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { execute, query } from './procedure.js';
import { readOutput } from './read-output.js';
import type { CompositeReport } from './report.js';
import { storeAndShow } from './store.js';

const SIZES = { Percentage: 'percent', ROW: 'rows' } as const;
const RANKED = ident('pg_temp', 'alp_ranked');
const RANK = ident('alp_rank');

interface Sampling {
  readonly sizes: readonly number[];
  readonly sizeType: 'percent' | 'rows';
  /** 0 to 1; null: none. */
  readonly seed: number | null;
  readonly consistent: boolean;
  readonly keys: readonly string[];
  readonly replacement: boolean;
  readonly disjoint: boolean;
}

/** Draws one or more samples of rows (operators.md 1.6): one ranked pass, then a table per sample. */
export const RANDOM_SAMPLING: OperatorKind = {
  title: 'Random Sampling',
  description: 'Draws random samples of rows.',
  types: ['randomsampling'],
  inputs: ONE_DATA_SET,
  delivers: 'samples',
  read(node) {
    const sampling = samplingOf(node);
    const base = readOutput(node, { always: 'TABLE', suffixBytes: 4 });
    const outputs = sampling.sizes.map((_, i): OutputTarget => ({
      ...base,
      table: `${base.table}_${i}`,
    }));
    return {
      does: 'procedure',
      outputs,
      *run({ data }, context) {
        const input = onlyInput(data);
        assertColumns(node.name, input, sampling.keys);
        const [counted] = yield* query<{ n: string }>(
          sql`SELECT count(*) AS n ${fromInput(input)}`,
        );
        const total = Number(counted?.n ?? 0);
        const bounds = boundsOf(node.name, sampling, total);
        const samples: Relation[] = [];
        const parts: CompositeReport['parts'][number][] = [];
        let rows = 0;
        if (sampling.seed !== null && !sampling.consistent)
          yield* query(sql`SELECT setseed(${sampling.seed})`);
        for (const [i, output] of outputs.entries()) {
          if (i === 0 || !sampling.disjoint) {
            if (i > 0) yield* execute(sql`DROP TABLE ${RANKED}`);
            yield* execute(ranked(input, sampling, sampling.disjoint ? 0 : i));
          }
          const [from, to] = bounds[i] ?? [0, 0];
          const select = sampling.replacement
            ? drawn(input, total, to - from)
            : sql`SELECT ${allNames(input)}\nFROM ${RANKED}\nWHERE ${RANK} > ${from} AND ${RANK} <= ${to}`;
          const stored = yield* storeAndShow(context, output, select);
          if (stored.delivery.kind === 'data') samples.push(stored.delivery.relation);
          rows += stored.rowCount ?? 0;
          parts.push({ title: output.table, report: stored.report });
        }
        yield* execute(sql`DROP TABLE ${RANKED}`);
        return {
          delivery: { kind: 'samples', samples },
          report: { kind: 'composite', parts },
          rowCount: rows,
        };
      },
    };
  },
};

function samplingOf(node: NodeReader): Sampling {
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
  };
}

function sizesOf(node: NodeReader, count: number, sizeType: Sampling['sizeType']): number[] {
  const model = node.requiredModel('SampleSizeModel');
  if (model === null) return [];
  const listed = node
    .elements(/^sampleSize$/i)
    .map(({ attributes, text }) => attributes['size'] ?? attributes['value'] ?? text);
  const texts = listed.length > 0 ? listed : (model.attributes['sampleSizes'] ?? '').split(',');
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
function boundsOf(operator: string, sampling: Sampling, total: number): [number, number][] {
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
 * on a distributed database.
 */
function ranked(input: Relation, { consistent, seed, keys }: Sampling, sample: number): Sql {
  const salt = `${seed ?? 0}|${sample}|`;
  const key = joinSql(
    keys.map((name) => sql`coalesce(alp_row.${ident(name)}::text, '')`),
    ` || '|' || `,
  );
  const byKey = keys.length === 0 ? sql`` : sql`md5(${salt} || ${key}), `;
  const order = consistent ? sql`${byKey}md5(${salt} || alp_row::text)` : sql`random()`;
  return sql`CREATE TEMP TABLE alp_ranked ON COMMIT DROP AS\nSELECT alp_row.*, row_number() OVER (ORDER BY ${order}) AS ${RANK}\n${fromInput(input)} AS alp_row`;
}

/** Rows that may repeat. */
function drawn(input: Relation, total: number, size: number): Sql {
  const columns = joinSql(
    input.columns.map(({ name }) => sql`r.${ident(name)}`),
    ', ',
  );
  return sql`SELECT ${columns}\nFROM (SELECT 1 + floor(random() * ${total})::bigint AS drawn FROM generate_series(1, ${total === 0 ? 0 : size})) AS d\nJOIN ${RANKED} AS r ON r.${RANK} = d.drawn`;
}
