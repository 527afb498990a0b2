import { ident, sql } from '../../common/sql/sql.js';
import { assertClass, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { assertFinite } from './models/features.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query } from './procedure.js';
import { oneOrMore } from './report-parts.js';
import { number, type TableReport, tableReport } from './report.js';

const COLUMNS = ['bin', 'begin', 'end', 'count', 'percentage', 'cumulative'].map(number);

/** Equal-width bins of numeric columns (operators.md 1.14); a constant column has one. */
export const HISTOGRAM: OperatorKind = {
  title: 'Histogram',
  description: 'Counts the values of numeric columns in bins of equal width.',
  types: ['histogram'],
  inputs: ONE_DATA_SET,
  delivers: 'nothing',
  read(node) {
    const columns = node.requiredColumns('columnNames');
    const bins = node.integer('bins', 10, 1, 1000);
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        assertClass(node.name, columnsOf(node.name, input, columns), ['numeric']);
        const parts: { title: string; report: TableReport }[] = [];
        for (const column of columns) {
          const c = sql`${ident(column)}::float8`;
          // There is no bin between infinities, and NaN counts as greater than they are.
          const bin = sql`CASE WHEN hi - lo < 'Infinity' THEN floor((v - lo) / nullif((hi - lo) / ${bins}, 0))::int END`;
          const found = yield* query<{ bin: number | null; lo: number; hi: number; n: string }>(
            sql`SELECT least(greatest(${bin}, 0), ${bins - 1}) AS bin, lo, hi, count(*) AS n FROM (SELECT ${c} AS v, min(${c}) OVER () AS lo, max(${c}) OVER () AS hi ${fromInput(input)} WHERE ${ident(column)} IS NOT NULL) AS t GROUP BY 1, 2, 3 ORDER BY 1`,
          );
          parts.push({ title: column, report: tableReport(COLUMNS, rowsOf(found, bins)) });
        }
        return { delivery: { kind: 'nothing' }, report: oneOrMore(parts), rowCount: null };
      },
    };
  },
};

function rowsOf(
  found: readonly { bin: number | null; lo: number; hi: number; n: string }[],
  bins: number,
): number[][] {
  const [first] = found;
  if (first === undefined) return [];
  const total = found.reduce((sum, { n }) => sum + Number(n), 0);
  const { lo, hi } = first;
  assertFinite([lo, hi]);
  if (lo === hi) return [[1, lo, hi, total, 1, total]];
  const width = (hi - lo) / bins;
  let cumulative = 0;
  return Array.from({ length: bins }, (_, i) => {
    const count = Number(found.find(({ bin }) => bin === i)?.n ?? 0);
    cumulative += count;
    const end = i === bins - 1 ? hi : lo + width * (i + 1);
    return [i + 1, lo + width * i, end, count, count / total, cumulative];
  });
}
