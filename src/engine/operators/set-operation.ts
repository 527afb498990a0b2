import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import { MAX_COLUMNS, type NodeReader } from '../afm/node-reader.js';
import { OperatorFailed, type Relation } from '../flow-plan.js';
import { allNames, assertColumns, attributeOf, fromInput } from './input-columns.js';
import type { InputNode, OperatorKind } from './operator.js';
import { checkNames, readOutput } from './read-output.js';

const KINDS = {
  UNION: 'UNION',
  'UNION ALL': 'UNION ALL',
  INTERSECT: 'INTERSECT',
  EXCEPT: 'EXCEPT',
} as const;

/** An output column and the column it is made of in each input, by the input's index. */
interface Column {
  readonly name: string;
  readonly sources: ReadonlyMap<number, string>;
}

/** Puts the rows of several data sets together (operators.md 1.9). */
export const SET_OPERATION: OperatorKind = {
  title: 'Set Operations',
  description: 'Unites, intersects or subtracts the rows of its data sets.',
  types: ['setoperation', 'setoperations', 'union'],
  inputs: { data: { min: 2, max: 64 } },
  delivers: 'data',
  read(node, inputs) {
    const models = node.elements(/Union|SetOperation/i);
    const given = models.map(({ attributes }) => attributes['setType'] ?? '').find(Boolean);
    const kind = kindOf(node, node.text('setType') ?? given ?? 'UNION');
    const first = node.text('firstTable') ?? attributeOfAny(models, 'firstTable');
    const order = orderOf(node, inputs, kind === 'EXCEPT' ? first : null);
    const columns = columnsOf(node, inputs);
    const names = columns.map(({ name }) => name);
    checkNames(node, 'unionColumnModel', names);
    return {
      does: 'select',
      output: readOutput(node),
      compile: (data) => {
        const ordered = order.flatMap((i) =>
          data[i] === undefined ? [] : [[i, data[i]] as const],
        );
        if (columns.length === 0) assertSameWidth(node.name, data);
        const selects = ordered.map(([i, input]) => select(node.name, input, i, columns));
        return joinSql(selects, `\n${kind}\n`);
      },
    };
  },
};

function kindOf(node: NodeReader, text: string): string {
  const kind = KINDS[
    text
      .trim()
      .toUpperCase()
      .replace(/[\s_]+/g, ' ') as keyof typeof KINDS
  ] as string | undefined;
  if (kind === undefined)
    node.problem('setType', `"${text}" is not one of ${Object.keys(KINDS).join(', ')}`);
  return kind ?? 'UNION';
}

/** EXCEPT starts from the named input, by its operator's name, uuid, or position. */
function orderOf(node: NodeReader, inputs: readonly InputNode[], first: string | null): number[] {
  const order = inputs.map((_, i) => i);
  if (first === null) return order;
  const at = inputs.findIndex(({ name, uuid }) => name === first || uuid === first);
  if (at === -1) {
    node.problem('firstTable', `no linked operator is called "${first}"`);
    return order;
  }
  return [at, ...order.filter((i) => i !== at)];
}

function columnsOf(node: NodeReader, inputs: readonly InputNode[]): Column[] {
  const models = node.elements(/^unionColumnModel$/i);
  if (models.length > MAX_COLUMNS)
    node.problem('unionColumnModel', `more than ${MAX_COLUMNS} columns are not supported`);
  return models.slice(0, MAX_COLUMNS).map(({ attributes, children }): Column => {
    const name = attributeOf(attributes, 'columnName') ?? '';
    if (name === '') node.problem('unionColumnModel', 'an output column has no name');
    const sources = new Map<number, string>();
    for (const child of children) {
      const operId = attributeOf(child.attributes, 'operID') ?? '';
      const input = inputs.findIndex(({ uuid }) => uuid === operId);
      const column = attributeOf(child.attributes, 'columnName', 'column');
      if (input === -1)
        node.problem(
          'unionColumnModel',
          `column "${name}": no linked operator has the uuid "${operId}"`,
        );
      else if (column !== null) sources.set(input, column);
    }
    for (const [i, input] of inputs.entries())
      if (!sources.has(i))
        node.problem('unionColumnModel', `column "${name}" has no source in "${input.name}"`);
    return { name, sources };
  });
}

function select(operator: string, input: Relation, index: number, columns: readonly Column[]): Sql {
  if (columns.length === 0) return sql`SELECT ${allNames(input)} ${fromInput(input)}`;
  const sources = columns.map(({ name, sources: of }) => ({ name, column: of.get(index) ?? '' }));
  assertColumns(
    operator,
    input,
    sources.map(({ column }) => column),
  );
  const list = sources.map(({ name, column }) => sql`${ident(column)} AS ${ident(name)}`);
  return sql`SELECT ${joinSql(list, ', ')} ${fromInput(input)}`;
}

function assertSameWidth(operator: string, data: readonly Relation[]): void {
  if (new Set(data.map(({ columns }) => columns.length)).size <= 1) return;
  const widths = data.map((one) => `"${one.schema}"."${one.table}" has ${one.columns.length}`);
  throw new OperatorFailed(operator, `the inputs differ in columns: ${widths.join(', ')}`);
}

function attributeOfAny(
  models: readonly { readonly attributes: Readonly<Record<string, string>> }[],
  name: string,
): string | null {
  return models.map(({ attributes }) => attributeOf(attributes, name)).find(Boolean) ?? null;
}
