import { ident, type Sql, sql, trustedSql } from '../common/sql/sql.js';
import { OperatorFailed, type OutputTarget, type RelationKind } from './flow-plan.js';
import type { OperatorContext } from './operators/operator.js';

const DROP: Readonly<Record<Exclude<RelationKind, 'other'>, Sql>> = {
  table: sql`DROP TABLE`,
  view: sql`DROP VIEW`,
  'materialized view': sql`DROP MATERIALIZED VIEW`,
  'foreign table': sql`DROP FOREIGN TABLE`,
};

export interface ExistingView {
  readonly schema: string;
  readonly table: string;
  readonly kind: 'view' | 'materialized view';
}

interface Storing extends OperatorContext {
  readonly output: OutputTarget;
}

/**
 * The statements that replace an operator's output by the rows of `select`, all in its transaction (I8): a stop leaves
 * the old or the new one. Never CASCADE: what stands on the old output and is not this flow's own makes it fail with
 * the data source's words (operators.md 0.3). `StorageParameters` mean nothing to PostgreSQL.
 * @param existing kind of what has the output's name now
 * @param views that stand on it
 * @throws OperatorFailed when what is there may not be dropped
 */
export function storeStatements(
  storing: Storing,
  select: Sql,
  existing: RelationKind | null,
  views: readonly ExistingView[],
): Sql[] {
  const { kind, schema, table } = storing.output;
  const create = sql`CREATE ${trustedSql(kind)} ${ident(schema, table)} AS\n${select}`;
  return [...dropStatements(storing, existing, views), create];
}

/** Makes room for an output. @throws OperatorFailed when what is there may not be dropped */
export function dropStatements(
  { name, output, downstreamOutputs }: Storing,
  existing: RelationKind | null,
  views: readonly ExistingView[],
): Sql[] {
  if (existing === null) return [];
  if (!output.dropIfExist)
    throw new OperatorFailed(name, `${shown(output)} exists and may not be dropped (dropIfExist)`);
  if (existing === 'other')
    throw new OperatorFailed(name, `${shown(output)} is neither a table nor a view`);
  const drops: Sql[] = [];
  for (const later of downstreamOutputs) {
    const view = views.find((v) => v.schema === later.schema && v.table === later.table);
    // A branch beside this one may have dropped the same view while we waited for its lock.
    if (view !== undefined && later.dropIfExist)
      drops.push(sql`${DROP[view.kind]} IF EXISTS ${ident(later.schema, later.table)}`);
  }
  return [...drops, drop(existing, output)];
}

function drop(kind: Exclude<RelationKind, 'other'>, { schema, table }: OutputTarget): Sql {
  return sql`${DROP[kind]} ${ident(schema, table)}`;
}

function shown({ schema, table }: OutputTarget): string {
  return `"${schema}"."${table}"`;
}
