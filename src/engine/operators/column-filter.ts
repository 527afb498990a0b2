import { sql } from '../../common/sql/sql.js';
import { assertColumns, fromInput, names, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { checkNames, readOutput } from './read-output.js';

/** Keeps the named columns in the given order; rows that become equal stay (operators.md 1.3). */
export const COLUMN_FILTER: OperatorKind = {
  title: 'Column Filter',
  description: 'Keeps the chosen columns.',
  types: ['columnfilter'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const kept = node.requiredColumns('columnNames');
    checkNames(node, 'columnNames', kept);
    return {
      does: 'select',
      output: readOutput(node),
      compile: (data) => {
        const input = onlyInput(data);
        assertColumns(node.name, input, kept);
        return sql`SELECT ${names(kept)}\n${fromInput(input)}`;
      },
    };
  },
};
