import type { QueryResult } from 'pg';
import type { EntityManager } from 'typeorm';

interface QueryClient {
  query(text: string, values?: unknown[]): Promise<QueryResult>;
}

/** As much of a pg.Pool as BullMQ uses, over the connection of one transaction (stack notes 6). */
export function transactionPool(tx: EntityManager) {
  const query = async (text: string, values?: unknown[]): Promise<QueryResult> => {
    const client = (await tx.queryRunner?.connect()) as QueryClient | undefined;
    if (client === undefined) throw new Error('not inside a transaction');
    return client.query(text, values);
  };
  const listeners = {
    on() {
      return this;
    },
    removeAllListeners() {
      return this;
    },
  };
  return {
    ...listeners,
    query,
    connect: () => Promise.resolve({ ...listeners, query, release: () => undefined }),
    end: () => Promise.resolve(),
  };
}
