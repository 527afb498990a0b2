import { ident, joinSql, sql } from '../../common/sql/sql.js';
import { derivedOf } from './derived-columns.js';
import { assertColumns, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { quantilesOf } from './quantile.js';
import { checkNames, readOutput } from './read-output.js';

/** Keeps the named columns and adds computed ones (operators.md 1.5). */
export const VARIABLE: OperatorKind = {
  title: 'Variable',
  description: 'Keeps columns and adds computed ones.',
  types: ['variable'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const kept = node.columns('columnNames');
    const quantiles = quantilesOf(node);
    const derived = [...derivedOf(node), ...quantiles];
    checkNames(node, 'columnNames', [...kept, ...derived.map(({ name }) => name)]);
    if (kept.length + derived.length === 0) node.missing('columnNames', 'no columns are chosen');
    return {
      does: 'select',
      output: readOutput(node),
      compile: (inputs) => {
        const input = onlyInput(inputs);
        assertColumns(node.name, input, [
          ...kept,
          ...derived.flatMap(({ source }) => source ?? []),
        ]);
        const columns = joinSql(
          [
            ...kept.map((name) => ident(name)),
            ...derived.map(({ name, value }) => sql`${value} AS ${ident(name)}`),
          ],
          ', ',
        );
        return sql`SELECT ${columns}\nFROM ${ident(input.schema, input.table)}`;
      },
    };
  },
};
