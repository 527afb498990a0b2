import { sql } from '../../common/sql/sql.js';
import { textOf } from './column-class.js';
import { columnsOf, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query } from './procedure.js';
import { oneOrMore } from './report-parts.js';
import { number, type TableReport, tableReport } from './report.js';

const MAX_VALUES = 1000;

/** How often each value of a column occurs, most frequent first (operators.md 1.14). */
export const FREQUENCY: OperatorKind = {
  title: 'Frequency',
  description: 'Counts the values of each column.',
  types: ['frequency'],
  inputs: ONE_DATA_SET,
  delivers: 'nothing',
  read(node) {
    const columns = node.requiredColumns('columnNames');
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        const parts: { title: string; report: TableReport }[] = [];
        for (const column of columnsOf(node.name, input, columns)) {
          const text = textOf(column);
          const found = yield* query<{ value: string | null; n: string; share: number }>(
            sql`SELECT left(${text}, 1000) AS value, count(*) AS n, count(*)::float8 / sum(count(*)) OVER () AS share ${fromInput(input)} GROUP BY ${text} ORDER BY 2 DESC, 1 LIMIT ${MAX_VALUES}`,
          );
          const rows = found.map(({ value, n, share }) => [value, Number(n), share]);
          parts.push({
            title: column.name,
            report: tableReport(['value', number('count'), number('percentage')], rows),
          });
        }
        return { delivery: { kind: 'nothing' }, report: oneOrMore(parts), rowCount: null };
      },
    };
  },
};
