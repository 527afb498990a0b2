import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Outage } from '../common/observability/outage.js';
import { isConnectionLost } from '../common/sql/connection-lost.js';

const PATIENCE_MS = 500;

/**
 * Lends a connection that has just answered. One whose end is still on its way here would fail at LISTEN, and a worker
 * waits five seconds after that.
 */
async function connectAnswering(pool: pg.Pool): Promise<pg.PoolClient> {
  // At worst all that were idle are lost, which they say at once; what waits for a time limit is told to the worker.
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const client = await pool.connect();
    try {
      await client.query('SELECT 1');
      return client;
    } catch (error) {
      client.release(true);
      if (!isConnectionLost(error) || performance.now() > deadline) throw error;
    }
  }
}

/**
 * As much of a pg.Pool as a BullMQ worker uses. A worker asks again as soon as an answer fails: while the database
 * starts or shuts down, that would be thousands of times a second.
 */
export function patientPool(pool: pg.Pool, outage: Outage) {
  const patiently = async <T>(attempt: Promise<T>): Promise<T> => {
    try {
      const result = await attempt;
      outage.ended();
      return result;
    } catch (error) {
      if (isConnectionLost(error)) outage.began(error);
      await sleep(PATIENCE_MS, undefined, { ref: false });
      throw error;
    }
  };
  return {
    options: pool.options,
    query: (text: string, values?: unknown[]) => patiently(pool.query(text, values)),
    connect: () => patiently(connectAnswering(pool)),
    end: () => pool.end(),
    on: pool.on.bind(pool),
    removeAllListeners: () => undefined,
  };
}
