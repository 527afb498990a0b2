import { sql } from '../../common/sql/sql.js';
import { onlyInput } from './input-columns.js';
import { EVALUATED, positiveClass, readEvaluation, scoredInputs } from './models/evaluation.js';
import type { OperatorKind } from './operator.js';
import { query, warn } from './procedure.js';
import { number, type Report, tableReport } from './report.js';

const CUTS = 100;

/** True against false positives at 101 cut points, and the area under the curve by ranks (operators.md 2.6). */
export const ROC: OperatorKind = {
  title: 'ROC',
  description: 'Compares true and false positives at every cut of the score.',
  types: ['roc'],
  inputs: EVALUATED,
  delivers: 'nothing',
  read(node) {
    const evaluation = readEvaluation(node, 'confidenceColumn');
    const value = node.required('columnValue');
    return {
      does: 'procedure',
      outputs: [],
      *run(inputs) {
        const parts: { title: string; report: Report }[] = [];
        for (const scored of scoredInputs(node, inputs, evaluation)) {
          const { p, y } = positiveClass(node, onlyInput(inputs.data), evaluation, scored, value);
          const rows = sql`(SELECT ${y} AS y, ${p} AS p FROM ${scored.rows} AS s)`;
          // One pass: rows by the highest cut they reach; the curve is the sum from there on. Scores that are no
          // probabilities reach the first cut or the last.
          const steps = yield* query<{ cut: number; hits: string; misses: string }>(
            sql`SELECT floor(least(greatest(p, 0), 1)::numeric * ${CUTS})::int AS cut, sum(y) AS hits, sum(1 - y) AS misses FROM ${rows} AS r GROUP BY 1 ORDER BY 1`,
          );
          const [area] = yield* query<{ auc: number | null }>(
            sql`SELECT (sum(CASE WHEN y = 1 THEN r ELSE 0 END) - sum(y) * (sum(y) + 1) / 2.0) / nullif(sum(y) * (count(*) - sum(y)), 0)::float8 AS auc FROM (SELECT y, avg(rn) OVER (PARTITION BY p)::float8 AS r FROM (SELECT y, p, row_number() OVER (ORDER BY p) AS rn FROM ${rows} AS r) AS a) AS b`,
          );
          const auc = area?.auc ?? null;
          if (auc === null) yield* warn(`${scored.title}: the rows are all of one class`);
          parts.push(
            { title: `${scored.title}: ROC Curve`, report: curve(steps) },
            {
              title: `${scored.title}: AUC`,
              report: tableReport(['Statistic', number('Value')], [['AUC', auc]]),
            },
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

function curve(steps: readonly { cut: number; hits: string; misses: string }[]): Report {
  const from = (cut: number, key: 'hits' | 'misses') =>
    steps.filter((one) => one.cut >= cut).reduce((sum, one) => sum + Number(one[key]), 0);
  const [hits, misses] = [from(0, 'hits'), from(0, 'misses')];
  const rate = (count: number, all: number) => (all === 0 ? null : count / all);
  return tableReport(
    ['threshold', 'tpr', 'fpr'].map(number),
    Array.from({ length: CUTS + 1 }, (_, cut) => [
      cut / CUTS,
      rate(from(cut, 'hits'), hits),
      rate(from(cut, 'misses'), misses),
    ]),
  );
}
