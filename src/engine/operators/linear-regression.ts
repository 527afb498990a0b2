import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import { OperatorFailed, type Relation } from '../flow-plan.js';
import { assertClass, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { studentP } from './models/distributions.js';
import { exact, featureSql, featuresOf, present } from './models/features.js';
import {
  dot,
  independentColumns,
  invert,
  multiply,
  submatrix,
  symmetric,
} from './models/linear-algebra.js';
import type { Feature, LinearModel, ModelPart } from './models/model.js';
import { chooseFeatures, type Fit } from './models/stepwise.js';
import {
  readTraining,
  type Split,
  splitsOf,
  type Training,
  warnSkipped,
} from './models/training.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { type Procedure, query, warn } from './procedure.js';
import { figure, number, type Report, type TableReport, tableReport } from './report.js';

/** Counts, means and centred sums: all that least squares needs of the rows. */
interface Sums {
  readonly n: number;
  readonly means: readonly number[];
  readonly meanY: number;
  readonly sxx: number[][];
  readonly sxy: readonly number[];
  readonly syy: number;
}

interface LinearFit extends Fit {
  readonly features: readonly Feature[];
  /** The intercept first. */
  readonly coefficients: readonly number[];
  readonly standardErrors: readonly number[];
  readonly rows: number;
  readonly sse: number;
  readonly syy: number;
}

/** Ordinary least squares (operators.md 2.2): two queries, the rest is a small system of equations. */
export const LINEAR_REGRESSION: OperatorKind = {
  title: 'Linear Regression',
  description: 'Models a number as a linear combination of columns.',
  types: ['linearregression'],
  inputs: ONE_DATA_SET,
  delivers: 'model',
  read(node) {
    const training = readTraining(node);
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        const parts: ModelPart[] = [];
        const reports: { title: string; report: Report }[] = [];
        assertClass(node.name, columnsOf(node.name, input, [training.dependent]), ['numeric']);
        for (const split of yield* splitsOf(node.name, input, training.splitBy)) {
          const fit = yield* train(node.name, input, training, split);
          const title = split.when === null ? '' : `${split.when.value}: `;
          parts.push({ when: split.when, features: fit.features, coefficients: fit.coefficients });
          reports.push(
            { title: `${title}Summary`, report: summary(fit) },
            { title: `${title}Data`, report: coefficients(fit) },
          );
        }
        const model: LinearModel = {
          kind: 'linear',
          name: node.name,
          dependent: training.dependent,
          parts,
        };
        return {
          delivery: { kind: 'model', model },
          report: { kind: 'composite', parts: reports },
          rowCount: null,
        };
      },
    };
  },
};

function* train(
  operator: string,
  input: Relation,
  training: Training,
  split: Split,
): Procedure<LinearFit> {
  const where = sql`${split.where} AND ${present([training.dependent, ...training.columns])}`;
  const features = yield* featuresOf(operator, input, training.columns, where);
  const sums = yield* sumsOf(operator, input, features, { ...training, split, where });
  const independent = independentColumns(sums.sxx);
  const dropped = features.filter((_, i) => !independent.includes(i));
  if (dropped.length > 0)
    yield* warn(
      `dropped as constant or a combination of others: ${dropped.map(({ name }) => name).join(', ')}`,
    );
  const fit = (chosen: readonly number[]) => solve(features, sums, chosen);
  if (training.stepwise === null) {
    const all = fit(independent);
    if (all === null) throw new OperatorFailed(operator, 'the features cannot be told apart');
    return all;
  }
  const found = yield* chooseFeatures(independent.length, training.stepwise, function* (indexes) {
    const one = fit(indexes.map((i) => independent[i] ?? 0));
    yield* [];
    const by = new Map(indexes.map((i) => [i, one?.pValues.get(independent[i] ?? 0) ?? 1]));
    return one && { ...one, pValues: by };
  });
  if (found === null) throw new OperatorFailed(operator, 'the features cannot be told apart');
  return found.fit;
}

function* sumsOf(
  operator: string,
  input: Relation,
  features: readonly Feature[],
  {
    dependent,
    split,
    where,
  }: { readonly dependent: string; readonly split: Split; readonly where: Sql },
): Procedure<Sums> {
  const y = sql`${ident(dependent)}::float8`;
  const values = features.map(featureSql);
  const averages = joinSql(
    values.map((value) => sql`avg(${value})`),
    ', ',
  );
  // The average of equal values need not be that value: what is left of them would look like a spread.
  const meanOfY = sql`CASE WHEN min(${y}) = max(${y}) THEN min(${y}) ELSE avg(${y}) END`;
  const [first] = yield* query<{
    total: string;
    n: string;
    means: (number | null)[];
    y: number | null;
  }>(
    sql`SELECT (SELECT count(*) ${fromInput(input)} WHERE ${split.where}) AS total, count(*) AS n, ARRAY[${averages}]::float8[] AS means, ${meanOfY} AS y ${fromInput(input)} WHERE ${where}`,
  );
  const n = Number(first?.n ?? 0);
  yield* warnSkipped(Number(first?.total ?? 0), n);
  if (n <= features.length + 1)
    throw new OperatorFailed(operator, `${n} rows are too few for ${features.length} features`);
  const means = features.map((_, i) => first?.means[i] ?? 0);
  const meanY = first?.y ?? 0;
  const centred = values.map(
    (value, i) => sql`${value} - ${exact(means[i] ?? 0)} AS ${ident(`x${i}`)}`,
  );
  const x = features.map((_, i) => ident(`x${i}`));
  const upper = x.flatMap((a, i) => x.slice(i).map((b) => sql`sum(${a} * ${b})`));
  const withY = x.map((a) => sql`sum(${a} * y)`);
  const [second] = yield* query<{ sxx: number[]; sxy: number[]; syy: number }>(
    sql`SELECT ARRAY[${joinSql(upper, ', ')}]::float8[] AS sxx, ARRAY[${joinSql(withY, ', ')}]::float8[] AS sxy, sum(y * y) AS syy FROM (SELECT ${joinSql([...centred, sql`${y} - ${exact(meanY)} AS y`], ', ')} ${fromInput(input)} WHERE ${where}) AS t`,
  );
  if (second === undefined) throw new Error('an aggregate gave no row');
  const { sxx, sxy, syy } = second;
  return { n, means, meanY, sxx: symmetric(features.length, sxx), sxy, syy };
}

function solve(all: readonly Feature[], sums: Sums, chosen: readonly number[]): LinearFit | null {
  const inverse = chosen.length === 0 ? [] : invert(submatrix(sums.sxx, chosen));
  if (inverse === null) return null;
  const sxy = chosen.map((i) => sums.sxy[i] ?? 0);
  const means = chosen.map((i) => sums.means[i] ?? 0);
  const slopes = multiply(inverse, sxy);
  const sse = Math.max(0, sums.syy - dot(slopes, sxy));
  const size = chosen.length + 1;
  const variance = sse / (sums.n - size);
  const interceptError = Math.sqrt(variance * (1 / sums.n + dot(means, multiply(inverse, means))));
  const coefficients = [sums.meanY - dot(slopes, means), ...slopes];
  const standardErrors = [
    interceptError,
    ...inverse.map((row, i) => Math.sqrt(variance * (row[i] ?? 0))),
  ];
  // Where there is nothing to explain, a criterion weighs the number of features alone.
  const deviance = sums.syy === 0 ? 0 : sums.n * Math.log(sse / sums.n);
  const degrees = sums.n - size;
  const p = (i: number) => studentP((slopes[i] ?? 0) / (standardErrors[i + 1] ?? NaN), degrees);
  return {
    features: chosen.flatMap((i) => all[i] ?? []),
    coefficients,
    standardErrors,
    rows: sums.n,
    sse,
    syy: sums.syy,
    aic: deviance + 2 * size,
    sbc: deviance + size * Math.log(sums.n),
    // One that is undefined is none to choose a feature for.
    pValues: new Map(chosen.map((index, i) => [index, figure(p(i)) ?? 1])),
  };
}

function summary({ rows, sse, syy, features }: LinearFit): TableReport {
  const size = features.length + 1;
  // A constant dependent column has no variance to explain.
  const r2 = syy === 0 ? null : 1 - sse / syy;
  return tableReport(
    ['Statistic', number('Value')],
    [
      ['R2', r2],
      ['Adjusted R2', r2 === null ? null : 1 - ((1 - r2) * (rows - 1)) / (rows - size)],
      ['Standard error', Math.sqrt(sse / (rows - size))],
      ['Residual sum of squares', sse],
      ['Degrees of freedom', rows - size],
      ['Rows used', rows],
    ],
  );
}

function coefficients(fit: LinearFit): TableReport {
  const degrees = fit.rows - fit.coefficients.length;
  return tableReport(
    ['Attribute', ...['Coefficient', 'Standard Error', 'T-value', 'P-value'].map(number)],
    ['Intercept', ...fit.features.map(({ name }) => name)].map((name, i) => {
      const value = fit.coefficients[i] ?? NaN;
      const error = fit.standardErrors[i] ?? NaN;
      const t = value / error;
      return [name, value, error, figure(t), figure(studentP(t, degrees))];
    }),
  );
}
