import { ident, sql, trustedSql } from '../../common/sql/sql.js';
import { assertClass, assertColumns, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query } from './procedure.js';
import { named, number, tableReport } from './report.js';

const FUNCTIONS = {
  sum: 'sum',
  avg: 'avg',
  average: 'avg',
  count: 'count',
  min: 'min',
  max: 'max',
};
const MAX_BARS = 1000;

/** A value aggregated by category and, if one is given, series (operators.md 1.14). */
export const BAR_CHART: OperatorKind = {
  title: 'Bar Chart',
  description: 'Aggregates a value by category and series.',
  types: ['barchart'],
  inputs: ONE_DATA_SET,
  delivers: 'nothing',
  read(node) {
    const value = node.required('valueColumn');
    const category = node.required('categoryColumn');
    const series = node.text('seriesColumn');
    const fn = node.choice('aggregateFunction', FUNCTIONS, 'sum');
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        assertColumns(node.name, input, [category, ...(series === null ? [] : [series])]);
        if (fn !== 'count')
          assertClass(node.name, columnsOf(node.name, input, [value]), ['numeric']);
        const by = series === null ? sql`NULL::text` : sql`${ident(series)}::text`;
        const found = yield* query<{ category: string | null; series: string | null; v: number }>(
          sql`SELECT ${ident(category)}::text AS category, ${by} AS series, ${trustedSql(fn)}(${ident(value)})::float8 AS v ${fromInput(input)} GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ${MAX_BARS}`,
        );
        return {
          delivery: { kind: 'nothing' },
          report: tableReport(
            [
              named(category),
              ...(series === null ? [] : [named(series)]),
              number(`${fn}_${value}`),
            ],
            found.map((bar) => [bar.category, ...(series === null ? [] : [bar.series]), bar.v]),
          ),
          rowCount: null,
        };
      },
    };
  },
};
