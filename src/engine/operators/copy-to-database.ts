import { ident, sql } from '../../common/sql/sql.js';
import { OperatorFailed, type OutputTarget } from '../flow-plan.js';
import { allNames, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { execute } from './procedure.js';
import { describe, existing, preview, storeAndShow } from './store.js';

const IF_EXISTS = { Drop: 'drop', Append: 'append', Skip: 'skip', Error: 'error' } as const;

/** Stores a data set under another name in the same database (operators.md 1.17). */
export const COPY_TO_DATABASE: OperatorKind = {
  title: 'Copy To Database',
  description: 'Stores a copy of a data set.',
  types: ['copytodb', 'copytodatabase'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  repeatable: false,
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
      outputs: [output],
      *run({ data }, context) {
        const input = onlyInput(data);
        const { schema, table } = output;
        const old = yield* describe(schema, table);
        const select = sql`SELECT ${allNames(input)}\n${fromInput(input)}`;
        if (old === null || mode === 'drop') return yield* storeAndShow(context, output, select);
        if (mode === 'error')
          throw new OperatorFailed(node.name, `"${schema}"."${table}" exists (ifDataExists)`);
        let rowCount: number | null = null;
        if (mode === 'append')
          ({ rowCount } = yield* execute(
            sql`INSERT INTO ${ident(schema, table)} (${allNames(input)})\n${select}`,
          ));
        const relation = yield* existing(node.name, schema, table);
        const report = yield* preview(relation);
        return { delivery: { kind: 'data', relation }, report, rowCount };
      },
    };
  },
};
