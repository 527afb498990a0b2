import { isConnectionLost } from '../../common/sql/connection-lost.js';
import { sql } from '../../common/sql/sql.js';
import {
  ConnectionLost,
  type RunSession,
  StatementFailed,
} from '../../data-sources/connectors/connector.js';
import { OutcomeUnknown, RunFenced } from '../../runs/run-fenced.js';
import type { SessionEnding } from '../../runs/session-ledger.js';
import type { StepError } from '../../runs/step-ledger.js';
import { OperatorFailed } from '../flow-plan.js';
import { COMMIT } from './operator-execution.js';

// PostgreSQL: query_canceled, admin_shutdown, crash_shutdown, idle_in_transaction_session_timeout.
const INTERRUPTED: Readonly<Record<string, SessionEnding>> = {
  '57014': 'cancelled',
  '57P01': 'terminated',
  '57P02': 'gone',
  '25P03': 'gone',
};

// The same, and idle_session_timeout: the data source ends the session.
const SESSION_ENDED = /^(57P0[125]|25P03)$/;
const TRANSACTION = sql`SELECT txid_current()::text AS id`;

/** An operator is given up because another one of its run has failed. */
export class Abandoned extends Error {}

/**
 * A second look at SQL that its author wrote, in case a data source lets it end what makes the operator all or nothing.
 * @throws OperatorFailed when the open transaction is not the one that was begun
 */
export async function mustBeIn(
  transactionId: string | null,
  session: RunSession,
  operatorName: string,
): Promise<void> {
  const [row] = (await session.execute(TRANSACTION)).rows;
  if (row?.['id'] !== transactionId)
    throw new OperatorFailed(
      operatorName,
      'its SQL ended the transaction that was to make it all or nothing: a part of it may have taken effect',
    );
}

/** @throws OutcomeUnknown when it was cut off: it may have taken effect all the same */
export async function commit(session: RunSession): Promise<void> {
  try {
    await session.execute(COMMIT);
  } catch (error) {
    const isCutOff =
      error instanceof ConnectionLost ||
      (error instanceof StatementFailed && error.sqlstate in INTERRUPTED);
    throw isCutOff ? new OutcomeUnknown({ cause: error }) : error;
  }
}

/** The data source's session is gone, and with it what was open in it. */
export function isSessionLost(error: unknown): boolean {
  return (
    error instanceof ConnectionLost ||
    (error instanceof StatementFailed && SESSION_ENDED.test(error.sqlstate))
  );
}

/** The metadata database cannot be reached; what a data source lost has a name of its own. */
export function isMetadataLost(error: unknown): boolean {
  return !(error instanceof ConnectionLost) && isConnectionLost(error);
}

/** @throws what is no operator's doing, e.g. a lost metadata database */
export function describe(error: unknown): Omit<StepError, 'abandoned'> & { ending: SessionEnding } {
  if (error instanceof StatementFailed) {
    const { message, sqlstate } = error;
    const ending = INTERRUPTED[sqlstate];
    return { message, sqlstate, interrupted: ending !== undefined, ending: ending ?? 'closed' };
  }
  if (error instanceof ConnectionLost)
    return { message: error.message, sqlstate: null, interrupted: true, ending: 'gone' };
  if (error instanceof RunFenced || error instanceof Abandoned)
    return { message: error.message, sqlstate: null, interrupted: true, ending: 'closed' };
  if (error instanceof OperatorFailed)
    return { message: error.message, sqlstate: null, interrupted: false, ending: 'closed' };
  throw error;
}
