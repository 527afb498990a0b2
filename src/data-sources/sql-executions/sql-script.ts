import { COMMIT_WITHIN_MS, type OpenTransaction } from '../commit-gate.js';
import { ConnectionLost, StatementFailed } from '../connectors/connector.js';
import type { SqlBatch, SqlField, SqlRow, SqlSession } from '../connectors/sql-session.js';
import { CommitUnknown } from './sql-errors.js';

export interface SqlScript {
  /** Executed in order; at least one. */
  readonly statements: readonly string[];
  readonly readOnly: boolean;
  /** Rows of the last statement that are fetched; null: all of them. */
  readonly rowLimit: number | null;
}

/** Takes the rows of the last statement as they come. */
export interface SqlSink {
  /** Once, before the first rows. */
  fields(fields: readonly SqlField[]): void;
  /** The next rows are fetched when it resolves. */
  rows(rows: readonly SqlRow[]): void | Promise<void>;
}

/** What is known at the end. */
export interface SqlFacts {
  /** Names of the fields' types. */
  readonly types: readonly string[];
  readonly warnings: readonly string[];
}

/** What whoever keeps the execution's row has a say in. */
export interface SqlFences {
  /** Before each statement but the first. @throws SqlInterrupted */
  assertGoesOn(): Promise<void>;
  /** Around the commit. @throws SqlInterrupted */
  commit(transaction: OpenTransaction): Promise<void>;
  /** From here on the statement is its own transaction. */
  untransacted(): void;
}

/** What is in memory at a time: one batch of rows. */
export const ROW_LIMITS = { messageBytes: 16 * 1024 * 1024, batchBytes: 64 * 1024 * 1024 };
/** A result that is shown holds no more characters than this; the rest is left out, and it says so. */
const MAX_RESULT_CHARACTERS = 16 * 1024 * 1024;
const BATCH_CHARACTERS = 1024 * 1024;
// The first row tells how large rows are.
const FIRST_BATCH = 1;
const LARGEST_BATCH = 250;

/** "… cannot run inside a transaction block", raised before anything is done: VACUUM, CREATE DATABASE. */
const NEEDS_NO_TRANSACTION = '25001';

/**
 * Executes a script in one transaction, which takes effect as a whole or not at all. A single statement that can not be
 * in one is executed alone.
 * @throws StatementFailed, ConnectionLost, CommitUnknown; what the fences throw
 */
export async function runScript(
  session: SqlSession,
  script: SqlScript,
  sink: SqlSink,
  fences: SqlFences,
): Promise<SqlFacts> {
  try {
    await session.begin(script);
    const facts = await runStatements(session, script, sink, fences);
    await fences.commit({
      bind: () => session.commitWithin(COMMIT_WITHIN_MS),
      commit: () => commit(session),
    });
    return facts;
  } catch (error) {
    if (!(error instanceof StatementFailed)) throw error;
    // The session can be closed in order then. When it can not, others look whether it is gone.
    await session.rollback().catch(() => undefined);
    const isAlone = error.sqlstate === NEEDS_NO_TRANSACTION && script.statements.length === 1;
    if (!isAlone || script.readOnly) throw error;
  }
  await fences.assertGoesOn();
  fences.untransacted();
  return runStatements(session, script, sink, fences);
}

async function runStatements(
  session: SqlSession,
  { statements, rowLimit }: SqlScript,
  sink: SqlSink,
  fences: SqlFences,
): Promise<SqlFacts> {
  const last = statements.length - 1;
  let facts: SqlFacts = { types: [], warnings: [] };
  for (const [i, statement] of statements.entries()) {
    if (i > 0) await fences.assertGoesOn();
    if (i < last) await drain(session, statement);
    else facts = await deliver(session, statement, rowLimit, sink);
  }
  return { ...facts, warnings: [...session.notices, ...facts.warnings] };
}

/** To its end, so that it does all it does; nobody looks at its rows. */
async function drain(session: SqlSession, statement: string): Promise<void> {
  const cursor = session.open(statement);
  for (let size = FIRST_BATCH; ;) {
    const batch = await cursor.next(size);
    if (batch.done) return;
    size = nextSize(batch);
  }
}

async function deliver(
  session: SqlSession,
  statement: string,
  rowLimit: number | null,
  sink: SqlSink,
): Promise<SqlFacts> {
  const cursor = session.open(statement);
  const warnings: string[] = [];
  let left = rowLimit ?? Infinity;
  let characters = 0;
  let batch = await cursor.next(Math.min(FIRST_BATCH, left));
  const { fields } = batch;
  sink.fields(fields);
  for (;;) {
    left -= batch.rows.length;
    characters += charactersOf(batch.rows);
    await sink.rows(batch.rows);
    if (batch.done) break;
    if (rowLimit !== null && characters >= MAX_RESULT_CHARACTERS) {
      warnings.push(`Only the first ${rowLimit - left} rows are shown: the result is too large.`);
      break;
    }
    if (left === 0) {
      if ((await cursor.next(1)).rows.length > 0)
        warnings.push(`Only the first ${rowLimit ?? 0} rows are shown.`);
      break;
    }
    batch = await cursor.next(Math.min(nextSize(batch), left));
  }
  await cursor.close();
  return { types: await session.typeNames(fields), warnings };
}

async function commit(session: SqlSession): Promise<void> {
  try {
    await session.commit();
  } catch (error) {
    throw error instanceof ConnectionLost ? new CommitUnknown({ cause: error }) : error;
  }
}

/** As many rows as make a batch of a good size, if they go on like these. */
function nextSize({ rows }: SqlBatch): number {
  const perRow = charactersOf(rows) / Math.max(rows.length, 1);
  const fitting = Math.floor(BATCH_CHARACTERS / Math.max(perRow, 1));
  return Math.max(1, Math.min(fitting, LARGEST_BATCH));
}

function charactersOf(rows: readonly SqlRow[]): number {
  let characters = 0;
  for (const row of rows) for (const value of row) characters += value?.length ?? 0;
  return characters;
}
