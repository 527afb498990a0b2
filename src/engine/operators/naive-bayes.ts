import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import type { Relation } from '../flow-plan.js';
import { assertColumns, fromInput, onlyInput } from './input-columns.js';
import { type Attribute, attributesOf } from './models/attributes.js';
import { observedClasses, type ObservedClass, rowsOf } from './models/classes.js';
import { assertFinite, present } from './models/features.js';
import type { BayesModel } from './models/model.js';
import { readColumns } from './models/training.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { type Procedure, progress, query, warn } from './procedure.js';
import { number, type Report, tableReport } from './report.js';

/** Below this share of a column's whole variance, a class has none of its own: a few equal values prove nothing. */
const LEAST_SHARE = 1e-9;

interface Trained {
  readonly input: Relation;
  readonly dependent: string;
  readonly where: Sql;
  readonly classes: readonly ObservedClass[];
}

/**
 * Counts classes, the values of categorical columns by class, and the mean and variance of numeric ones; columns count as
 * independent of each other (operators.md 2.8).
 */
export const NAIVE_BAYES: OperatorKind = {
  title: 'Naive Bayes',
  description: 'Models the probability of each class by columns taken as independent.',
  types: ['naivebayes'],
  inputs: ONE_DATA_SET,
  delivers: 'model',
  read(node) {
    const { dependent, columns } = readColumns(node);
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        assertColumns(node.name, input, [dependent, ...columns]);
        const where = present([dependent, ...columns]);
        const classes = yield* observedClasses(node.name, input, dependent, where);
        const attributes = yield* attributesOf(node.name, input, columns, where);
        const trained = { input, dependent, where, classes };
        const numeric = yield* normals(trained, attributes);
        const categorical: BayesModel['categorical'][number][] = [];
        for (const attribute of attributes) {
          if (attribute.values === null) continue;
          categorical.push(yield* shares(trained, attribute.column, attribute.values));
          yield* progress(`${categorical.length} categorical columns`);
        }
        const total = rowsOf(classes);
        const model: BayesModel = {
          kind: 'bayes',
          name: node.name,
          dependent,
          classes: classes.map(({ label, rows }) => ({ label, prior: rows / total })),
          numeric,
          categorical,
        };
        return {
          delivery: { kind: 'model', model },
          report: { kind: 'composite', parts: reports(model, classes) },
          rowCount: null,
        };
      },
    };
  },
};

/** Normal distributions of all numeric columns, in one query. */
function* normals(
  { input, dependent, where, classes }: Trained,
  attributes: readonly Attribute[],
): Procedure<BayesModel['numeric']> {
  const columns = attributes.filter(({ values }) => values === null).map(({ column }) => column);
  if (columns.length === 0) return [];
  const each = (fn: Sql) =>
    joinSql(
      columns.map((column) => sql`${fn}(${ident(column)}::float8)`),
      ', ',
    );
  const figures = sql`ARRAY[${each(sql`avg`)}]::float8[] AS means, ARRAY[${each(sql`var_samp`)}]::float8[] AS variances`;
  const by = sql`${ident(dependent)}::text`;
  const found = yield* query<{
    label: string | null;
    means: (number | null)[];
    variances: (number | null)[];
  }>(
    sql`SELECT ${by} AS label, ${figures} ${fromInput(input)} WHERE ${where} GROUP BY 1 UNION ALL SELECT NULL, ${figures} ${fromInput(input)} WHERE ${where}`,
  );
  const all = found.find(({ label }) => label === null);
  assertFinite(all?.variances ?? []);
  const constant = columns.filter((_, i) => !(all?.variances[i] ?? 0));
  if (constant.length > 0) yield* warn(`dropped as constant: ${constant.join(', ')}`);
  return columns.flatMap((column, i) => {
    if (constant.includes(column)) return [];
    const least = (all?.variances[i] ?? 0) * LEAST_SHARE;
    const own = classes.map(({ label }) => found.find((one) => one.label === label));
    return {
      column,
      means: own.map((one) => one?.means[i] ?? 0),
      variances: own.map((one) => Math.max(one?.variances[i] ?? 0, least)),
    };
  });
}

/** One is added to every count, so that no value makes a class impossible. */
function* shares(
  { input, dependent, where, classes }: Trained,
  column: string,
  values: readonly string[],
): Procedure<BayesModel['categorical'][number]> {
  const found = yield* query<{ label: string; value: string; n: string }>(
    sql`SELECT ${ident(dependent)}::text AS label, ${ident(column)}::text AS value, count(*) AS n ${fromInput(input)} WHERE ${where} GROUP BY 1, 2`,
  );
  const counts = new Map(
    found.map(({ label, value, n }) => [JSON.stringify([label, value]), Number(n)]),
  );
  return {
    column,
    values,
    shares: classes.map(({ label, rows }) =>
      values.map(
        (value) => ((counts.get(JSON.stringify([label, value])) ?? 0) + 1) / (rows + values.length),
      ),
    ),
    others: classes.map(({ rows }) => 1 / (rows + values.length)),
  };
}

function reports(
  { classes, numeric, categorical }: BayesModel,
  observed: readonly ObservedClass[],
): { title: string; report: Report }[] {
  const labels = classes.map(({ label }) => label);
  const summary = tableReport(
    ['Class', ...['Rows', 'Prior'].map(number)],
    classes.map(({ label, prior }, i) => [label, observed[i]?.rows ?? 0, prior]),
  );
  const normal = tableReport(
    ['Attribute', 'Class', ...['Mean', 'Standard deviation'].map(number)],
    numeric.flatMap(({ column, means, variances }) =>
      labels.map((label, i) => [column, label, means[i] ?? 0, Math.sqrt(variances[i] ?? 0)]),
    ),
  );
  const counted = tableReport(
    ['Attribute', 'Value', ...labels.map((label) => number(`P(${label})`))],
    categorical.flatMap(({ column, values, shares: of }) =>
      values.map((value, i) => [column, value, ...labels.map((_, c) => of[c]?.[i] ?? 0)]),
    ),
  );
  return [
    { title: 'Summary', report: summary },
    ...(numeric.length === 0 ? [] : [{ title: 'Numeric', report: normal }]),
    ...(categorical.length === 0 ? [] : [{ title: 'Categorical', report: counted }]),
  ];
}
