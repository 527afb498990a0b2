import { sql } from '../../common/sql/sql.js';
import { OperatorFailed } from '../flow-plan.js';
import { MAX_CLASSES } from './models/classes.js';
import { EVALUATED, readEvaluation, scoredInputs, type Scored } from './models/evaluation.js';
import type { OperatorKind } from './operator.js';
import { type Procedure, query } from './procedure.js';
import { type Report, tableReport } from './report.js';

/** Counts by observed and predicted class, both in the order of `labels`. */
export interface Confusion {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
  readonly total: number;
}

/** Compares observed with predicted classes (operators.md 2.5). */
export const CONFUSION_MATRIX: OperatorKind = {
  title: 'Confusion Matrix',
  description: 'Counts how often each class is predicted for each observed class.',
  types: ['confusionmatrix'],
  inputs: EVALUATED,
  delivers: 'nothing',
  read(node) {
    const evaluation = readEvaluation(node, 'predictionColumn');
    return {
      does: 'procedure',
      outputs: [],
      *run(inputs) {
        const parts: { title: string; report: Report }[] = [];
        for (const scored of scoredInputs(node, inputs, evaluation)) {
          const confusion = yield* confusionOf(node.name, scored);
          parts.push(
            { title: `${scored.title}: Data`, report: matrix(confusion) },
            { title: `${scored.title}: Heat Map`, report: heatMap(confusion, scored) },
          );
        }
        return {
          delivery: { kind: 'nothing' },
          report: { kind: 'composite', parts, withoutNodeInfo: true },
          rowCount: null,
        };
      },
    };
  },
};

/** @throws OperatorFailed when no row can be compared, and when there are more than 100 classes */
export function* confusionOf(operator: string, { title, rows }: Scored): Procedure<Confusion> {
  const found = yield* query<{ observed: string; predicted: string; n: string }>(
    sql`SELECT observed, predicted, count(*) AS n FROM ${rows} AS s GROUP BY 1, 2 LIMIT ${MAX_CLASSES ** 2 + 1}`,
  );
  if (found.length === 0)
    throw new OperatorFailed(operator, 'no row has both an observed and a predicted class');
  const labels = [
    ...new Set(found.flatMap(({ observed, predicted }) => [observed, predicted])),
  ].sort();
  if (labels.length > MAX_CLASSES)
    throw new OperatorFailed(
      operator,
      `"${title}" has more than ${MAX_CLASSES} classes, observed and predicted ones together`,
    );
  const pair = (observed: string, predicted: string) => JSON.stringify([observed, predicted]);
  const numbers = new Map(
    found.map(({ observed, predicted, n }) => [pair(observed, predicted), Number(n)]),
  );
  const counts = labels.map((observed) =>
    labels.map((predicted) => numbers.get(pair(observed, predicted)) ?? 0),
  );
  return { labels, counts, total: counts.flat().reduce((sum, n) => sum + n, 0) };
}

export function accuracyOf({ counts, total }: Confusion): number {
  return counts.reduce((sum, row, i) => sum + (row[i] ?? 0), 0) / total;
}

/** Of the rows observed as a class, the share predicted as it. */
export function recallOf({ counts }: Confusion, i: number): number {
  const observed = (counts[i] ?? []).reduce((sum, n) => sum + n, 0);
  return observed === 0 ? 0 : (counts[i]?.[i] ?? 0) / observed;
}

/** Of the rows predicted as a class, the share observed as it. */
export function precisionOf({ counts }: Confusion, i: number): number {
  const predicted = counts.reduce((sum, row) => sum + (row[i] ?? 0), 0);
  return predicted === 0 ? 0 : (counts[i]?.[i] ?? 0) / predicted;
}

function matrix(confusion: Confusion): Report {
  const { labels, counts } = confusion;
  const rows = labels.map((label, i) => [
    `Observed (${label})`,
    ...(counts[i] ?? []).map(String),
    recallOf(confusion, i).toFixed(4),
  ]);
  const precision = [
    'Class Precision',
    ...labels.map((_, i) => precisionOf(confusion, i).toFixed(4)),
    `Accuracy: ${accuracyOf(confusion).toFixed(4)}`,
  ];
  return tableReport(
    [' ', ...labels.map((label) => `Predicted (${label})`), 'Class Recall'],
    [...rows, precision],
  );
}

function heatMap(confusion: Confusion, { title }: Scored): Report {
  const { labels, counts } = confusion;
  return {
    kind: 'heat map',
    title: `${title}: Heat Map`,
    modelName: title,
    accuracy: accuracyOf(confusion),
    labels,
    counts,
  };
}
