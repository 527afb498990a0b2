import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Outage } from '../common/observability/outage.js';
import { isConnectionLost } from '../common/sql/connection-lost.js';

const PATIENCE_MS = 500;

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
    connect: () => patiently(pool.connect()),
    end: () => pool.end(),
    on: pool.on.bind(pool),
    removeAllListeners: () => undefined,
  };
}
