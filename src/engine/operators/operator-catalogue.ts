import { AGGREGATION } from './aggregation.js';
import { BAR_CHART } from './bar-chart.js';
import { BOX_PLOT } from './box-plot.js';
import { COLUMN_FILTER } from './column-filter.js';
import { CONFUSION_MATRIX } from './confusion-matrix.js';
import { COPY_TO_DATABASE } from './copy-to-database.js';
import { CORRELATION } from './correlation.js';
import { CART, DECISION_TREE } from './decision-tree.js';
import { EXPORT } from './export.js';
import { FREQUENCY } from './frequency.js';
import { GOODNESS_OF_FIT } from './goodness-of-fit.js';
import { HISTOGRAM } from './histogram.js';
import { JOIN } from './join.js';
import { K_MEANS } from './kmeans.js';
import { LIFT } from './lift.js';
import { LINEAR_REGRESSION } from './linear-regression.js';
import { LOGISTIC_REGRESSION } from './logistic-regression.js';
import { NAIVE_BAYES } from './naive-bayes.js';
import { NORMALIZATION } from './normalization.js';
import { NULL_REPLACEMENT } from './null-replacement.js';
import type { OperatorKind } from './operator.js';
import { PCA } from './pca.js';
import { PIVOT } from './pivot.js';
import { CLASSIFIER, PREDICTOR } from './predictor.js';
import { RANDOM_SAMPLING, STRATIFIED_SAMPLING } from './random-sampling.js';
import { REGRESSION_EVALUATOR } from './regression-evaluator.js';
import { ROC } from './roc.js';
import { ROW_FILTER } from './row-filter.js';
import { SAMPLE_SELECTOR } from './sample-selector.js';
import { LINE_CHART, SCATTER_PLOT } from './scatter-plot.js';
import { SET_OPERATION } from './set-operation.js';
import { SORT } from './sort.js';
import { SQL_EXECUTE } from './sql-execute.js';
import { SUMMARY_STATISTICS } from './summary-statistics.js';
import { TABLE_SOURCE } from './table-source.js';
import { VARIABLE } from './variable.js';

/** Every operator that this server executes, in the order of operators.md. */
export const OPERATORS: readonly OperatorKind[] = [
  TABLE_SOURCE,
  ROW_FILTER,
  COLUMN_FILTER,
  JOIN,
  VARIABLE,
  RANDOM_SAMPLING,
  STRATIFIED_SAMPLING,
  SAMPLE_SELECTOR,
  AGGREGATION,
  SET_OPERATION,
  SORT,
  NULL_REPLACEMENT,
  NORMALIZATION,
  SUMMARY_STATISTICS,
  FREQUENCY,
  HISTOGRAM,
  CORRELATION,
  BAR_CHART,
  BOX_PLOT,
  SCATTER_PLOT,
  LINE_CHART,
  PIVOT,
  SQL_EXECUTE,
  COPY_TO_DATABASE,
  EXPORT,
  LOGISTIC_REGRESSION,
  LINEAR_REGRESSION,
  K_MEANS,
  NAIVE_BAYES,
  DECISION_TREE,
  CART,
  PCA,
  PREDICTOR,
  CLASSIFIER,
  CONFUSION_MATRIX,
  ROC,
  LIFT,
  GOODNESS_OF_FIT,
  REGRESSION_EVALUATOR,
];
/** By the type names of files. Loading it fails when two claim a name. */
const CATALOGUE = catalogueOf(OPERATORS);

/** Operators that need something besides a database (operators.md 3), by what their type tells. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^hadoop|\.hadoop\./i, 'a Hadoop data source; this server runs database operators only'],
  [/spark/i, 'a Spark cluster'],
  [/^pig/i, 'Pig'],
  [/^r(execute|script)?$/i, 'an R server'],
  [/^(python|notebook)/i, 'a notebook server'],
];

/**
 * @param type class name in the file
 * @returns the operator, or why it cannot run here
 */
export function findOperator(type: string): OperatorKind | string {
  const last = (type.split('.').at(-1) ?? '').replace(/operator$/i, '').toLowerCase();
  const hadoopCopy = last === 'copytodb' && /\.hadoop\./i.test(type);
  for (const [pattern, need] of ELSEWHERE)
    if (!hadoopCopy && (pattern.test(last) || pattern.test(type)))
      return `type "${type}" needs ${need}`;
  if (/^(subflow|worklet|touchpoint)/.test(last))
    return `type "${type}": sub-flows are not supported`;
  return CATALOGUE.get(last) ?? `type "${type}" is not supported by this server`;
}

function catalogueOf(kinds: readonly OperatorKind[]): ReadonlyMap<string, OperatorKind> {
  const catalogue = new Map<string, OperatorKind>();
  for (const kind of kinds)
    for (const type of kind.types) {
      if (catalogue.has(type)) throw new Error(`two operators claim the type "${type}"`);
      catalogue.set(type, kind);
    }
  return catalogue;
}
