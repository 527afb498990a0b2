import { sql } from '../../common/sql/sql.js';
import {
  ConnectionFailed,
  type RowStream,
  type RunSession,
  StatementFailed,
} from '../../data-sources/connectors/connector.js';
import { OperatorFailed, type PlannedOperator } from '../flow-plan.js';
import type { Answer, CopyRequest } from '../operators/procedure.js';
import { cutOff } from './cut-off.js';
import { COMMIT } from './operator-execution.js';
import type { OwnedSession, RunSessions } from './run-sessions.js';

const BEGIN_READING = sql`BEGIN READ ONLY`;
// Both sides must mean the same by a text, whatever their defaults: as pg_dump does.
const PORTABLE = sql`SELECT set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true),
  set_config('extra_float_digits', '3', true)`;

/**
 * Streams rows from a session of the database where the operator's input is into the operator's own. The source is only
 * read, in a tagged session that stands in the ledger as every other; nothing is committed here.
 * @throws OperatorFailed, StatementFailed, ConnectionLost, RunFenced; both sides are at rest by then
 */
export async function copyRows(
  { sessions, repeatMs }: { readonly sessions: RunSessions; readonly repeatMs: number },
  { name, databaseId, sourceDatabaseId }: PlannedOperator,
  target: RunSession,
  { from, into }: CopyRequest,
): Promise<Answer> {
  const source = await beginReading(sessions, name, sourceDatabaseId ?? databaseId);
  let stream: RowStream | null = null;
  try {
    for (const session of [source.session, target]) await session.execute(PORTABLE);
    stream = source.session.copyOut(from);
    const rowCount = await target.copyIn(into, stream);
    await source.session.execute(COMMIT);
    sessions.release(source);
    return { rows: [], rowCount };
  } catch (error) {
    const own =
      stream === null ? error : await cutOff(stream, () => sessions.cancel(source), repeatMs);
    if (own instanceof StatementFailed && own.sqlstate === '57014') source.ending = 'cancelled';
    await source.session.close();
    throw error;
  }
}

async function beginReading(
  sessions: RunSessions,
  operator: string,
  databaseId: number,
): Promise<OwnedSession> {
  try {
    const { owned } = await sessions.begin(databaseId, (session) => session.execute(BEGIN_READING));
    return owned;
  } catch (error) {
    throw error instanceof ConnectionFailed ? new OperatorFailed(operator, error.message) : error;
  }
}
