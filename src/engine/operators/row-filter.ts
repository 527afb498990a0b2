import { ident, joinSql, type Sql, sql, trustedSql } from '../../common/sql/sql.js';
import type { AfmElement } from '../afm/afm-document.js';
import type { NodeReader } from '../afm/node-reader.js';
import { assertColumns, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { readOutput } from './read-output.js';
import { FragmentError, sqlFragment } from './sql-fragment.js';

const MODEL = 'RowFilterConditionModel';
const COMPARISONS = new Set(['=', '<>', '>', '<', '>=', '<=']);
// Neither quoted nor an expression: a plain word or number.
const BARE_TEXT = /^[^'"()|+*/$]*$/;

interface Filter {
  /** Columns that the conditions name by themselves; a script's are the data source's to find. */
  readonly columns: readonly string[];
  readonly where: Sql | null;
}

/** Keeps the rows that meet the conditions, with all columns (operators.md 1.2). */
export const ROW_FILTER: OperatorKind = {
  title: 'Row Filter',
  description: 'Keeps the rows that meet its conditions.',
  types: ['filter', 'rowfilter'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const { columns, where } = filterOf(node, node.requiredModel(MODEL));
    return {
      does: 'select',
      output: readOutput(node),
      compile: (inputs) => {
        const input = onlyInput(inputs);
        assertColumns(node.name, input, columns);
        const all = joinSql(
          input.columns.map(({ name }) => ident(name)),
          ', ',
        );
        const from = sql`SELECT ${all}\nFROM ${ident(input.schema, input.table)}`;
        return where === null ? from : sql`${from}\nWHERE ${where}`;
      },
    };
  },
};

function filterOf(node: NodeReader, model: AfmElement | null): Filter {
  const none = { columns: [], where: null };
  if (model === null) return none;
  const { sqlType = 'nosql', useAll = 'true', conditionValue = '' } = model.attributes;
  if (sqlType.toLowerCase() === 'sql') {
    const script = fragment(node, 'conditionValue', conditionValue.trim());
    return script === null ? none : { columns: [], where: sql`(${script})` };
  }
  const items = model.children.filter(({ name }) => name === 'RowFilterConditionItem');
  const conditions = items.flatMap((item) => conditionOf(node, item) ?? []);
  const where = joinSql(conditions, useAll.toLowerCase() === 'false' ? ' OR ' : ' AND ');
  return {
    columns: items.map(({ attributes }) => attributes['columnName'] ?? ''),
    where: conditions.length === 0 ? null : where,
  };
}

function conditionOf(node: NodeReader, { attributes }: AfmElement): Sql | null {
  const { columnName = '', condition = '', firstValue = '', secondValue = '' } = attributes;
  if (columnName === '') {
    node.problem(MODEL, 'a condition names no column');
    return null;
  }
  const column = ident(columnName);
  const operator = condition.trim().toLowerCase().replace(/\s+/g, ' ');
  if (operator === 'is null') return sql`(${column} IS NULL)`;
  if (operator === 'is not null') return sql`(${column} IS NOT NULL)`;
  if (operator === 'is blank') return sql`(${column} IS NULL OR ${column}::text = '')`;

  const what = `condition on "${columnName}"`;
  if (operator === 'contains') {
    const text = firstValue.trim();
    const quoted = BARE_TEXT.test(text) && text !== '' ? `'${text}'` : text;
    const value = fragment(node, what, quoted);
    return value && sql`(${column}::text LIKE '%' || (${value})::text || '%')`;
  }
  if (operator === 'between') {
    const low = fragment(node, what, firstValue.trim());
    const high = fragment(node, what, secondValue.trim());
    return low && high && sql`(${column} BETWEEN ${low} AND ${high})`;
  }
  if (!COMPARISONS.has(operator)) {
    node.problem(MODEL, `${what}: "${condition}" is not a known comparison`);
    return null;
  }
  const value = fragment(node, what, firstValue.trim());
  return value && sql`(${column} ${trustedSql(operator)} ${value})`;
}

function fragment(node: NodeReader, what: string, text: string): Sql | null {
  if (text === '') {
    node.problem(MODEL, `${what} is empty`);
    return null;
  }
  try {
    return sqlFragment(text);
  } catch (error) {
    if (!(error instanceof FragmentError)) throw error;
    node.problem(MODEL, `${what}: ${error.message}`);
    return null;
  }
}
