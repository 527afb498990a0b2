import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import { type Column, OperatorFailed, type Relation } from '../flow-plan.js';
import { assertColumns, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { classText } from './models/class-text.js';
import { assertFinite, featureSql, featuresOf, present } from './models/features.js';
import { fitLogistic, type LogisticFit, type Standardised } from './models/logistic-fit.js';
import type { Feature, LogisticModel, ModelPart } from './models/model.js';
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

interface Observed {
  readonly used: number;
  readonly good: number;
  readonly standardised: readonly Standardised[];
}

/** Models the probability of one of two classes (operators.md 2.1). */
export const LOGISTIC_REGRESSION: OperatorKind = {
  title: 'Logistic Regression',
  description: 'Models the probability of one of two classes.',
  types: ['logisticregression'],
  inputs: ONE_DATA_SET,
  delivers: 'model',
  read(node) {
    const training = readTraining(node);
    const goodValue = node.required('goodValue');
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        const parts: ModelPart[] = [];
        const reports: { title: string; report: Report }[] = [];
        const [dependent] = columnsOf(node.name, input, [training.dependent]);
        if (dependent === undefined) throw new Error('the dependent column was checked');
        assertColumns(node.name, input, training.columns);
        const splits = yield* splitsOf(node.name, input, training.splitBy);
        const classes = yield* classesOf(node.name, input, training, dependent, goodValue);
        for (const split of splits) {
          const fitted = yield* train(node.name, input, training, split, { dependent, ...classes });
          const title = split.when === null ? '' : `${split.when.value}: `;
          parts.push({
            when: split.when,
            features: fitted.fit.features,
            coefficients: fitted.fit.coefficients,
          });
          reports.push(
            { title: `${title}Summary`, report: summary(fitted.fit, fitted.observed) },
            { title: `${title}Data`, report: coefficients(fitted.fit) },
          );
        }
        const model: LogisticModel = {
          kind: 'logistic',
          name: node.name,
          dependent: training.dependent,
          ...classes,
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

function usedRows({ dependent, columns }: Training, { where }: Split): Sql {
  return sql`${where} AND ${present([dependent, ...columns])}`;
}

/** @throws OperatorFailed unless there are exactly two classes and the good one is among them */
function* classesOf(
  operator: string,
  input: Relation,
  training: Training,
  dependent: Column,
  goodValue: string,
): Procedure<{ readonly good: string; readonly other: string }> {
  const found = yield* query<{ value: string }>(
    sql`SELECT DISTINCT ${ident(dependent.name)}::text AS value ${fromInput(input)} WHERE ${present([dependent.name, ...training.columns])} ORDER BY 1 LIMIT 3`,
  );
  const values = found.map(({ value }) => value);
  if (values.length !== 2)
    throw new OperatorFailed(
      operator,
      `"${dependent.name}" must have exactly two classes; found ${values.length > 2 ? 'more: ' : ''}${values.map((v) => `"${v}"`).join(', ') || 'none'}`,
    );
  const wanted = classText(goodValue, dependent.type);
  const good = values.find((value) => value.trim() === wanted);
  const other = values.find((value) => value !== good);
  if (good === undefined || other === undefined)
    throw new OperatorFailed(
      operator,
      `goodValue "${goodValue}" is none of the classes ${values.map((v) => `"${v}"`).join(', ')}`,
    );
  return { good, other };
}

interface Target {
  readonly dependent: Column;
  readonly good: string;
}

function* train(
  operator: string,
  input: Relation,
  training: Training,
  split: Split,
  { dependent, good }: Target,
): Procedure<{ readonly fit: LogisticFit; readonly observed: Observed }> {
  const where = usedRows(training, split);
  const y = sql`(CASE WHEN ${ident(dependent.name)}::text = ${good} THEN 1 ELSE 0 END)`;
  const features = yield* featuresOf(operator, input, training.columns, where);
  const observed = yield* observe(operator, input, features, { split, where, y });
  const data = { input, where, y };
  const title = split.when === null ? '' : `${split.when.value}: `;
  const limits = { ...training, title };
  const { standardised, used } = observed;
  if (training.stepwise === null) {
    const fit = yield* fitLogistic(data, standardised, limits);
    return { fit, observed };
  }
  const chosen = yield* chooseFeatures(
    standardised.length,
    training.stepwise,
    function* (indexes): Procedure<(Fit & { readonly fit: LogisticFit }) | null> {
      const some = indexes.flatMap((i) => standardised[i] ?? []);
      const fit = yield* fitLogistic(data, some, limits);
      if (fit.features.length < some.length) return null;
      const size = fit.coefficients.length;
      return {
        fit,
        aic: -2 * fit.logLikelihood + 2 * size,
        sbc: -2 * fit.logLikelihood + size * Math.log(used),
        pValues: new Map(indexes.map((index, i) => [index, fit.pValues[i + 1] ?? 1])),
      };
    },
  );
  if (chosen === null)
    throw new OperatorFailed(operator, 'the features are combinations of each other');
  return { fit: chosen.fit.fit, observed };
}

function* observe(
  operator: string,
  input: Relation,
  features: readonly Feature[],
  { split, where, y }: { readonly split: Split; readonly where: Sql; readonly y: Sql },
): Procedure<Observed> {
  const values = features.map(featureSql);
  const list = (fn: Sql) =>
    joinSql(
      values.map((value) => sql`${fn}(${value})`),
      ', ',
    );
  const [found] = yield* query<{
    total: string;
    used: string;
    good: string;
    means: (number | null)[];
    deviations: (number | null)[];
  }>(
    sql`SELECT (SELECT count(*) ${fromInput(input)} WHERE ${split.where}) AS total, count(*) AS used, coalesce(sum(${y}), 0) AS good, ARRAY[${list(sql`avg`)}]::float8[] AS means, ARRAY[${list(sql`stddev_pop`)}]::float8[] AS deviations ${fromInput(input)} WHERE ${where}`,
  );
  if (found === undefined) throw new Error('an aggregate gave no row');
  const [used, good] = [Number(found.used), Number(found.good)];
  yield* warnSkipped(Number(found.total), used);
  const of = split.when === null ? '' : ` of ${split.when.column} "${split.when.value}"`;
  if (good === 0 || good === used)
    throw new OperatorFailed(
      operator,
      `the ${used} rows${of} that can be used are all of one class`,
    );
  if (used <= features.length)
    throw new OperatorFailed(
      operator,
      `${used} rows${of} are too few for ${features.length} features`,
    );
  assertFinite([...found.means, ...found.deviations]);
  const standardised = features.map((feature, i) => ({
    feature,
    mean: found.means[i] ?? 0,
    deviation: found.deviations[i] ?? 0,
  }));
  const constant = standardised.filter(({ deviation }) => deviation === 0);
  if (constant.length > 0)
    yield* warn(`dropped as constant: ${constant.map(({ feature }) => feature.name).join(', ')}`);
  return { used, good, standardised: standardised.filter(({ deviation }) => deviation > 0) };
}

function summary(fit: LogisticFit, { used, good }: Observed): TableReport {
  const share = good / used;
  const nullDeviance = -2 * (good * Math.log(share) + (used - good) * Math.log(1 - share));
  const deviance = -2 * fit.logLikelihood;
  return tableReport(
    ['Statistic', number('Value')],
    [
      ['Iterations', fit.iterations],
      ['Converged', fit.converged ? 'true' : 'false'],
      ['Null deviance', nullDeviance],
      ['Deviance', deviance],
      ['Chi square', nullDeviance - deviance],
      ['Degrees of freedom', fit.features.length],
      ['Fraction of variance explained', 1 - deviance / nullDeviance],
      ['AIC', deviance + 2 * fit.coefficients.length],
      ['Rows used', used],
    ],
  );
}

function coefficients(fit: LogisticFit): TableReport {
  const columns = ['Coefficient', 'Odds Ratio', 'Standard Error', 'Z-value', 'Wald', 'P-value'];
  return tableReport(
    ['Attribute', ...columns.map(number)],
    ['Intercept', ...fit.features.map(({ name }) => name)].map((name, i) => {
      const value = fit.coefficients[i] ?? NaN;
      const error = fit.standardErrors[i] ?? NaN;
      const z = value / error;
      const figures = [value, Math.exp(value), error, z, z * z, fit.pValues[i] ?? NaN];
      return [name, ...figures.map(figure)];
    }),
  );
}
