import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import { OperatorFailed, type OutputTarget, type Relation } from '../flow-plan.js';
import { describeRelation, existingFrom, relationAndViews, relationFrom } from '../relation-sql.js';
import { type Existing, storeStatements } from '../store-output.js';
import { shownTypeOf, textOf } from './column-class.js';
import type { OperatorContext, Produced } from './operator.js';
import { execute, lookUp, type Procedure } from './procedure.js';
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
  const { relation, rowCount } = yield* store(context, output, select);
  const report = yield* preview(relation, rowCount, previewOrder);
  return {
    delivery: { kind: 'data', relation },
    report,
    rowCount: output.kind === 'TABLE' ? rowCount : null,
  };
}

/** Replaces an output by the rows of a SELECT. */
export function* store(
  context: OperatorContext,
  output: OutputTarget,
  select: Sql,
): Procedure<{ readonly relation: Relation; readonly rowCount: number | null }> {
  const { schema, table } = output;
  const old = yield* whatIsThere(output);
  const storing = { ...context, output };
  let rowCount: number | null = null;
  for (const statement of storeStatements(storing, select, old))
    ({ rowCount } = yield* execute(statement));
  const relation = yield* existing(context.name, schema, table);
  return { relation, rowCount: output.kind === 'TABLE' ? rowCount : null };
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
  const relation = yield* describe(schema, table);
  if (relation === null)
    throw new OperatorFailed(
      operator,
      `table "${schema}"."${table}" does not exist in the data source, or may not be read`,
    );
  return relation;
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
  const sorted = order === undefined ? sql`` : sql` ORDER BY ${order}`;
  const count =
    knownRows === null ? sql`(SELECT count(*) FROM ${from})` : sql`${knownRows}::bigint`;
  const shown =
    columns.length === 0
      ? sql`'[]'::json`
      : sql`(SELECT coalesce(json_agg(row), '[]') FROM (
        SELECT to_json(ARRAY[${texts}]) AS row FROM ${from}${sorted} LIMIT ${PREVIEW_ROWS}::int) p)`;
  const [found] = yield* lookUp<{ rows: (string | null)[][]; count: string }>(
    sql`SELECT ${shown} AS rows, ${count}::text AS count`,
  );
  return {
    kind: 'table',
    columns: columns.map(({ name }) => name),
    types: columns.map(({ type }) => shownTypeOf(type)),
    rows: (found?.rows ?? []).map((row) =>
      row.map((text, i) => shownText(text, columns[i]?.type ?? '')),
    ),
    table: `${schema}.${table}`,
    rowCount: Number(found?.count ?? 0),
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
