import { firstCharacters } from '../../common/first-characters.js';
import { ident, trustedSql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import { OperatorFailed, type OutputTarget } from '../flow-plan.js';
import { dropStatements } from '../store-output.js';
import type { OperatorKind } from './operator.js';
import { execute } from './procedure.js';
import { readOutput } from './read-output.js';
import { number, tableReport } from './report.js';
import { codeOf, sqlStatements } from './sql-text.js';
import { describe, preview, whatIsThere } from './store.js';

const OUTPUT = 'alpine_sql_output';
const MAX_CHARACTERS = 1_000_000;
// They would end the transaction that makes the operator all or nothing (architecture.md D8). What ends it from within, a
// procedure or a block that commits, the data source refuses itself.
const NOT_IN_A_TRANSACTION =
  /^(begin|start|commit|end|rollback|abort|savepoint|release|prepare\s+transaction)\b/i;

/**
 * Runs SQL text of the author (operators.md 1.16): `alpine_sql_input_1` … stand for the inputs, `alpine_sql_output` for
 * the operator's own table. All statements run in one transaction, with the rights of whoever runs the flow.
 */
export const SQL_EXECUTE: OperatorKind = {
  title: 'SQL Execute',
  description: 'Runs SQL statements.',
  types: ['sqlexecute'],
  inputs: { data: { min: 0, max: 64 } },
  delivers: 'data',
  deliversNothing: (node) => (node.text('sql', 'passOutput') === null ? null : !passesOutput(node)),
  placesItself: true,
  repeatable: false,
  read(node, inputs) {
    const script = scriptOf(node);
    const output: OutputTarget | null = passesOutput(node) ? readOutput(node) : null;
    const statements = sqlStatements(script, new Map());
    if (script !== '' && statements.length === 0)
      node.problem('sql', 'the SQL text has no statement');
    for (const code of statements.map(codeOf))
      if (NOT_IN_A_TRANSACTION.test(code))
        node.problem(
          'sql',
          `"${firstCharacters(code, 40)}" is not allowed: the operator is one transaction`,
        );
    let highest = 0;
    for (const [, n] of script.matchAll(/alpine_sql_input_(\d+)/gi))
      highest = Math.max(highest, Number(n));
    if (highest > inputs.length)
      node.problem('sql', `it reads alpine_sql_input_${highest}, and has ${inputs.length} inputs`);
    return {
      does: 'procedure',
      outputs: output === null ? [] : [output],
      *run({ data }, context) {
        const words = new Map(
          data.map(({ schema, table }, i): [string, string] => [
            `alpine_sql_input_${i + 1}`,
            ident(schema, table).text,
          ]),
        );
        if (output !== null) {
          words.set(OUTPUT, ident(output.schema, output.table).text);
          const old = yield* whatIsThere(output);
          for (const drop of dropStatements({ ...context, output }, old)) yield* execute(drop);
        }
        const done: [string, number | null][] = [];
        for (const statement of sqlStatements(script, words)) {
          const { rowCount } = yield* execute(trustedSql(statement));
          done.push([firstCharacters(statement, 200), rowCount]);
        }
        if (output === null)
          return {
            delivery: { kind: 'nothing' },
            report: tableReport(['statement', number('rows')], done),
            rowCount: null,
          };
        const relation = yield* describe(output.schema, output.table);
        if (relation === null)
          throw new OperatorFailed(node.name, `its SQL did not create ${OUTPUT}`);
        const report = yield* preview(relation);
        return { delivery: { kind: 'data', relation }, report, rowCount: report.rowCount };
      },
    };
  },
};

/** Empty when there is none that can be used. */
function scriptOf(node: NodeReader): string {
  const script = node.required('sql');
  if (script.length <= MAX_CHARACTERS) return script;
  node.problem('sql', `the SQL text is longer than ${MAX_CHARACTERS} characters`);
  return '';
}

function passesOutput(node: NodeReader): boolean {
  const makesOutput = new RegExp(`\\b${OUTPUT}\\b`, 'i').test(node.text('sql') ?? '');
  return node.yesNo('passOutput', makesOutput);
}
