import pg from 'pg';
import { ConnectionLost, StatementFailed } from './connector.js';

/** SQLSTATE decides what an error is; a code that did not come from the server, as EPIPE, is none. */
export function named(error: unknown): StatementFailed | ConnectionLost {
  const { message } = error as Error;
  const code = error instanceof pg.DatabaseError ? error.code : undefined;
  return code !== undefined
    ? new StatementFailed(message, code, { cause: error })
    : new ConnectionLost(message, { cause: error });
}
