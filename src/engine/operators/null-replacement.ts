import { repeated } from '../../common/repeated.js';
import { ident, joinSql, type Sql, sql, trustedSql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import { type Column, OperatorFailed } from '../flow-plan.js';
import { classOf } from './column-class.js';
import {
  assertColumns,
  attributeOf,
  columnsOf,
  fromInput,
  names,
  onlyInput,
} from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { readOutput } from './read-output.js';

const MODEL = 'NullReplacementModel';
/** Aggregate of a column, by the documented name. */
const AGGREGATES: Readonly<Record<string, (column: Sql) => Sql>> = {
  average: (column) => sql`avg(${column})`,
  avg: (column) => sql`avg(${column})`,
  minimum: (column) => sql`min(${column})`,
  min: (column) => sql`min(${column})`,
  maximum: (column) => sql`max(${column})`,
  max: (column) => sql`max(${column})`,
  median: (column) => sql`percentile_cont(0.5) WITHIN GROUP (ORDER BY ${column})`,
  'approximate median': (column) => sql`percentile_cont(0.5) WITHIN GROUP (ORDER BY ${column})`,
};
const NUMERIC_ONLY = new Set(['average', 'avg', 'median', 'approximate median']);

interface Replacement {
  readonly column: string;
  /** Null: a constant. */
  readonly aggregate: string | null;
  readonly value: string | null;
}

/** Puts a constant or an aggregate, of all rows or of the row's group, where a value is missing (operators.md 1.11). */
export const NULL_REPLACEMENT: OperatorKind = {
  title: 'Null Value Replacement',
  description: 'Replaces missing values.',
  types: ['replacenull', 'nullvaluereplacement'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const replacements = replacementsOf(node);
    if (replacements.length === 0) node.missing(MODEL, 'no column is chosen');
    const columns = replacements.map(({ column }) => column);
    for (const name of repeated(columns)) node.problem(MODEL, `column "${name}" is there twice`);
    const groups = node.columns('groupByColumns', 'groupBy');
    return {
      does: 'select',
      output: readOutput(node),
      compile: (data) => {
        const input = onlyInput(data);
        const chosen = replacements.map(({ column }) => column);
        assertColumns(node.name, input, groups);
        const types = columnsOf(node.name, input, chosen);
        const statistics = replacements.flatMap(({ column, aggregate }, i) =>
          aggregate === null ? [] : [{ column, aggregate, name: `alp_${i}` }],
        );
        const list = input.columns.map(({ name }) => {
          const at = chosen.indexOf(name);
          const type = types[at];
          const replacement = replacements[at];
          if (type === undefined || replacement === undefined) return sql`t.${ident(name)}`;
          return replaced(node.name, type, replacement, ident(`alp_${at}`));
        });
        const select = sql`SELECT ${joinSql(list, ', ')}\n${fromInput(input)} AS t`;
        if (statistics.length === 0) return select;
        const values = statistics.map(
          ({ column, aggregate, name }) =>
            sql`${AGGREGATES[aggregate]?.(ident(column)) ?? sql`NULL`} AS ${ident(name)}`,
        );
        if (groups.length === 0)
          return sql`${select}\nCROSS JOIN (SELECT ${joinSql(values, ', ')} ${fromInput(input)}) AS s`;
        const same = groups.map(
          (name) => sql`t.${ident(name)} IS NOT DISTINCT FROM s.${ident(name)}`,
        );
        return sql`${select}\nLEFT JOIN (SELECT ${names(groups)}, ${joinSql(values, ', ')} ${fromInput(input)} GROUP BY ${names(groups)}) AS s ON ${joinSql(same, ' AND ')}`;
      },
    };
  },
};

function replaced(
  operator: string,
  { name, type }: Column,
  { aggregate, value }: Replacement,
  statistic: Sql,
): Sql {
  const column = sql`t.${ident(name)}`;
  const target = trustedSql(type);
  if (aggregate === null)
    return sql`coalesce(${column}, ${constant(value, type)}::${target}) AS ${ident(name)}`;
  if (NUMERIC_ONLY.has(aggregate) && classOf(type) !== 'numeric')
    throw new OperatorFailed(operator, `"${name}" is ${type}: ${aggregate} needs a numeric column`);
  return sql`coalesce(${column}, s.${statistic}::${target}) AS ${ident(name)}`;
}

/** By default the empty text, zero or false. */
function constant(value: string | null, type: string): Sql {
  if (value !== null) return sql`${value}`;
  if (type === 'boolean') return sql`false`;
  return classOf(type) === 'numeric' ? sql`0` : sql`''`;
}

function replacementsOf(node: NodeReader): Replacement[] {
  const items = node.elements(/Null|Replace/i).flatMap(({ attributes }): Replacement[] => {
    const column = attributeOf(attributes, 'columnName', 'column');
    if (column === null) return [];
    return replacementOf(
      node,
      column,
      attributeOf(attributes, 'method', 'type', 'aggregate'),
      attributes['value'] || null,
    );
  });
  if (items.length > 0) return items;
  const columns = node.columns('columnNames');
  return columns.flatMap((column) =>
    replacementOf(
      node,
      column,
      node.text('method', 'replaceType'),
      node.text('value', 'replaceValue'),
    ),
  );
}

function replacementOf(
  node: NodeReader,
  column: string,
  method: string | null,
  value: string | null,
): Replacement[] {
  const word = (method ?? 'value').toLowerCase().replace(/[\s_-]+/g, ' ');
  if (['value', 'constant', 'fixed value'].includes(word))
    return [{ column, aggregate: null, value }];
  if (AGGREGATES[word] !== undefined) return [{ column, aggregate: word, value: null }];
  const known = ['value', ...Object.keys(AGGREGATES)].join(', ');
  node.problem(MODEL, `column "${column}": "${method ?? ''}" is not one of ${known}`);
  return [];
}
