import type { Pool, PoolClient } from 'pg';

/** In @types/pg only in part. */
interface ClientState {
  readonly readyForQuery: boolean;
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
  end(): unknown;
}

/**
 * Lets a pool outlive the connections in it.
 *
 * A connection that comes back in the middle of a statement or transaction, as it does when an answer did not come in
 * time, is closed. The next user would have to wait for that answer, or would write into a stranger's transaction.
 *
 * A connection that is lost while it is lent, and nobody happens to listen to it, does not end the process: whoever uses
 * it is told by the next statement.
 */
export function makeLasting(pool: Pool): void {
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  pool.on('release', (_error: unknown, client: PoolClient) => {
    const state = client as unknown as ClientState;
    // The pool removes what has been ended.
    if (!state.readyForQuery || state.getTransactionStatus() !== 'I') void state.end();
  });
}
