import type { Pool, PoolClient } from 'pg';

/** In @types/pg only in part. */
interface ClientState {
  readonly readyForQuery: boolean;
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
}

/**
 * Closes connections that come back to the pool in the middle of a statement or transaction, as they do when an answer
 * did not come in time. The next user would have to wait for that answer, or would write into a stranger's transaction.
 */
export function discardUnfinished(pool: Pool): void {
  pool.on('release', (_error: unknown, client: PoolClient) => {
    const { readyForQuery } = client as unknown as ClientState;
    const status = (client as unknown as ClientState).getTransactionStatus();
    // The pool removes what has been ended.
    if (!readyForQuery || status !== 'I') void (client as unknown as { end(): unknown }).end();
  });
}
