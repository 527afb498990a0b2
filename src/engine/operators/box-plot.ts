import { ident, sql } from '../../common/sql/sql.js';
import { assertClass, assertColumns, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query } from './procedure.js';
import { named, number, tableReport } from './report.js';

const MAX_BOXES = 1000;
const FIGURES = ['count', 'min', 'q1', 'median', 'q3', 'max', 'mean'] as const;

/** Quartiles, mean and extremes of a value by category (operators.md 1.14). */
export const BOX_PLOT: OperatorKind = {
  title: 'Box Plot',
  description: 'Shows how a value is spread in each category.',
  types: ['boxplot'],
  inputs: ONE_DATA_SET,
  delivers: 'nothing',
  read(node) {
    const value = node.required('valueColumn');
    const category = node.text('categoryColumn');
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        assertColumns(node.name, input, category === null ? [] : [category]);
        assertClass(node.name, columnsOf(node.name, input, [value]), ['numeric']);
        const v = sql`${ident(value)}::float8`;
        const by = category === null ? sql`NULL::text` : sql`${ident(category)}::text`;
        const found = yield* query<
          { category: string | null } & Record<(typeof FIGURES)[number], number | string | null>
        >(
          sql`SELECT ${by} AS category, count(${v}) AS count, min(${v}) AS min, percentile_cont(0.25) WITHIN GROUP (ORDER BY ${v}) AS q1, percentile_cont(0.5) WITHIN GROUP (ORDER BY ${v}) AS median, percentile_cont(0.75) WITHIN GROUP (ORDER BY ${v}) AS q3, max(${v}) AS max, avg(${v}) AS mean ${fromInput(input)} GROUP BY 1 ORDER BY 1 LIMIT ${MAX_BOXES}`,
        );
        return {
          delivery: { kind: 'nothing' },
          report: tableReport(
            [named(category ?? 'category'), ...FIGURES.map(number)],
            found.map((box) => [box.category, ...FIGURES.map((name) => box[name])]),
          ),
          rowCount: null,
        };
      },
    };
  },
};
