import { ident, joinSql, type Sql, sql, trustedSql } from '../../common/sql/sql.js';
import type { AfmElement } from '../afm/afm-document.js';
import type { NodeReader } from '../afm/node-reader.js';
import type { Relation } from '../flow-plan.js';
import { assertColumns } from './input-columns.js';
import type { InputNode, OperatorKind } from './operator.js';
import { checkNames, readOutput } from './read-output.js';
import { FragmentError, sqlFragment } from './sql-fragment.js';

const MODEL = 'TableJoinDefinition';
const JOINS: Readonly<Record<string, string>> = {
  '': 'JOIN',
  JOIN: 'JOIN',
  'INNER JOIN': 'JOIN',
  'LEFT JOIN': 'LEFT JOIN',
  'LEFT OUTER JOIN': 'LEFT JOIN',
  'RIGHT JOIN': 'RIGHT JOIN',
  'RIGHT OUTER JOIN': 'RIGHT JOIN',
  'FULL JOIN': 'FULL JOIN',
  'FULL OUTER JOIN': 'FULL JOIN',
  'CROSS JOIN': 'CROSS JOIN',
};
const FROM_THE_OTHER_SIDE: Readonly<Record<string, string>> = {
  'LEFT JOIN': 'RIGHT JOIN',
  'RIGHT JOIN': 'LEFT JOIN',
};
const COMPARISONS = new Set(['=', '<>', '>', '<', '>=', '<=']);
const SEQUENCE = 'seq_id';
const MAX_TABLES = 64;

/** A table of the join: its alias and which input it is. */
interface JoinTable {
  readonly alias: string;
  readonly input: number;
}

interface OutputColumn {
  readonly alias: string;
  readonly column: string;
  readonly name: string;
}

/** One table after FROM; `on` is null for the first and for cross joins. */
interface Joined {
  readonly alias: string;
  join: string;
  on: Sql | null;
}

/** Joins two or more inputs of one database (operators.md 1.4). */
export const JOIN: OperatorKind = {
  title: 'Join',
  description: 'Joins two or more data sets of one database.',
  types: ['tablejoin', 'join'],
  inputs: { data: { min: 2, max: MAX_TABLES } },
  delivers: 'data',
  read(node, inputs) {
    const model = node.requiredModel(MODEL);
    const tables = tablesOf(node, model, inputs);
    const columns = columnsOf(node, model, tables);
    const joined = joinedOf(node, model, tables);
    const sequence = node.yesNo('createSequenceID', false);
    const names = columns.map(({ name }) => name);
    checkNames(node, MODEL, sequence ? [SEQUENCE, ...names] : names);
    return {
      does: 'select',
      output: readOutput(node),
      compile: (relations) => {
        const relationOf = (alias: string) => relationFor(alias, tables, relations);
        for (const { alias } of tables) {
          const wanted = columns.filter((column) => column.alias === alias);
          const relation = relationOf(alias);
          assertColumns(
            node.name,
            relation,
            wanted.map(({ column }) => column),
          );
        }
        const selected = columns.map(
          ({ alias, column, name }) => sql`${ident(alias, column)} AS ${ident(name)}`,
        );
        if (sequence) selected.unshift(sql`row_number() OVER () AS ${ident(SEQUENCE)}`);
        const from = joined.map(({ alias, join, on }, i) => {
          const { schema, table } = relationOf(alias);
          const one = sql`${ident(schema, table)} AS ${ident(alias)}`;
          if (i === 0) return one;
          const next = sql`${trustedSql(join)} ${one}`;
          return on === null ? next : sql`${next} ON ${on}`;
        });
        return sql`SELECT ${joinSql(selected, ', ')}\nFROM ${joinSql(from, '\n')}`;
      },
    };
  },
};

function tablesOf(
  node: NodeReader,
  model: AfmElement | null,
  inputs: readonly InputNode[],
): JoinTable[] {
  const tables: JoinTable[] = [];
  const models = childrenOf(model, 'JoinTableModel');
  if (models.length > MAX_TABLES) node.problem(MODEL, `more than ${MAX_TABLES} tables`);
  for (const { attributes } of models.slice(0, MAX_TABLES)) {
    const { alias = '', operID = '' } = attributes;
    const input = inputs.findIndex(({ uuid }) => uuid === operID);
    if (alias === '') node.problem(MODEL, 'a table has no alias');
    else if (tables.some((table) => table.alias === alias))
      node.problem(MODEL, `alias "${alias}" is there twice`);
    else if (input === -1)
      node.problem(MODEL, `table "${alias}": no linked operator has the uuid "${operID}"`);
    else tables.push({ alias, input });
  }
  return tables;
}

function columnsOf(
  node: NodeReader,
  model: AfmElement | null,
  tables: readonly JoinTable[],
): OutputColumn[] {
  const columns: OutputColumn[] = [];
  for (const { attributes } of childrenOf(model, 'JoinColumnModel')) {
    const { tableAlias: alias = '', columnName: column = '' } = attributes;
    const name = attributes['newColumnName'] || column;
    if (column === '') node.problem(MODEL, 'an output column has no name');
    else if (!tables.some((table) => table.alias === alias))
      node.problem(MODEL, `column "${column}": there is no table "${alias}"`);
    else columns.push({ alias, column, name });
  }
  if (columns.length === 0 && model !== null) node.problem(MODEL, 'no output columns are chosen');
  return columns;
}

/** Conditions in file order: one that names a new table adds it, the others narrow the join before. */
function joinedOf(
  node: NodeReader,
  model: AfmElement | null,
  tables: readonly JoinTable[],
): Joined[] {
  const joined: Joined[] = [];
  const has = (alias: string) => joined.some((other) => other.alias === alias);
  for (const { attributes } of childrenOf(model, 'JoinConditionModel')) {
    const { tableAlias1: first = '', tableAlias2: second = '', joinType = '' } = attributes;
    const unknown = [first, second].filter((alias) => !tables.some((t) => t.alias === alias));
    const join = JOINS[joinType.trim().toUpperCase().replace(/\s+/g, ' ')];
    if (unknown.length > 0) {
      node.problem(MODEL, `a condition names the unknown table "${unknown.join('", "')}"`);
      continue;
    }
    if (join === undefined) {
      node.problem(MODEL, `"${joinType}" is not a known kind of join`);
      continue;
    }
    if (joined.length === 0) joined.push({ alias: first, join: '', on: null });
    const added = [first, second].filter((alias) => !has(alias));
    if (added.length > 1) {
      node.problem(MODEL, `tables "${first}" and "${second}" are not joined to those before them`);
      continue;
    }
    const on = join === 'CROSS JOIN' ? null : conditionOf(node, attributes);
    const [alias] = added;
    // What it says of the two is said from the other side when the new table is the first of them.
    const seen = alias === first ? (FROM_THE_OTHER_SIDE[join] ?? join) : join;
    if (alias !== undefined) joined.push({ alias, join: seen, on });
    else if (on !== null) extend(joined, on, attributes['andOr'] ?? '');
  }
  for (const { alias } of tables)
    if (!has(alias)) node.problem(MODEL, `table "${alias}" has no join condition`);
  return joined;
}

function extend(joined: readonly Joined[], on: Sql, andOr: string): void {
  const last = joined.at(-1);
  if (last === undefined) return;
  // With a condition it is no cross join any more, and SQL allows none there.
  if (last.join === 'CROSS JOIN') last.join = 'JOIN';
  const word = andOr.trim().toUpperCase() === 'OR' ? sql` OR ` : sql` AND `;
  last.on = last.on === null ? on : sql`${last.on}${word}${on}`;
}

function conditionOf(
  node: NodeReader,
  { column1 = '', condition = '', column2 = '' }: Readonly<Record<string, string>>,
): Sql | null {
  const comparison = condition.trim();
  if (!COMPARISONS.has(comparison)) {
    node.problem(MODEL, `"${condition}" is not a known comparison`);
    return null;
  }
  if (column1.trim() === '' || column2.trim() === '') {
    node.problem(MODEL, 'a condition lacks one of its columns');
    return null;
  }
  try {
    const [left, right] = [sqlFragment(column1.trim()), sqlFragment(column2.trim())];
    return sql`(${left} ${trustedSql(comparison)} ${right})`;
  } catch (error) {
    if (!(error instanceof FragmentError)) throw error;
    node.problem(MODEL, `a condition: ${error.message}`);
    return null;
  }
}

function relationFor(
  alias: string,
  tables: readonly JoinTable[],
  relations: readonly Relation[],
): Relation {
  const relation = relations[tables.find((table) => table.alias === alias)?.input ?? -1];
  if (relation === undefined) throw new Error(`join table "${alias}" has no input`);
  return relation;
}

function childrenOf(model: AfmElement | null, name: string): readonly AfmElement[] {
  return (model?.children ?? []).filter((child) => child.name === name);
}
