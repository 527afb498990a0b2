import { ident, joinSql, type Sql, sql, trustedSql } from '../common/sql/sql.js';
import {
  type GreenplumStorage,
  OperatorFailed,
  type OutputTarget,
  type RelationKind,
} from './flow-plan.js';
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

/** What has an output's name now, and what stands on it. */
export interface Existing {
  /** Null when there is nothing. */
  readonly kind: RelationKind | null;
  readonly views: readonly ExistingView[];
  readonly isGreenplum: boolean;
}

interface Storing extends OperatorContext {
  readonly output: OutputTarget;
}

/**
 * The statements that replace an operator's output by the rows of `select`, all in its transaction (I8): a stop leaves
 * the old or the new one. Never CASCADE: what stands on the old output and is not this flow's own makes it fail with
 * the data source's words (operators.md 0.3).
 * @throws OperatorFailed when what is there may not be dropped
 */
export function storeStatements(storing: Storing, select: Sql, existing: Existing): Sql[] {
  const { kind, schema, table } = storing.output;
  const { before, after } = storageSql(storing.output, existing);
  const create = sql`CREATE ${trustedSql(kind)} ${ident(schema, table)}${before} AS\n${select}${after}`;
  return [...dropStatements(storing, existing), create];
}

/** Of a file that says nothing (afm.md 3): Greenplum's own way depends on the columns, and may put all rows in one place. */
const BY_DEFAULT: GreenplumStorage = { appendOnly: null, distributedBy: [] };

/** What Greenplum is told of a table before and after its rows; nobody else is. */
export function storageSql(
  { kind, storage = BY_DEFAULT }: OutputTarget,
  { isGreenplum }: Pick<Existing, 'isGreenplum'>,
): { readonly before: Sql; readonly after: Sql } {
  if (!isGreenplum || kind !== 'TABLE') return { before: sql``, after: sql`` };
  const { appendOnly, distributedBy } = storage;
  const options = ['appendonly=true'];
  if (appendOnly?.columnar === true) options.push('orientation=column');
  if (appendOnly?.compressionLevel != null)
    options.push('compresstype=zlib', `compresslevel=${appendOnly.compressionLevel}`);
  const columns = joinSql(
    distributedBy.map((name) => ident(name)),
    ', ',
  );
  return {
    before: appendOnly === null ? sql`` : trustedSql(` WITH (${options.join(', ')})`),
    after:
      distributedBy.length === 0 ? sql`\nDISTRIBUTED RANDOMLY` : sql`\nDISTRIBUTED BY (${columns})`,
  };
}

/** Makes room for an output. @throws OperatorFailed when what is there may not be dropped */
export function dropStatements(
  { name, output, downstreamOutputs }: Storing,
  { kind: existing, views }: Existing,
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
