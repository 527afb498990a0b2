import { ident, joinSql, type Sql, sql, trustedSql } from '../../common/sql/sql.js';
import { OperatorFailed } from '../flow-plan.js';
import {
  assertClass,
  assertColumns,
  columnsOf,
  fromInput,
  names,
  onlyInput,
} from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query } from './procedure.js';
import { MAX_NAME_BYTES, readOutput } from './read-output.js';
import { storeAndShow } from './store.js';

const FUNCTIONS = {
  sum: 'sum',
  avg: 'avg',
  average: 'avg',
  count: 'count',
  max: 'max',
  min: 'min',
};
const MAX_VALUES = 1000;

/** One column per value of the pivot column, named `<column>_<value>` (operators.md 1.15). */
export const PIVOT: OperatorKind = {
  title: 'Pivot',
  description: 'Turns the values of a column into columns.',
  types: ['pivot'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const pivot = node.required('pivotColumn');
    const groups = node.columns('groupByColumn', 'groupByColumns', 'groupBy');
    const measure = node.text('aggregateColumn');
    const fn = node.choice('aggregateFunction', FUNCTIONS, 'sum');
    if (measure === null && fn !== 'count') node.required('aggregateColumn');
    const output = readOutput(node);
    return {
      does: 'procedure',
      outputs: [output],
      *run({ data }, context) {
        const input = onlyInput(data);
        assertColumns(node.name, input, [pivot, ...groups, ...(measure === null ? [] : [measure])]);
        assertClass(node.name, columnsOf(node.name, input, [pivot]), ['categorical', 'numeric']);
        const found = yield* query<{ value: string }>(
          sql`SELECT DISTINCT ${ident(pivot)}::text AS value ${fromInput(input)} WHERE ${ident(pivot)} IS NOT NULL ORDER BY 1 LIMIT ${MAX_VALUES + 1}`,
        );
        if (found.length > MAX_VALUES)
          throw new OperatorFailed(node.name, `"${pivot}" has more than ${MAX_VALUES} values`);
        const cells = found.map(({ value }) => {
          const name = `${pivot}_${value}`;
          if (groups.includes(name))
            throw new OperatorFailed(
              node.name,
              `the value "${value}" would make a second column "${name}"`,
            );
          if (Buffer.byteLength(name) > MAX_NAME_BYTES)
            throw new OperatorFailed(
              node.name,
              `column name "${name}" is longer than ${MAX_NAME_BYTES} bytes`,
            );
          return cell(name, value);
        });
        const list = joinSql([...groups.map((name) => ident(name)), ...cells], ', ');
        const select = sql`SELECT ${list}\n${fromInput(input)}`;
        return yield* storeAndShow(
          context,
          output,
          groups.length === 0 ? select : sql`${select}\nGROUP BY ${names(groups)}`,
        );

        function cell(name: string, value: string): Sql {
          const counted = measure === null ? trustedSql('1') : ident(measure);
          return sql`${trustedSql(fn)}(CASE WHEN ${ident(pivot)}::text = ${value} THEN ${counted} END) AS ${ident(name)}`;
        }
      },
    };
  },
};
