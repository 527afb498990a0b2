import { type Sql, sql } from '../common/sql/sql.js';
import type { Column, Relation, RelationKind } from './flow-plan.js';
import type { Existing, ExistingView } from './store-output.js';

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
      SELECT coalesce(json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod),
        'notNull', attnotnull) ORDER BY attnum), '[]')
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

/**
 * One row per view that stands on a relation, directly or through other views, as `ExistingView`; with every row, or
 * alone when no view does, the kind of the relation itself (NULL when it does not exist), and whose dialect it is.
 */
export function relationAndViews(schema: string, table: string): Sql {
  return sql`WITH RECURSIVE old AS (
      SELECT c.oid, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ${schema} AND c.relname = ${table}
    ), standing AS (
      SELECT oid FROM old
    UNION
      SELECT rule.ev_class FROM standing
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = standing.oid
        AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite rule ON rule.oid = d.objid
    )
    SELECT old.relkind AS "oldKind", version() LIKE '%Greenplum Database%' AS "isGreenplum", found.*
    FROM (SELECT 1) AS one LEFT JOIN old ON true LEFT JOIN (
      SELECT n.nspname AS schema, c.relname AS table,
        CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind
      FROM standing JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('v', 'm') AND c.oid NOT IN (SELECT oid FROM old)) found ON true`;
}

/** What `relationAndViews` found. */
export function existingFrom(rows: readonly Readonly<Record<string, unknown>>[]): Existing {
  const [first] = rows as readonly {
    readonly oldKind: string | null;
    readonly isGreenplum: boolean;
  }[];
  const views = (rows as unknown as readonly ExistingView[]).filter((row) => Boolean(row.schema));
  const kind = first?.oldKind == null ? null : (KINDS[first.oldKind] ?? 'other');
  return { kind, views, isGreenplum: first?.isGreenplum === true };
}
