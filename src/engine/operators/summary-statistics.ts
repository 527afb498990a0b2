import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import { type Column, OperatorFailed } from '../flow-plan.js';
import { classOf, printed, textOf } from './column-class.js';
import { assertColumns, columnsOf, fromInput, names, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { query, type Procedure } from './procedure.js';
import { named, number, shownNumber, tableReport } from './report.js';

const COLUMNS = [
  'columnName',
  'dataType',
  number('count'),
  number('uniqueValueCount'),
  number('nullCount'),
  number('emptyCount'),
  number('zeroCount'),
  number('positiveValueCount'),
  number('negativeValueCount'),
  'min',
  number('q1'),
  number('median'),
  number('q3'),
  'max',
  number('average'),
  number('deviation'),
  number('variationCoefficient'),
  'topValues',
];

const MAX_GROUPS = 1000;
// Groups times columns: all of it is one document.
const MAX_LINES = 20_000;

interface Statistics {
  readonly [key: string]: unknown;
  readonly groups: readonly (string | null)[];
  readonly values: readonly (string | null)[];
}

/** One row of figures per column, or per column and group (operators.md 1.13). */
export const SUMMARY_STATISTICS: OperatorKind = {
  title: 'Summary Statistics',
  description: 'Describes the values of each column.',
  types: ['valueanalysis', 'summarystatistics'],
  inputs: ONE_DATA_SET,
  delivers: 'nothing',
  read(node) {
    const chosen = node.columns('columnNames');
    const groups = node.columns('groupByColumns', 'groupBy');
    const distinct = node.yesNo('doDistinct', true);
    const topN = node.integer('topN', 10, 0, 100);
    return {
      does: 'procedure',
      outputs: [],
      *run({ data }) {
        const input = onlyInput(data);
        assertColumns(node.name, input, groups);
        const wanted =
          chosen.length > 0
            ? chosen
            : input.columns.map(({ name }) => name).filter((name) => !groups.includes(name));
        const from = fromInput(input);
        const rows: (string | null)[][] = [];
        for (const column of columnsOf(node.name, input, wanted)) {
          const common = groups.length === 0 ? yield* topValues(column, from, topN) : '';
          const found = yield* query<Statistics>(figures(column, from, { groups, distinct }));
          const by = groups.map((group) => `"${group}"`).join(', ');
          if (found.length > MAX_GROUPS)
            throw new OperatorFailed(node.name, `more than ${MAX_GROUPS} groups by ${by}`);
          if (groups.length > 0 && found.length * wanted.length > MAX_LINES)
            throw new OperatorFailed(
              node.name,
              `${found.length} groups by ${by} have more than ${MAX_LINES} lines for ${wanted.length} columns`,
            );
          for (const one of found) {
            const values = one.values.map((value) => (value === null ? null : shownNumber(value)));
            rows.push([...one.groups, column.name, column.type, ...values, common]);
          }
        }
        return {
          delivery: { kind: 'nothing' },
          report: tableReport([...groups.map((name) => named(name)), ...COLUMNS], rows),
          rowCount: null,
        };
      },
    };
  },
};

function figures(
  { name, type }: Column,
  from: Sql,
  { groups, distinct }: { readonly groups: readonly string[]; readonly distinct: boolean },
): Sql {
  const c = ident(name);
  const isNumeric = classOf(type) === 'numeric';
  const isText = /^(text|character)/.test(type);
  const isOrdered = classOf(type) !== 'other' && type !== 'boolean';
  // Of what is like a text, e.g. uuid, servers before PostgreSQL 18 know no least.
  const ordered = classOf(type) === 'categorical' ? sql`${c}::text` : c;
  const when = (condition: Sql) => sql`sum(CASE WHEN ${condition} THEN 1 ELSE 0 END)`;
  const numeric = (figure: Sql) => (isNumeric ? figure : sql`NULL`);
  const quartile = (share: number) =>
    numeric(sql`percentile_cont(${share}) WITHIN GROUP (ORDER BY ${c})`);
  const values = [
    sql`count(${c})`,
    distinct ? sql`count(DISTINCT ${isOrdered ? c : sql`${c}::text`})` : sql`NULL`,
    sql`count(*) - count(${c})`,
    isText ? when(sql`${c} = ''`) : sql`0`,
    numeric(when(sql`${c} = 0`)),
    numeric(when(sql`${c} > 0`)),
    numeric(when(sql`${c} < 0`)),
    isOrdered ? printed(sql`min(${ordered})`, type) : sql`NULL`,
    quartile(0.25),
    quartile(0.5),
    quartile(0.75),
    isOrdered ? printed(sql`max(${ordered})`, type) : sql`NULL`,
    numeric(sql`avg(${c})`),
    numeric(sql`stddev_samp(${c})`),
    numeric(sql`stddev_samp(${c}) / nullif(avg(${c}), 0)`),
  ].map((value) => sql`(${value})::text`);
  const groupTexts = groups.map((group) => sql`${ident(group)}::text`);
  const select = sql`SELECT ARRAY[${joinSql(groupTexts, ', ')}]::text[] AS groups, ARRAY[${joinSql(values, ', ')}] AS values ${from}`;
  return groups.length === 0
    ? select
    : sql`${select} GROUP BY ${names(groups)} ORDER BY ${names(groups)} LIMIT ${MAX_GROUPS + 1}`;
}

/** `rain (5), sunny (5), overcast (4)`. */
function* topValues(column: Column, from: Sql, topN: number): Procedure<string> {
  if (topN === 0) return '';
  const text = textOf(column);
  // Of long values only the beginning is shown, which others may share.
  const found = yield* query<{ value: string; n: string }>(
    sql`SELECT left(${text}, 100) AS value, count(*) AS n ${from} WHERE ${ident(column.name)} IS NOT NULL GROUP BY ${text} ORDER BY 2 DESC, ${text} LIMIT ${topN}`,
  );
  return found.map(({ value, n }) => `${value} (${n})`).join(', ');
}
