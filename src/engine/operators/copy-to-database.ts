import { ident, joinSql, sql, trustedSql } from '../../common/sql/sql.js';
import { OperatorFailed, type OutputTarget, type Relation } from '../flow-plan.js';
import { dropStatements, storageSql } from '../store-output.js';
import { allNames, assertColumns, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorContext, type OperatorKind } from './operator.js';
import { copy, execute, lookUp, type Procedure } from './procedure.js';
import { describe, existing, preview, storeAndShow, whatIsThere } from './store.js';

const IF_EXISTS = { Drop: 'drop', Append: 'append', Skip: 'skip', Error: 'error' } as const;

/**
 * Stores a data set under another name, in the database of its input or in another one (operators.md 1.17). It runs
 * where the copy is to be: there it commits, and there a stop leaves the old table or the new one.
 */
export const COPY_TO_DATABASE: OperatorKind = {
  title: 'Copy To Database',
  description: 'Stores a copy of a data set.',
  types: ['copytodb', 'copytodatabase'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  crossesDatabases: true,
  read(node) {
    const mode = node.choice('ifDataExists', IF_EXISTS, 'drop');
    const output: OutputTarget = {
      schema: node.text('schemaName') ?? node.required('outputSchema'),
      table: node.required('copyToTableName'),
      kind: 'TABLE',
      dropIfExist: mode === 'drop',
    };
    return {
      does: 'procedure',
      repeatable: mode === 'drop' || mode === 'skip',
      outputs: [output],
      *run({ data }, context) {
        const input = onlyInput(data);
        const { schema, table } = output;
        const old = yield* describe(schema, table);
        if (old !== null && mode === 'error')
          throw new OperatorFailed(node.name, `"${schema}"."${table}" exists (ifDataExists)`);
        const isNew = old === null || mode === 'drop';
        let rowCount: number | null = null;
        if (isNew) {
          if (context.inputIsElsewhere !== true)
            return yield* storeAndShow(context, output, selectAll(input));
          yield* create(context, output, input);
          rowCount = yield* append(context, output, input);
        } else if (mode === 'append') {
          const wanted = input.columns.map(({ name }) => name);
          assertColumns(node.name, old, wanted);
          rowCount = yield* append(context, output, input);
        }
        const relation = yield* existing(node.name, schema, table);
        const report = yield* preview(relation, isNew ? rowCount : null);
        return { delivery: { kind: 'data', relation }, report, rowCount };
      },
    };
  },
};

function selectAll(input: Relation) {
  return sql`SELECT ${allNames(input)}\n${fromInput(input)}`;
}

/** An empty table of the same columns, in place of what is there. @throws OperatorFailed for types it does not know */
function* create(
  context: OperatorContext,
  output: OutputTarget,
  { columns }: Relation,
): Procedure<void> {
  yield* assertTypes(context.name, columns);
  const old = yield* whatIsThere(output);
  for (const statement of dropStatements({ ...context, output }, old)) yield* execute(statement);
  // The names of types come from the other database's catalogue, and this one has just taken them for types.
  const list = columns.map(({ name, type }) => sql`${ident(name)} ${trustedSql(type)}`);
  const table = ident(output.schema, output.table);
  const { before, after } = storageSql(output, old);
  yield* execute(sql`CREATE TABLE ${table} (${joinSql(list, ', ')})${before}${after}`);
}

function* assertTypes(operator: string, columns: Relation['columns']): Procedure<void> {
  const types = [...new Set(columns.map(({ type }) => type))];
  if (types.length === 0) return;
  const each = types.map((type, i) => sql`SELECT ${i}::int AS i, to_regtype(${type}) AS found`);
  const unknown = yield* lookUp<{ i: number }>(
    sql`SELECT i FROM (${joinSql(each, ' UNION ALL ')}) AS t WHERE found IS NULL`,
  );
  const missing = unknown.map(({ i }) => types[i]);
  const named = columns.filter(({ type }) => missing.includes(type));
  if (named.length > 0)
    throw new OperatorFailed(
      operator,
      `the target database does not have the type of ${named.map(({ name, type }) => `"${name}" (${type})`).join(', ')}`,
    );
}

/** Adds the rows to a table that is there. @returns how many */
function* append(
  { inputIsElsewhere }: OperatorContext,
  { schema, table }: OutputTarget,
  input: Relation,
): Procedure<number | null> {
  const list = input.columns.length === 0 ? sql`` : sql` (${allNames(input)})`;
  const into = sql`${ident(schema, table)}${list}`;
  const rows = selectAll(input);
  const { rowCount } =
    inputIsElsewhere === true
      ? yield* copy(sql`COPY (${rows}) TO STDOUT`, sql`COPY ${into} FROM STDIN`)
      : yield* execute(sql`INSERT INTO ${into}\n${rows}`);
  return rowCount;
}
