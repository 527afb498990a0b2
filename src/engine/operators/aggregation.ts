import { ident, joinSql, type Sql, sql, trustedSql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import type { Column, Relation } from '../flow-plan.js';
import { assertColumns, attributeOf, fromInput, names, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { execute, type Procedure, query, warn } from './procedure.js';
import { checkNames, readOutput } from './read-output.js';
import { readFragment } from './sql-fragment.js';
import { storeAndShow } from './store.js';

const GROUPS = ident('pg_temp', 'alp_groups');

/** SQL around the column, by the function's documented name. */
const FUNCTIONS: Readonly<Record<string, (column: Sql) => Sql>> = {
  count: (column) => sql`count(${column})`,
  'count distinct': (column) => sql`count(DISTINCT ${column})`,
  sum: (column) => sql`sum(${column})`,
  avg: (column) => sql`avg(${column})`,
  average: (column) => sql`avg(${column})`,
  min: (column) => sql`min(${column})`,
  max: (column) => sql`max(${column})`,
  stddev: (column) => sql`stddev(${column})`,
  variance: (column) => sql`variance(${column})`,
};

interface Computed {
  readonly name: string;
  /** Input column it needs; null for `count(*)` and windows, whose text is the author's. */
  readonly column: string | null;
  readonly value: Sql;
}

/**
 * One row per group, with aggregates and windows over the groups (operators.md 1.8). NULLs are ignored, as SQL does, and
 * told of where a table is made of them. The file format is inferred: elements by name, see docs/operators.md.
 */
export const AGGREGATION: OperatorKind = {
  title: 'Aggregation',
  description: 'Groups rows and computes aggregates of each group.',
  types: ['aggregate', 'aggregation'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const groups = groupsOf(node);
    const computed = [...aggregatesOf(node), ...windowsOf(node)];
    const all = [...groups, ...computed.map(({ name }) => name)];
    checkNames(node, 'AggregateFieldsModel', all);
    if (all.length === 0)
      node.missing('AggregateFieldsModel', 'no group and no aggregate is chosen');
    const output = readOutput(node);
    const select = (input: Relation, counted: readonly Sql[] = []): Sql => {
      const columns = [
        ...groups.map((name) => ident(name)),
        ...computed.map(({ name, value }) => sql`${value} AS ${ident(name)}`),
        ...counted,
      ];
      const from = sql`SELECT ${joinSql(columns, ', ')}\n${fromInput(input)}`;
      return groups.length === 0 ? from : sql`${from}\nGROUP BY ${names(groups)}`;
    };
    return {
      does: 'procedure',
      outputs: [output],
      *run({ data }, context) {
        const input = onlyInput(data);
        const aggregated = computed.flatMap(({ column }) => column ?? []);
        assertColumns(node.name, input, [...groups, ...aggregated]);
        const nullable = input.columns.filter(
          ({ name, notNull }) => aggregated.includes(name) && notNull !== true,
        );
        if (output.kind === 'VIEW' || nullable.length === 0)
          return yield* storeAndShow(context, output, select(input));
        yield* execute(
          sql`CREATE TEMP TABLE alp_groups ON COMMIT DROP AS\n${select(input, nullable.map(nullsOf))}`,
        );
        const kept = sql`SELECT ${names(all)}\nFROM ${GROUPS}`;
        const stored = yield* storeAndShow(context, output, kept);
        yield* warnOfNulls(nullable);
        yield* execute(sql`DROP TABLE ${GROUPS}`);
        return stored;
      },
    };
  },
};

/**
 * NULLs are counted while the groups are formed, for a second pass over the input would cost as much as the aggregation.
 * The groups go through a temporary table, because what CREATE TABLE AS computes can be reported by no other way that
 * keeps it parallel: a CTE with INSERT does not, and a column dropped afterwards would leave its trace in the table.
 */
function nullsOf({ name }: Column, i: number): Sql {
  return sql`count(*) - count(${ident(name)}) AS ${ident(`alp_nulls_${i}`)}`;
}

function* warnOfNulls(nullable: readonly Column[]): Procedure<void> {
  const sums = nullable.map((_, i) => sql`coalesce(sum(${ident(`alp_nulls_${i}`)}), 0)::text`);
  const [found] = yield* query<{ nulls: string[] }>(
    sql`SELECT ARRAY[${joinSql(sums, ', ')}] AS nulls FROM ${GROUPS}`,
  );
  const told = nullable.flatMap(({ name }, i) => {
    const count = found?.nulls[i] ?? '0';
    return count === '0' ? [] : [`"${name}" has ${count}`];
  });
  if (told.length > 0) yield* warn(`NULLs are not aggregated: ${told.join(', ')}`);
}

function groupsOf(node: NodeReader): string[] {
  const listed = node.columns('groupByColumns', 'groupByColumn', 'groupBy');
  const items = node
    .elements(/GroupBy/i)
    .flatMap(({ attributes }) => attributeOf(attributes, 'columnName', 'column', 'name') ?? []);
  return [...new Set([...listed, ...items])];
}

function aggregatesOf(node: NodeReader): Computed[] {
  return node.elements(/Aggregate/i).flatMap(({ attributes }): Computed[] => {
    const column = attributeOf(attributes, 'columnName', 'column', 'attribute');
    const named = attributeOf(attributes, 'function', 'aggregateFunction', 'aggregate', 'type');
    if (column === null && named === null) return [];
    const word = (named ?? '')
      .toLowerCase()
      .replace(/[\s_()-]+/g, ' ')
      .trim();
    const build = FUNCTIONS[word];
    if (build === undefined) {
      const known = Object.keys(FUNCTIONS).join(', ');
      node.problem('AggregateFieldsModel', `"${named ?? ''}" is not one of ${known}`);
      return [];
    }
    const everything = column === null || column === '*';
    if (everything && word !== 'count') {
      node.problem('AggregateFieldsModel', `${word} needs a column`);
      return [];
    }
    const name =
      attributeOf(attributes, 'alias', 'newColumnName', 'resultColumn') ??
      [word.replace(' ', '_'), ...(everything ? [] : [column])].join('_');
    const value = everything ? trustedSql('count(*)') : build(ident(column));
    return [{ name, column: everything ? null : column, value }];
  });
}

function windowsOf(node: NodeReader): Computed[] {
  return node.elements(/Window/i).flatMap(({ attributes }): Computed[] => {
    const text = attributeOf(attributes, 'function', 'windowFunction', 'expression');
    if (text === null) return [];
    const name = attributeOf(attributes, 'alias', 'newColumnName', 'resultColumn');
    if (name === null) {
      node.problem('WindowFieldsModel', `window "${text}" has no name`);
      return [];
    }
    const value = readFragment(node, 'WindowFieldsModel', `window "${name}"`, text);
    const over = attributeOf(attributes, 'over', 'windowSpecification', 'overClause') ?? '';
    const frame =
      over === '' ? sql`` : readFragment(node, 'WindowFieldsModel', `window "${name}"`, over);
    return value === null || frame === null
      ? []
      : [{ name, column: null, value: sql`${value} OVER (${frame})` }];
  });
}
