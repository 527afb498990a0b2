import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import { OperatorFailed, type OutputTarget, type Relation } from '../flow-plan.js';
import { assertClass, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { present } from './models/features.js';
import type { ClusterModel } from './models/model.js';
import { distanceSql, nearestSql, scoredSelect, scoringOf } from './models/scoring.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { execute, type Procedure, progress, query, warn } from './procedure.js';
import { readOutput } from './read-output.js';
import { named, number, type Report, tableReport } from './report.js';
import { storeAndShow } from './store.js';

/** Rows from which the first centres are drawn. */
const SEED_ROWS = 10_000;
const MOVED = 1e-6;
const MAX_CLUSTERS = 200;
const EUCLIDEAN = { Euclidean: true } as const;
const SEEDS = ident('pg_temp', 'alp_seeds');

interface Shape {
  readonly input: Relation;
  readonly columns: readonly string[];
  readonly weights: readonly number[];
  readonly where: Sql;
}

interface Cluster {
  readonly count: number;
  readonly center: readonly number[];
  readonly within: number;
}

/** Lloyd's algorithm, one query per iteration; first centres by k-means++ on a sample (operators.md 2.3). */
export const K_MEANS: OperatorKind = {
  title: 'K-Means',
  description: 'Finds clusters of similar rows.',
  types: ['kmeans', 'kmeanscluster'],
  inputs: ONE_DATA_SET,
  delivers: 'model',
  read(node) {
    const columns = node.requiredColumns('columnNames');
    const key = node.text('k') === null ? 'clusterNumber' : 'k';
    if (node.text(key) === null) node.required('k');
    const k = node.integer(key, 2, 1, MAX_CLUSTERS);
    const maxIterations = node.integer('max_generations', 10, 1, 10_000);
    const standardise = node.yesNo('standardize', false);
    const seed = node.text('randomSeed') ?? '0';
    node.choice('distance', EUCLIDEAN, true);
    const output: OutputTarget | null =
      node.text('outputTable', 'resultTableName') === null ? null : readOutput(node);
    return {
      does: 'procedure',
      outputs: output === null ? [] : [output],
      *run({ data }, context) {
        const input = onlyInput(data);
        assertClass(node.name, columnsOf(node.name, input, columns), ['numeric']);
        const where = present(columns);
        const weights = yield* weightsOf(node.name, { input, columns, where, standardise, k });
        const shape = { input, columns, weights, where };
        let centers = yield* firstCenters(node.name, shape, k, seed);
        let clusters: Cluster[] = [];
        let iterations = 0;
        let moved = Infinity;
        while (iterations < maxIterations && moved >= MOVED) {
          iterations += 1;
          clusters = yield* assign(shape, centers);
          const before = centers;
          centers = clusters.map(({ center }) => center);
          moved = Math.max(...centers.map((center, i) => distance(center, before[i] ?? [])));
          const within = clusters.reduce((sum, one) => sum + one.within, 0);
          yield* progress(
            `iteration ${iterations}: within sum of squares ${within.toPrecision(8)}`,
          );
        }
        if (moved >= MOVED) yield* warn(`not converged after ${iterations} iterations`);
        clusters = (yield* assign(shape, centers)).map((one, i) => ({
          ...one,
          center: centers[i] ?? one.center,
        }));
        const model: ClusterModel = { kind: 'kmeans', name: node.name, columns, weights, centers };
        const parts: { title: string; report: Report }[] = [
          { title: 'Summary', report: summary(clusters, iterations) },
          { title: 'Centers', report: centerTable(columns, clusters) },
        ];
        let rowCount: number | null = null;
        if (output !== null) {
          const stored = yield* storeAndShow(context, output, labelled(input, model));
          parts.push({ title: output.table, report: stored.report });
          ({ rowCount } = stored);
        }
        return {
          delivery: { kind: 'model', model },
          report: { kind: 'composite', parts },
          rowCount,
        };
      },
    };
  },
};

function* weightsOf(
  operator: string,
  {
    input,
    columns,
    where,
    standardise,
    k,
  }: Pick<Shape, 'input' | 'columns' | 'where'> & {
    readonly standardise: boolean;
    readonly k: number;
  },
): Procedure<number[]> {
  const variances = columns.map((name) => sql`var_pop(${ident(name)}::float8)`);
  const [found] = yield* query<{ n: string; total: string; variances: (number | null)[] }>(
    sql`SELECT count(*) AS n, (SELECT count(*) ${fromInput(input)}) AS total, ARRAY[${joinSql(variances, ', ')}]::float8[] AS variances ${fromInput(input)} WHERE ${where}`,
  );
  const [n, total] = [Number(found?.n ?? 0), Number(found?.total ?? 0)];
  if (n < k) throw new OperatorFailed(operator, `${n} rows are too few for ${k} clusters`);
  if (n < total) yield* warn(`${total - n} of ${total} rows are skipped: a value is missing`);
  return columns.map((_, i) => {
    const variance = found?.variances[i] ?? 0;
    return standardise && variance > 0 ? 1 / variance : 1;
  });
}

/** k-means++: each next centre is a row drawn with the square of its distance as weight, by a hash instead of chance. */
function* firstCenters(
  operator: string,
  { input, columns, weights, where }: Shape,
  k: number,
  seed: string,
): Procedure<(readonly number[])[]> {
  const xs = columns.map((name, i) => sql`${ident(name)}::float8 AS ${ident(`x${i}`)}`);
  const values = joinSql(
    columns.map((_, i) => ident(`x${i}`)),
    ', ',
  );
  yield* execute(
    sql`CREATE TEMP TABLE alp_seeds ON COMMIT DROP AS SELECT ${joinSql(xs, ', ')}, row_number() OVER (ORDER BY md5(${seed} || alp_row::text)) AS alp_rank ${fromInput(input)} AS alp_row WHERE ${where} ORDER BY md5(${seed} || alp_row::text) LIMIT ${SEED_ROWS}`,
  );
  const centers: number[][] = [];
  for (let i = 0; i < k; i += 1) {
    const far = distances(columns, weights, centers);
    const chance = sql`(('x' || substr(md5(${`${seed}|${i}|`} || alp_rank::text), 1, 8))::bit(32)::bigint & 2147483647) / 2147483648.0`;
    const next =
      i === 0
        ? sql`SELECT ARRAY[${values}] AS center FROM ${SEEDS} ORDER BY alp_rank LIMIT 1`
        : sql`SELECT ARRAY[${values}] AS center FROM (SELECT s.*, ${far} AS d FROM ${SEEDS} AS s) AS s WHERE d > 0 ORDER BY -ln(greatest(${chance}, 1e-12)::float8) / d LIMIT 1`;
    const [found] = yield* query<{ center: number[] }>(next);
    if (found === undefined)
      throw new OperatorFailed(operator, `fewer than ${k} different rows: ${i} clusters at most`);
    centers.push(found.center);
    if (centers.length % 10 === 0) yield* progress(`${centers.length} of ${k} first centres`);
  }
  yield* execute(sql`DROP TABLE ${SEEDS}`);
  return centers;
}

function distances(
  columns: readonly string[],
  weights: readonly number[],
  centers: readonly (readonly number[])[],
): Sql {
  const xs = columns.map((_, i) => ident(`x${i}`));
  const each = centers.map((center) => distanceSql(xs, weights, center));
  return each.length === 0 ? sql`0` : sql`least(${joinSql(each, ', ')})`;
}

/** Averages of the rows nearest to each centre; an empty cluster gets the row farthest from its own. */
function* assign(
  { input, columns, weights, where }: Shape,
  centers: readonly (readonly number[])[],
): Procedure<Cluster[]> {
  const xs = columns.map((name, i) => sql`${ident(name)}::float8 AS ${ident(`x${i}`)}`);
  const names = columns.map((_, i) => ident(`x${i}`));
  const ds = centers.map(
    (center, i) => sql`${distanceSql(names, weights, center)} AS ${ident(`d${i}`)}`,
  );
  const labelled = sql`SELECT ${joinSql(names, ', ')}, ${nearestSql(centers.length)} AS c, least(${joinSql(
    centers.map((_, i) => ident(`d${i}`)),
    ', ',
  )}) AS d FROM (SELECT t.*, ${joinSql(ds, ', ')} FROM (SELECT ${joinSql(xs, ', ')} ${fromInput(input)} WHERE ${where}) AS t) AS t`;
  const averages = joinSql(
    names.map((name) => sql`avg(${name})`),
    ', ',
  );
  const found = yield* query<{ c: number; n: string; center: number[]; within: number }>(
    sql`SELECT c, count(*) AS n, ARRAY[${averages}] AS center, sum(d) AS within FROM (${labelled}) AS t GROUP BY c`,
  );
  const clusters: Cluster[] = [];
  let empty = 0;
  for (const [i] of centers.entries()) {
    const one = found.find(({ c }) => c === i);
    if (one !== undefined)
      clusters.push({ count: Number(one.n), center: one.center, within: one.within });
    else {
      const [far] = yield* query<{ center: number[] }>(
        sql`SELECT ARRAY[${joinSql(names, ', ')}] AS center FROM (${labelled}) AS t ORDER BY d DESC OFFSET ${empty} LIMIT 1`,
      );
      empty += 1;
      clusters.push({ count: 0, center: far?.center ?? centers[i] ?? [], within: 0 });
    }
  }
  return clusters;
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)));
}

function labelled(input: Relation, model: ClusterModel): Sql {
  const scoring = scoringOf(model, 0, '');
  const shown = scoring.shown.slice(0, 1).map(({ value }) => ({ name: 'cluster', value }));
  const columns = input.columns.map(({ name }) => name);
  return scoredSelect(ident(input.schema, input.table), columns, [{ ...scoring, shown }]);
}

function summary(clusters: readonly Cluster[], iterations: number): Report {
  return tableReport(
    ['Statistic', number('Value')],
    [
      ['Clusters', clusters.length],
      ['Iterations', iterations],
      ['Rows used', clusters.reduce((sum, { count }) => sum + count, 0)],
      ['Within sum of squares', clusters.reduce((sum, { within }) => sum + within, 0)],
    ],
  );
}

function centerTable(columns: readonly string[], clusters: readonly Cluster[]): Report {
  return tableReport(
    [
      'cluster',
      number('count'),
      number('withinSumOfSquares'),
      ...columns.map((name) => named(name, 'number')),
    ],
    clusters.map(({ count, within, center }, i) => [String(i), count, within, ...center]),
  );
}
