import { firstCharacters } from '../../common/first-characters.js';
import { sql, trustedSql } from '../../common/sql/sql.js';
import { allNames, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import type { NodeReader } from '../afm/node-reader.js';
import { exportFile } from './procedure.js';
import { tableReport } from './report.js';
import { preview } from './store.js';

/** SQL literals by the words of the parameter. */
const DELIMITERS = {
  ...{ Comma: "','", Semicolon: "';'", Tab: "E'\\t'", Pipe: "'|'" },
  ...{ ',': "','", ';': "';'", '\\t': "E'\\t'", '|': "'|'" },
} as const;
const NAME_LENGTH = 200;

/**
 * Offers its rows as a CSV file beside the run (operators.md 1.17): `GET /api/runs/:id/exports`. Texts are quoted where
 * they must be (RFC 4180); NULL is nothing, an empty text is `""`.
 */
export const EXPORT: OperatorKind = {
  title: 'Export',
  description: 'Offers a data set as a file.',
  types: ['export', 'exporttofile', 'exportfile', 'exporttocsv', 'csvexport'],
  inputs: ONE_DATA_SET,
  delivers: 'nothing',
  read(node) {
    const fileName = fileNameOf(node);
    const delimiter = trustedSql(node.choice('delimiter', DELIMITERS, "','"));
    const header = node.yesNo('includeHeader', true) ? sql` HEADER` : sql``;
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        const rows = sql`SELECT ${allNames(input)}\n${fromInput(input)}`;
        // The spelling that Greenplum 5 knows as well.
        const { file, rowCount } = yield* exportFile(
          sql`COPY (${rows}) TO STDOUT WITH DELIMITER AS ${delimiter} CSV${header}`,
          fileName,
        );
        const about = tableReport(
          ['File', 'Rows', 'Bytes', 'Download'],
          [[fileName, rowCount, file.sizeBytes, file.path]],
        );
        return {
          delivery: { kind: 'nothing' },
          report: {
            kind: 'composite',
            parts: [
              { title: 'File', report: about },
              { title: 'Data', report: yield* preview(input, rowCount) },
            ],
          },
          rowCount: null,
        };
      },
    };
  },
};

/** The operator's name by default, with an ending. */
function fileNameOf(node: NodeReader): string {
  const given = node.text('fileName');
  const name = given ?? firstCharacters(node.name.replace(/[/\\\p{Cc}]/gu, '_'), NAME_LENGTH);
  if (/[/\\\p{Cc}]/u.test(name) || [...name].length > NAME_LENGTH || /^\.*$/.test(name))
    node.problem(
      'fileName',
      `parameter "fileName" must be a name of at most ${NAME_LENGTH} characters without / and \\`,
    );
  return /\.\w{1,8}$/.test(name) ? name : `${name}.csv`;
}
