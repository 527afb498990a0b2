import { ident, sql } from '../../common/sql/sql.js';
import { OperatorFailed } from '../flow-plan.js';
import { assertClass, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query } from './procedure.js';
import { number, tableReport } from './report.js';

/** Errors of predictions that a data set holds (operators.md 2.8). */
export const REGRESSION_EVALUATOR: OperatorKind = {
  title: 'Regression Evaluator',
  description: 'Measures the errors of numeric predictions.',
  types: ['regressionevaluator'],
  inputs: ONE_DATA_SET,
  delivers: 'nothing',
  read(node) {
    const actual = node.required('dependentColumn');
    const predicted = node.required('predictionColumn');
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        assertClass(node.name, columnsOf(node.name, input, [actual, predicted]), ['numeric']);
        const [y, f] = [sql`${ident(actual)}::float8`, sql`${ident(predicted)}::float8`];
        const [found] = yield* query<{
          n: string;
          sse: number | null;
          syy: number | null;
          mae: number | null;
          residual: number | null;
        }>(
          sql`SELECT count(*) AS n, sum((y - f) * (y - f)) AS sse, regr_syy(y, f) AS syy, avg(abs(y - f)) AS mae, var_pop(y - f) AS residual FROM (SELECT ${y} AS y, ${f} AS f ${fromInput(input)} WHERE ${ident(actual)} IS NOT NULL AND ${ident(predicted)} IS NOT NULL) AS t`,
        );
        const n = Number(found?.n ?? 0);
        if (n === 0) throw new OperatorFailed(node.name, 'no row has both values');
        const { sse, syy, mae, residual } = found ?? {};
        const mse = (sse ?? 0) / n;
        const explained = syy ? 1 - (residual ?? 0) / (syy / n) : null;
        return {
          delivery: { kind: 'nothing' },
          report: tableReport(
            ['Statistic', number('Value')],
            [
              ['R2', syy ? 1 - (sse ?? 0) / syy : null],
              ['MSE', mse],
              ['RMSE', Math.sqrt(mse)],
              ['MAE', mae ?? null],
              ['Explained variance', explained],
              ['Rows used', n],
            ],
          ),
          rowCount: null,
        };
      },
    };
  },
};
