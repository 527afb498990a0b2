import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import { OperatorFailed, type OutputTarget, type Relation } from '../flow-plan.js';
import { describeRelation, existingFrom, relationAndViews, relationFrom } from '../relation-sql.js';
import { type Existing, storeStatements } from '../store-output.js';
import { isPrintedAlikeInJson, shownTypeOf, textOf } from './column-class.js';
import type { OperatorContext, Produced } from './operator.js';
import { execute, lookUp, type Procedure, type Row } from './procedure.js';
import { shownNumber, type TableReport } from './report.js';

/** Rows of a preview (engine-api.md 3.2). */
const PREVIEW_ROWS = 25;
/** Longer texts are cut in a preview. */
const PREVIEW_CHARACTERS = 1000;

/** Replaces an output by the rows of a SELECT, and shows it. */
export function* storeAndShow(
  context: OperatorContext,
  output: OutputTarget,
  select: Sql,
  previewOrder?: Sql,
): Procedure<Produced> {
  const old = yield* whatIsThere(output);
  let stored: number | null = null;
  for (const statement of storeStatements({ ...context, output }, select, old))
    ({ rowCount: stored } = yield* execute(statement));
  const rowCount = output.kind === 'TABLE' ? stored : null;
  const { relation, report } = yield* describeAndShow(context.name, output, rowCount, previewOrder);
  return { delivery: { kind: 'data', relation }, report, rowCount };
}

/** What has an output's name now, and the views that stand on it. */
export function* whatIsThere({ schema, table }: OutputTarget): Procedure<Existing> {
  return existingFrom(yield* lookUp(relationAndViews(schema, table), 'relation-and-views'));
}

/** Null when there is no such relation. */
export function* describe(schema: string, table: string): Procedure<Relation | null> {
  return relationFrom(
    yield* lookUp(describeRelation(schema, table), 'describe-relation'),
    schema,
    table,
  );
}

/** @throws OperatorFailed naming schema and table */
export function* existing(operator: string, schema: string, table: string): Procedure<Relation> {
  return known(yield* describe(schema, table), operator, schema, table);
}

function known(
  relation: Relation | null,
  operator: string,
  schema: string,
  table: string,
): Relation {
  if (relation === null)
    throw new OperatorFailed(
      operator,
      `table "${schema}"."${table}" does not exist in the data source, or may not be read`,
    );
  return relation;
}

/**
 * A relation and its first rows in one look, where JSON prints the values of its columns as `textOf` does: it needs no names
 * of columns in the statement. The others take a second one.
 */
function* describeAndShow(
  operator: string,
  { schema, table }: OutputTarget,
  knownRows: number | null,
  order?: Sql,
): Procedure<{ readonly relation: Relation; readonly report: TableReport }> {
  const from = sql`${ident(schema, table)} AS shown`;
  const texts = sql`SELECT coalesce(json_agg(left(value, ${PREVIEW_CHARACTERS}::int)), '[]') FROM json_each_text(row_to_json(shown.*))`;
  const rows = firstRows(sql`(${texts})`, from, order);
  const found = yield* lookUp<Shown>(
    describeRelation(
      schema,
      table,
      sql`, ${rows} AS rows, ${countOf(from, knownRows)}::text AS count`,
    ),
  );
  const relation = known(relationFrom(found, schema, table), operator, schema, table);
  const [shown] = found;
  const isPlain = relation.columns.every(({ type }) => isPrintedAlikeInJson(type));
  const report =
    isPlain && shown !== undefined
      ? tableReport(relation, shown)
      : yield* preview(relation, Number(shown?.count ?? 0), order);
  return { relation, report };
}

/**
 * The first rows of a relation as texts.
 * @param knownRows when its number of rows is known already; else they are counted
 */
export function* preview(
  relation: Relation,
  knownRows: number | null = null,
  order?: Sql,
): Procedure<TableReport> {
  const { schema, table, columns } = relation;
  const from = ident(schema, table);
  const texts = joinSql(
    columns.map((column) => sql`left(${textOf(column)}, ${PREVIEW_CHARACTERS}::int)`),
    ', ',
  );
  const rows = firstRows(sql`to_json(ARRAY[${texts}]::text[])`, from, order);
  const [found] = yield* lookUp<Shown>(
    sql`SELECT ${rows} AS rows, ${countOf(from, knownRows)}::text AS count`,
  );
  return tableReport(relation, found ?? { rows: [], count: '0' });
}

interface Shown extends Row {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly count: string;
}

function firstRows(row: Sql, from: Sql, order?: Sql): Sql {
  const sorted = order === undefined ? sql`` : sql` ORDER BY ${order}`;
  return sql`(SELECT coalesce(json_agg(row), '[]') FROM (
    SELECT ${row} AS row FROM ${from}${sorted} LIMIT ${PREVIEW_ROWS}::int) p)`;
}

function countOf(from: Sql, knownRows: number | null): Sql {
  return knownRows === null ? sql`(SELECT count(*) FROM ${from})` : sql`${knownRows}::bigint`;
}

function tableReport({ schema, table, columns }: Relation, { rows, count }: Shown): TableReport {
  return {
    kind: 'table',
    columns: columns.map(({ name }) => name),
    types: columns.map(({ type }) => shownTypeOf(type)),
    rows: rows.map((row) => row.map((text, i) => shownText(text, columns[i]?.type ?? ''))),
    table: `${schema}.${table}`,
    rowCount: Number(count),
  };
}

export function* countRows({ schema, table }: Relation): Procedure<number> {
  const [found] = yield* lookUp<{ count: string }>(
    sql`SELECT count(*)::text AS count FROM ${ident(schema, table)}`,
  );
  return Number(found?.count ?? 0);
}

function shownText(text: string | null, type: string): string {
  if (text === null) return '';
  return shownTypeOf(type) === 'number' ? shownNumber(text) : text;
}
