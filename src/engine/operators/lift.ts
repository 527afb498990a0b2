import { sql } from '../../common/sql/sql.js';
import { onlyInput } from './input-columns.js';
import { EVALUATED, positiveClass, readEvaluation, scoredInputs } from './models/evaluation.js';
import type { OperatorKind } from './operator.js';
import { query, warn } from './procedure.js';
import { oneOrMore } from './report-parts.js';
import { number, type Report, tableReport } from './report.js';

const GROUPS = 10;
const COLUMNS = ['group', 'rows', 'hits', 'lift', 'gain'].map(number);

/** Hit rate of the best-scored tenths over the overall one (operators.md 2.7). Ties are ordered by a hash of the row. */
export const LIFT: OperatorKind = {
  title: 'Lift',
  description: 'Shows how many hits the best-scored rows hold.',
  types: ['lift'],
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
          const found = yield* query<{ d: number; n: string; hits: string }>(
            sql`SELECT d, count(*) AS n, sum(y) AS hits FROM (SELECT ${y} AS y, ntile(${GROUPS}) OVER (ORDER BY ${p} DESC, md5(row)) AS d FROM ${scored.rows} AS s) AS b GROUP BY d ORDER BY d`,
          );
          parts.push({ title: `${scored.title}: Lift`, report: curve(found) });
          if (found.every(({ hits }) => Number(hits) === 0))
            yield* warn(`${scored.title}: no row is of the class "${value}"`);
        }
        return { delivery: { kind: 'nothing' }, report: oneOrMore(parts), rowCount: null };
      },
    };
  },
};

function curve(groups: readonly { d: number; n: string; hits: string }[]): Report {
  const total = groups.reduce((sum, { n }) => sum + Number(n), 0);
  const allHits = groups.reduce((sum, { hits }) => sum + Number(hits), 0);
  if (allHits === 0) return tableReport(COLUMNS, []);
  let [rows, hits] = [0, 0];
  return tableReport(
    COLUMNS,
    groups.map((group) => {
      rows += Number(group.n);
      hits += Number(group.hits);
      const lift = hits / rows / (allHits / total);
      return [group.d, Number(group.n), Number(group.hits), lift, hits / allHits];
    }),
  );
}
