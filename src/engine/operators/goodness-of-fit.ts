import { accuracyOf, confusionOf, precisionOf, recallOf } from './confusion-matrix.js';
import { EVALUATED, readEvaluation, scoredInputs } from './models/evaluation.js';
import type { OperatorKind } from './operator.js';
import { oneOrMore } from './report-parts.js';
import { number, type Report, tableReport } from './report.js';

const COLUMNS = ['Class', ...['Recall', 'Precision', 'F1', 'Error', 'Accuracy'].map(number)];

/** Recall, precision and F1 of each class (operators.md 2.8). */
export const GOODNESS_OF_FIT: OperatorKind = {
  title: 'Goodness of Fit',
  description: 'Computes recall, precision and F1 of each class.',
  types: ['goodnessoffit'],
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
          const rows = confusion.labels.map((label, i) => {
            const [recall, precision] = [recallOf(confusion, i), precisionOf(confusion, i)];
            const f1 =
              recall + precision === 0 ? 0 : (2 * recall * precision) / (recall + precision);
            return [label, recall, precision, f1, 1 - recall, accuracyOf(confusion)];
          });
          parts.push({ title: scored.title, report: tableReport(COLUMNS, rows) });
        }
        return { delivery: { kind: 'nothing' }, report: oneOrMore(parts), rowCount: null };
      },
    };
  },
};
