import { repeated } from '../../common/repeated.js';
import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import { OperatorFailed, type Relation } from '../flow-plan.js';
import {
  assertClass,
  assertColumns,
  columnsOf,
  fromInput,
  names,
  onlyInput,
} from './input-columns.js';
import { assertFinite, exact, present } from './models/features.js';
import { eigenvectors, symmetric } from './models/linear-algebra.js';
import { warnSkipped } from './models/training.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { type Procedure, query, warn } from './procedure.js';
import { readOutput } from './read-output.js';
import { number, type Report, tableReport } from './report.js';
import { storeAndShow } from './store.js';

const KINDS = {
  'COV-SAM': 'sample',
  Covariance: 'sample',
  'COV-POP': 'population',
  CORR: 'correlation',
  Correlation: 'correlation',
} as const;
const MAX_COLUMNS = 200;
/** Components with less of the first one's variance are noise of the arithmetic. */
const NOISE = 1e-12;

type Kind = (typeof KINDS)[keyof typeof KINDS];

interface Analysis {
  readonly columns: readonly string[];
  readonly means: readonly number[];
  /** What values are divided by: their deviations, or 1. */
  readonly scales: readonly number[];
  readonly matrix: readonly (readonly number[])[];
}

interface Component {
  readonly variance: number;
  /** Weight of each column; the largest is positive, for else the sign would be a matter of chance. */
  readonly loadings: readonly number[];
}

/** Turns numeric columns into uncorrelated ones, the most spread first (operators.md 2.8). */
export const PCA: OperatorKind = {
  title: 'PCA',
  description: 'Turns columns into uncorrelated components, the most spread first.',
  types: ['pca'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const columns = columnsToAnalyse(node);
    const kind = node.choice<Kind>('analysisType', KINDS, 'sample');
    const percent = node.decimal('percent', 100, 0, 100);
    const most = node.integer('components', MAX_COLUMNS, 1, MAX_COLUMNS);
    const remaining = node.columns('remainColumns');
    const output = readOutput(node);
    return {
      does: 'procedure',
      outputs: [output],
      *run({ data }, context) {
        const input = onlyInput(data);
        assertClass(node.name, columnsOf(node.name, input, columns), ['numeric']);
        assertColumns(node.name, input, remaining);
        const kept = remaining.length > 0 ? remaining : input.columns.map(({ name }) => name);
        const analysis = yield* analyse(node.name, input, columns, kind);
        const all = componentsOf(analysis.matrix);
        const components = chosen(all, percent, most);
        const shown = components.map((_, i) => `PC${i + 1}`);
        const taken = shown.filter((name) => kept.includes(name));
        if (taken.length > 0)
          throw new OperatorFailed(
            node.name,
            `the input has a column "${taken.join('", "')}" already`,
          );
        const values = components.map(
          (component, i) => sql`${valueSql(analysis, component)} AS ${ident(shown[i] ?? '')}`,
        );
        const select = sql`SELECT ${joinSql([names(kept), ...values], ', ')}\n${fromInput(input)}`;
        const stored = yield* storeAndShow(context, output, select);
        return {
          delivery: stored.delivery,
          report: {
            kind: 'composite',
            parts: [
              { title: 'Explained Variance', report: explained(all, components.length) },
              { title: 'Components', report: loadingTable(analysis.columns, components) },
              { title: output.table, report: stored.report },
            ],
          },
          rowCount: stored.rowCount,
        };
      },
    };
  },
};

function columnsToAnalyse(node: NodeReader): string[] {
  const columns = node.requiredColumns('columnNames');
  for (const name of repeated(columns))
    node.problem('columnNames', `column "${name}" is there twice`);
  if (columns.length > MAX_COLUMNS)
    node.problem('columnNames', `more than ${MAX_COLUMNS} columns are not supported`);
  return columns;
}

/** Means first and then centred products: one pass would lose the digits that matter. */
function* analyse(
  operator: string,
  input: Relation,
  columns: readonly string[],
  kind: Kind,
): Procedure<Analysis> {
  const where = present(columns);
  const each = (fn: Sql) =>
    joinSql(
      columns.map((column) => sql`${fn}(${ident(column)}::float8)`),
      ', ',
    );
  const [found] = yield* query<{
    total: string;
    n: string;
    means: (number | null)[];
    deviations: (number | null)[];
  }>(
    sql`SELECT (SELECT count(*) ${fromInput(input)}) AS total, count(*) AS n, ARRAY[${each(sql`avg`)}]::float8[] AS means, ARRAY[${each(sql`stddev_samp`)}]::float8[] AS deviations ${fromInput(input)} WHERE ${where}`,
  );
  const n = Number(found?.n ?? 0);
  yield* warnSkipped(Number(found?.total ?? 0), n);
  if (n < 2) throw new OperatorFailed(operator, `${n} rows are too few to be spread`);
  assertFinite(found?.deviations ?? []);
  const varying = columns.flatMap((_, i) => ((found?.deviations[i] ?? 0) > 0 ? [i] : []));
  if (varying.length === 0) throw new OperatorFailed(operator, 'all columns are constant');
  if (varying.length < columns.length)
    yield* warn(
      `dropped as constant: ${columns.filter((_, i) => !varying.includes(i)).join(', ')}`,
    );
  const used = varying.map((i) => columns[i] ?? '');
  const means = varying.map((i) => found?.means[i] ?? 0);
  const scales = varying.map((i) => (kind === 'correlation' ? (found?.deviations[i] ?? 1) : 1));
  const centred = used.map(
    (_, i) => sql`${scaled({ columns: used, means, scales }, i)} AS ${ident(`x${i}`)}`,
  );
  const x = used.map((_, i) => ident(`x${i}`));
  const upper = x.flatMap((a, i) => x.slice(i).map((b) => sql`sum(${a} * ${b})`));
  const [products] = yield* query<{ products: number[] }>(
    sql`SELECT ARRAY[${joinSql(upper, ', ')}]::float8[] AS products FROM (SELECT ${joinSql(centred, ', ')} ${fromInput(input)} WHERE ${where}) AS t`,
  );
  const divisor = kind === 'population' ? n : n - 1;
  const matrix = symmetric(
    used.length,
    (products?.products ?? []).map((value) => value / divisor),
  );
  return { columns: used, means, scales, matrix };
}

function scaled({ columns, means, scales }: Omit<Analysis, 'matrix'>, i: number): Sql {
  const apart = sql`(${ident(columns[i] ?? '')}::float8 - ${exact(means[i] ?? 0)})`;
  return scales[i] === 1 ? apart : sql`${apart} / ${exact(scales[i] ?? 1)}`;
}

function componentsOf(matrix: Analysis['matrix']): Component[] {
  return eigenvectors(matrix).map(({ value, vector }) => {
    const largest = vector.reduce((a, b) => (Math.abs(b) > Math.abs(a) + 1e-9 ? b : a), 0);
    const sign = largest < 0 ? -1 : 1;
    return { variance: Math.max(0, value), loadings: vector.map((weight) => weight * sign) };
  });
}

/** As many as make up the percentage of the variance. */
function chosen(all: readonly Component[], percent: number, most: number): Component[] {
  const whole = totalOf(all);
  const first = all[0]?.variance ?? 0;
  let sum = 0;
  return all.filter(({ variance }, i) => {
    const isWanted = i === 0 || (sum < (whole * percent) / 100 && variance > first * NOISE);
    sum += variance;
    return isWanted && i < most;
  });
}

function totalOf(components: readonly Component[]): number {
  return components.reduce((sum, { variance }) => sum + variance, 0);
}

/** NULL when a column is. */
function valueSql(analysis: Analysis, { loadings }: Component): Sql {
  const terms = loadings.map((weight, i) => sql`${exact(weight)} * ${scaled(analysis, i)}`);
  return joinSql(terms, ' + ');
}

function explained(all: readonly Component[], kept: number): Report {
  const whole = totalOf(all);
  let sum = 0;
  return tableReport(
    ['Component', ...['Variance', 'Proportion', 'Cumulative'].map(number), 'Kept'],
    all.map(({ variance }, i) => {
      sum += variance;
      return [`PC${i + 1}`, variance, variance / whole, sum / whole, i < kept ? 'true' : 'false'];
    }),
  );
}

function loadingTable(columns: readonly string[], components: readonly Component[]): Report {
  return tableReport(
    ['Attribute', ...components.map((_, i) => number(`PC${i + 1}`))],
    columns.map((column, i) => [column, ...components.map(({ loadings }) => loadings[i] ?? 0)]),
  );
}
