import { ConnectionLost, StatementFailed } from './connector.js';

/** SQLSTATE decides what an error is; one without it did not come from the server. */
export function named(error: unknown): StatementFailed | ConnectionLost {
  const { message, code } = error as Error & { code?: string };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
    ? new StatementFailed(message, code, { cause: error })
    : new ConnectionLost(message, { cause: error });
}
