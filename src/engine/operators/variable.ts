import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import type { AfmElement } from '../afm/afm-document.js';
import type { NodeReader } from '../afm/node-reader.js';
import { columnType } from './column-type.js';
import { assertColumns, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { quantilesOf } from './quantile.js';
import { readOutput } from './read-output.js';
import { FragmentError, sqlFragment } from './sql-fragment.js';

const MODEL = 'DerivedFieldsModel';

interface Derived {
  readonly name: string;
  readonly column: Sql;
}

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
    const derived = [
      ...derivedOf(node),
      ...quantiles.map(({ name, value }) => ({ name, column: sql`${value} AS ${ident(name)}` })),
    ];
    assertDistinct(node, [...kept, ...derived.map(({ name }) => name)]);
    if (kept.length + derived.length === 0) node.problem('columnNames', 'no columns are chosen');
    return {
      does: 'select',
      output: readOutput(node),
      compile: (inputs) => {
        const input = onlyInput(inputs);
        assertColumns(node.name, input, [...kept, ...quantiles.map(({ source }) => source)]);
        const names = kept.map((name) => ident(name));
        const columns = joinSql([...names, ...derived.map(({ column }) => column)], ', ');
        return sql`SELECT ${columns}\nFROM ${ident(input.schema, input.table)}`;
      },
    };
  },
};

function derivedOf(node: NodeReader): Derived[] {
  const items = node.model(MODEL)?.children ?? [];
  return items
    .filter(({ name }) => name === 'DerivedFieldItem')
    .flatMap((item) => derive(node, item) ?? []);
}

function derive(node: NodeReader, { attributes }: AfmElement): Derived | null {
  const { columnName = '', dataType = '', expression = '' } = attributes;
  const name = columnName.trim();
  if (name === '') {
    node.problem(MODEL, 'a derived column has no name');
    return null;
  }
  if ((attributes['multiVarReturnColumns'] ?? '') !== '') {
    node.problem(MODEL, `column "${name}": one expression for many columns is not supported`);
    return null;
  }
  const type = columnType(dataType.trim());
  if (type === null) {
    node.problem(MODEL, `column "${name}": "${dataType}" is not a type`);
    return null;
  }
  try {
    if (expression.trim() === '') throw new FragmentError('the expression is empty');
    const column = sql`(${sqlFragment(expression.trim())})::${type} AS ${ident(name)}`;
    return { name, column };
  } catch (error) {
    if (!(error instanceof FragmentError)) throw error;
    node.problem(MODEL, `column "${name}": ${error.message}`);
    return null;
  }
}

function assertDistinct(node: NodeReader, names: readonly string[]): void {
  const doubled = names.filter((name, i) => names.indexOf(name) !== i);
  for (const name of new Set(doubled))
    node.problem('columnNames', `column "${name}" is there twice`);
}
