import { ident, joinSql, sql } from '../../common/sql/sql.js';
import { columnsOf, fromInput, onlyInput } from './input-columns.js';
import { shownTypeOf, textOf } from './column-class.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query } from './procedure.js';
import { named, tableReport } from './report.js';

const MAX_POINTS = 1000;

/** At most 1,000 points (operators.md 1.14), drawn the same way on every run; lines are sorted by their x. */
function plot(title: string, type: string, sorted: boolean): OperatorKind {
  return {
    title,
    description: 'Shows points of two or more columns.',
    types: [type],
    inputs: ONE_DATA_SET,
    delivers: 'nothing',
    read(node) {
      const x = node.required('xColumn');
      const ys = node.columns('yColumns', 'yColumn');
      if (ys.length === 0) node.required('yColumn');
      const series = node.columns('seriesColumn');
      return {
        does: 'procedure',
        outputs: [],
        *run({ data }) {
          const input = onlyInput(data);
          const columns = columnsOf(node.name, input, [x, ...ys, ...series]);
          const texts = columns.map(textOf);
          const order = sorted ? sql` ORDER BY x` : sql``;
          const found = yield* query<{ point: (string | null)[] }>(
            sql`SELECT point FROM (SELECT ${ident(x)} AS x, ARRAY[${joinSql(texts, ', ')}] AS point ${fromInput(input)} AS alp_row WHERE ${ident(x)} IS NOT NULL ORDER BY md5(alp_row::text) LIMIT ${MAX_POINTS}) AS p${order}`,
          );
          return {
            delivery: { kind: 'nothing' },
            report: tableReport(
              columns.map(({ name, type: of }) => named(name, shownTypeOf(of))),
              found.map(({ point }) => point),
            ),
            rowCount: null,
          };
        },
      };
    },
  };
}

export const SCATTER_PLOT = plot('Scatter Plot', 'scatterplot', false);
export const LINE_CHART = plot('Line Chart', 'linechart', true);
