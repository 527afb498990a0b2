import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import { OperatorFailed } from '../flow-plan.js';
import { allNames, assertColumns, attributeOf, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { readOutput } from './read-output.js';

const RANK = 'row_number';
const NO_LIMIT = 0;

interface Key {
  readonly column: string;
  readonly descending: boolean;
}

/**
 * Sorts by several columns (operators.md 1.10). A table has no order, so its rank is stored as `row_number`; a view is
 * ordered itself. NULLs come last either way.
 */
export const SORT: OperatorKind = {
  title: 'Sort By Multiple Columns',
  description: 'Sorts rows and numbers them.',
  types: ['sort', 'sortbymultiplecolumns'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const keys = keysOf(node);
    if (keys.length === 0) node.missing('columnNames', 'no column to sort by is chosen');
    const limit = node.integer('limit', NO_LIMIT, 1, Number.MAX_SAFE_INTEGER);
    const output = readOutput(node);
    const order = joinSql(
      keys.map(
        ({ column, descending }) =>
          sql`${ident(column)}${descending ? sql` DESC` : sql``} NULLS LAST`,
      ),
      ', ',
    );
    return {
      does: 'select',
      output,
      ...(output.kind === 'TABLE' && { previewOrder: ident(RANK) }),
      compile: (data) => {
        const input = onlyInput(data);
        assertColumns(
          node.name,
          input,
          keys.map(({ column }) => column),
        );
        const rest: Sql = limit === NO_LIMIT ? sql`` : sql`\nLIMIT ${limit}`;
        if (output.kind === 'VIEW')
          return sql`SELECT ${allNames(input)}\n${fromInput(input)}\nORDER BY ${order}${rest}`;
        if (input.columns.some(({ name }) => name === RANK))
          throw new OperatorFailed(node.name, `the input has a column "${RANK}" already`);
        const rank = sql`row_number() OVER (ORDER BY ${order}) AS ${ident(RANK)}`;
        return sql`SELECT ${allNames(input)}, ${rank}\n${fromInput(input)}\nORDER BY ${ident(RANK)}${rest}`;
      },
    };
  },
};

/** `columnNames` with an optional direction after each name, or elements with `columnName` and `direction`. */
function keysOf(node: NodeReader): Key[] {
  const items = node.elements(/Sort|Order/i).flatMap(({ attributes }): Key[] => {
    const column = attributeOf(attributes, 'columnName', 'column');
    const direction = attributeOf(attributes, 'direction', 'sortOrder', 'order') ?? '';
    return column === null ? [] : [{ column, descending: /^desc/i.test(direction) }];
  });
  if (items.length > 0) return items;
  return node.columns('columnNames', 'sortColumns').map((text) => {
    const [end = '', direction = ''] = /\s(asc|desc)(?:ending)?$/i.exec(text) ?? [];
    const column = text.slice(0, text.length - end.length).trimEnd();
    return { column, descending: /^desc/i.test(direction) };
  });
}
