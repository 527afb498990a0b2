import { ident, joinSql, sql } from '../../common/sql/sql.js';
import { assertClass, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query } from './procedure.js';
import { named, tableReport } from './report.js';

const KINDS = { Correlation: 'corr', Covariance: 'covar_samp' } as const;
// One row of a result holds at most 1,664 values: 57 columns have 1,653 pairs.
const MAX_COLUMNS = 57;

/** Matrix of correlations or covariances (operators.md 1.14); a pair with a NULL is left out. */
export const CORRELATION: OperatorKind = {
  title: 'Correlation',
  description: 'Computes the correlation or covariance of each pair of columns.',
  types: ['correlation'],
  inputs: ONE_DATA_SET,
  delivers: 'nothing',
  read(node) {
    const columns = node.requiredColumns('columnNames');
    const fn = node.choice('method', KINDS, 'corr');
    if (columns.length > MAX_COLUMNS)
      node.problem('columnNames', `more than ${MAX_COLUMNS} columns are not supported`);
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        assertClass(node.name, columnsOf(node.name, input, columns), ['numeric']);
        const pairs = columns.flatMap((a, i) => columns.slice(i).map((b) => [a, b] as const));
        const values = pairs.map(
          ([a, b]) =>
            sql`${fn === 'corr' ? sql`corr` : sql`covar_samp`}(${ident(a)}::float8, ${ident(b)}::float8)`,
        );
        const [found] = yield* query<{ values: (number | null)[] }>(
          sql`SELECT ARRAY[${joinSql(values, ', ')}] AS values ${fromInput(input)}`,
        );
        const valueOf = (a: string, b: string) =>
          found?.values[
            pairs.findIndex(([x, y]) => (x === a && y === b) || (x === b && y === a))
          ] ?? null;
        const rows = columns.map((a) => [a, ...columns.map((b) => valueOf(a, b))]);
        return {
          delivery: { kind: 'nothing' },
          report: tableReport(['column', ...columns.map((name) => named(name, 'number'))], rows),
          rowCount: null,
        };
      },
    };
  },
};
