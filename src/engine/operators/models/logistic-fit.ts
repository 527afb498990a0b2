import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import type { Relation } from '../../flow-plan.js';
import { fromInput } from '../input-columns.js';
import { type Procedure, progress, query, warn } from '../procedure.js';
import { normalP } from './distributions.js';
import { exact, featureSql } from './features.js';
import {
  dot,
  independentColumns,
  invert,
  multiply,
  submatrix,
  symmetric,
} from './linear-algebra.js';
import type { Feature } from './model.js';

export interface LogisticFit {
  readonly features: readonly Feature[];
  /** The intercept first, in the units of the columns. */
  readonly coefficients: readonly number[];
  readonly standardErrors: readonly number[];
  readonly pValues: readonly number[];
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** A feature brought to mean 0 and deviation 1: keeps `exp` in bounds and the matrix well conditioned. */
export interface Standardised {
  readonly feature: Feature;
  readonly mean: number;
  readonly deviation: number;
}

export interface LogisticData {
  readonly input: Relation;
  /** Rows that are used. */
  readonly where: Sql;
  /** 1 for the class that is modelled, else 0. */
  readonly y: Sql;
}

interface Evaluated {
  readonly information: number[][];
  readonly gradient: readonly number[];
  readonly logLikelihood: number;
}

const MAX_HALVINGS = 20;

/** Iteratively re-weighted least squares, one aggregate query per iteration (operators.md 2.1). */
export function* fitLogistic(
  data: LogisticData,
  given: readonly Standardised[],
  limits: { readonly maxIterations: number; readonly epsilon: number; readonly title: string },
): Procedure<LogisticFit> {
  let used = given;
  let beta = new Array<number>(used.length + 1).fill(0);
  let before: { beta: number[]; logLikelihood: number } | null = null;
  let evaluated: Evaluated | null = null;
  let covariance: number[][] | null = null;
  let converged = false;
  let iterations = 0;
  let halvings = 0;
  while (iterations < limits.maxIterations && !converged) {
    iterations += 1;
    evaluated = yield* evaluate(data, used, beta);
    const { logLikelihood } = evaluated;
    yield* progress(
      `${limits.title}iteration ${iterations}: log-likelihood ${logLikelihood.toPrecision(8)}`,
    );
    if (iterations === 1) {
      const kept = independentColumns(evaluated.information);
      if (kept.length < beta.length) {
        const dropped = used.filter((_, i) => !kept.includes(i + 1));
        yield* warn(
          `dropped as a combination of others: ${dropped.map(({ feature }) => feature.name).join(', ')}`,
        );
        used = used.filter((_, i) => kept.includes(i + 1));
        evaluated = {
          information: submatrix(evaluated.information, kept),
          gradient: kept.map((i) => evaluated?.gradient[i] ?? 0),
          logLikelihood,
        };
        beta = kept.map(() => 0);
      }
    }
    if (before !== null && logLikelihood < before.logLikelihood - 1e-12 * Math.abs(logLikelihood)) {
      // Gone too far: half of the step.
      const from = before.beta;
      if (halvings >= MAX_HALVINGS) break;
      halvings += 1;
      beta = beta.map((value, i) => ((from[i] ?? 0) + value) / 2);
      continue;
    }
    const inverted = invert(evaluated.information);
    if (inverted === null) {
      yield* warn('the classes are separated: the coefficients have no finite best values');
      break;
    }
    covariance = inverted;
    converged = before !== null && Math.abs(logLikelihood - before.logLikelihood) < limits.epsilon;
    before = { beta, logLikelihood };
    const step = multiply(inverted, evaluated.gradient);
    beta = beta.map((value, i) => value + (step[i] ?? 0));
    halvings = 0;
  }
  if (!converged)
    yield* warn(
      `${limits.title}not converged after ${iterations} iterations; the classes may be separated`,
    );
  return described(used, beta, covariance, {
    logLikelihood: evaluated?.logLikelihood ?? NaN,
    iterations,
    converged,
  });
}

function* evaluate(
  { input, where, y }: LogisticData,
  used: readonly Standardised[],
  beta: readonly number[],
): Procedure<Evaluated> {
  const size = used.length + 1;
  const xs = used.map(
    ({ feature, mean, deviation }, i) =>
      sql`((${featureSql(feature)} - ${exact(mean)}) / ${exact(deviation)}) AS ${ident(`x${i + 1}`)}`,
  );
  const terms = beta.map((value, i) =>
    i === 0 ? exact(value) : sql`${exact(value)} * ${ident(`x${i}`)}`,
  );
  const column = (i: number) => (i === 0 ? sql`1` : ident(`x${i}`));
  const upper: Sql[] = [];
  for (let i = 0; i < size; i += 1)
    for (let j = i; j < size; j += 1) upper.push(sql`sum(w * ${column(i)} * ${column(j)})`);
  const gradient = Array.from({ length: size }, (_, i) => sql`sum((y - p) * ${column(i)})`);
  const [found] = yield* query<{ h: number[]; g: number[]; ll: number }>(
    sql`SELECT ARRAY[${joinSql(upper, ', ')}] AS h, ARRAY[${joinSql(gradient, ', ')}] AS g,
  sum(CASE WHEN y = 1 THEN ln(greatest(p, 1e-300)) ELSE ln(greatest(1 - p, 1e-300)) END) AS ll
FROM (SELECT t.*, p * (1 - p) AS w FROM (
  SELECT t.*, CASE WHEN eta >= 0 THEN 1 / (1 + exp(-least(eta, 700))) ELSE exp(greatest(eta, -700)) / (1 + exp(greatest(eta, -700))) END AS p FROM (
    SELECT t.*, (${joinSql(terms, ' + ')}) AS eta FROM (
      SELECT ${joinSql([sql`${y}::float8 AS y`, ...xs], ', ')} ${fromInput(input)} WHERE ${where}) AS t) AS t) AS t) AS t`,
  );
  if (found === undefined) throw new Error('an aggregate gave no row');
  return {
    information: symmetric(size, found.h),
    gradient: found.g,
    logLikelihood: found.ll,
  };
}

/** Back to the units of the columns: β = Tb, and the covariance with it. */
function described(
  used: readonly Standardised[],
  beta: readonly number[],
  covariance: number[][] | null,
  rest: Pick<LogisticFit, 'logLikelihood' | 'iterations' | 'converged'>,
): LogisticFit {
  const back = [
    [1, ...used.map(({ mean, deviation }) => -mean / deviation)],
    ...used.map(({ deviation }, i) => [0, ...used.map((_, j) => (i === j ? 1 / deviation : 0))]),
  ];
  const coefficients = back.map((row) => dot(row, beta));
  const standardErrors = back.map((row) =>
    covariance === null ? NaN : Math.sqrt(dot(row, multiply(covariance, row))),
  );
  return {
    features: used.map(({ feature }) => feature),
    coefficients,
    standardErrors,
    pValues: coefficients.map((value, i) => normalP(value / (standardErrors[i] ?? NaN))),
    ...rest,
  };
}
