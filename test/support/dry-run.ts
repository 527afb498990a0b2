import type { Relation } from '../../src/engine/flow-plan.js';
import {
  type Answer,
  perform,
  type Procedure,
  type Row,
} from '../../src/engine/operators/procedure.js';

export interface DryRun<T> {
  readonly result: T;
  /** What would be sent, without look-ups. */
  readonly statements: readonly string[];
  /** Progress and warnings. */
  readonly told: readonly string[];
}

/**
 * Runs a procedure without a database. Look-ups find `relations`, in Greenplum if so said, and what the procedure has
 * created, without columns; its queries get `answers`, one after the other.
 */
export async function dryRun<T>(
  procedure: Procedure<T>,
  {
    relations = [],
    answers = [],
    isGreenplum = false,
  }: { relations?: readonly Relation[]; answers?: Row[][]; isGreenplum?: boolean } = {},
): Promise<DryRun<T>> {
  const statements: string[] = [];
  const told: string[] = [];
  const left = [...answers];
  const lookUp = (values: readonly unknown[]): Row[] => {
    const [schema, table] = values;
    const found = relations.find((one) => one.schema === schema && one.table === table);
    const created = statements.some((text) =>
      [`"${String(table)}" AS`, `"${String(table)}" (`].some((made) => text.includes(made)),
    );
    if (found === undefined && !created) return [];
    const kind = found?.kind === 'view' ? 'v' : 'r';
    return [{ kind, oldKind: kind, schema: null, columns: found?.columns ?? [], isGreenplum }];
  };
  const result = await perform(procedure, (request): Promise<Answer> => {
    if (request.ask === 'tell') {
      told.push(request.message);
      return Promise.resolve({ rows: [], rowCount: null });
    }
    if (request.ask === 'deliver') return Promise.resolve({ rows: [], rowCount: null });
    if (request.ask === 'copy') {
      statements.push(request.from.inlined, request.into.inlined);
      return Promise.resolve({ rows: [], rowCount: 0 });
    }
    if (request.ask === 'export') {
      statements.push(request.from.inlined);
      return Promise.resolve({ rows: [{ sizeBytes: 42, path: '/file' }], rowCount: 3 });
    }
    const { statement, logged } = request;
    if (!logged) return Promise.resolve({ rows: lookUp(statement.values), rowCount: null });
    statements.push(statement.inlined);
    const isCommand = /^(CREATE|DROP|INSERT)/.test(statement.inlined);
    return Promise.resolve({ rows: isCommand ? [] : (left.shift() ?? []), rowCount: 0 });
  });
  return { result, statements, told };
}
