import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import { type Column, OperatorFailed, type Relation } from '../flow-plan.js';
import { classOf, type ColumnClass } from './column-class.js';

/** @throws OperatorFailed naming every wanted column that the input does not have */
export function assertColumns(operator: string, input: Relation, wanted: readonly string[]): void {
  const there = new Set(input.columns.map(({ name }) => name));
  const missing = [...new Set(wanted)].filter((column) => !there.has(column));
  if (missing.length > 0)
    throw new OperatorFailed(
      operator,
      `"${input.schema}"."${input.table}" has no column ${missing.map((c) => `"${c}"`).join(', ')}; ` +
        `it has ${[...there].map((c) => `"${c}"`).join(', ')}`,
    );
}

/** The only input; how many there are was checked with the plan. */
export function onlyInput(inputs: readonly Relation[]): Relation {
  const [input] = inputs;
  if (input === undefined) throw new Error('an operator was compiled without its input');
  return input;
}

/** The columns with their types, in the order wanted. @throws OperatorFailed as `assertColumns` */
export function columnsOf(
  operator: string,
  input: Relation,
  wanted: readonly string[],
): readonly Column[] {
  assertColumns(operator, input, wanted);
  return wanted.flatMap((name) => input.columns.find((column) => column.name === name) ?? []);
}

/** @throws OperatorFailed naming the columns that are of another class */
export function assertClass(
  operator: string,
  columns: readonly Column[],
  wanted: readonly ColumnClass[],
): void {
  const others = columns.filter(({ type }) => !wanted.includes(classOf(type)));
  if (others.length > 0)
    throw new OperatorFailed(
      operator,
      `${others.map(({ name, type }) => `"${name}" is ${type}`).join(', ')}; needed: ${wanted.join(' or ')}`,
    );
}

/** `"a", "b"`. */
export function names(columns: readonly string[]): Sql {
  return joinSql(
    columns.map((name) => ident(name)),
    ', ',
  );
}

export function allNames({ columns }: Relation): Sql {
  return names(columns.map(({ name }) => name));
}

export function fromInput({ schema, table }: Relation): Sql {
  return sql`FROM ${ident(schema, table)}`;
}

/** An attribute by any of its spellings, in any case; empty counts as not given. */
export function attributeOf(
  attributes: Readonly<Record<string, string>>,
  ...spellings: readonly string[]
): string | null {
  for (const spelling of spellings)
    for (const [key, value] of Object.entries(attributes))
      if (key.toLowerCase() === spelling.toLowerCase() && value.trim() !== '') return value.trim();
  return null;
}
