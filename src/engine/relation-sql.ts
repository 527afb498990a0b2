import { type Sql, sql } from '../common/sql/sql.js';
import type { Column, Relation, RelationKind } from './flow-plan.js';

const KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

/** One row: kind and columns of a relation by its exact name; no row when it does not exist. */
export function describeRelation(schema: string, table: string): Sql {
  return sql`SELECT c.relkind AS kind, (
      SELECT coalesce(json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod))
        ORDER BY attnum), '[]')
      FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${schema} AND c.relname = ${table}`;
}

export function relationFrom(
  rows: readonly Readonly<Record<string, unknown>>[],
  schema: string,
  table: string,
): Relation | null {
  const [row] = rows;
  if (row === undefined) return null;
  const { kind, columns } = row as { kind: string; columns: readonly Column[] };
  return { schema, table, kind: KINDS[kind] ?? 'other', columns };
}

/** The views that stand on a relation, directly or through other views, as `ExistingView` rows. */
export function dependentViews(schema: string, table: string): Sql {
  return sql`WITH RECURSIVE standing AS (
      SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ${schema} AND c.relname = ${table}
    UNION
      SELECT rule.ev_class FROM standing
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = standing.oid
        AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite rule ON rule.oid = d.objid
    )
    SELECT n.nspname AS schema, c.relname AS table,
      CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind
    FROM standing JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND NOT (n.nspname = ${schema} AND c.relname = ${table})`;
}
