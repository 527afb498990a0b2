import { createPostgresBackend, createRedisBackend, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { TestServer } from './test-server.js';

export interface RawQueue {
  readonly queue: Queue;
  /** Loses every job, as a Redis without a disk does. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** The queue of runs itself, whichever transport is under test: to look into it, and to do to it what happens to queues. */
export function rawQueue(server: TestServer): RawQueue {
  return server.redis === null ? inPostgres(server.url) : inRedis(server.redis.url);
}

function inPostgres(url: string): RawQueue {
  const options = '-c search_path=bullmq';
  const pool = new pg.Pool({ connectionString: url, max: 3, options });
  const queue = new Queue('runs', { connection: pool }, createPostgresBackend as never);
  return {
    queue: queue,
    wipe: () => queue.obliterate({ force: true }),
    close: async () => {
      await queue.close();
      await pool.end();
    },
  };
}

function inRedis(url: string): RawQueue {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  connection.on('error', () => undefined);
  const queue = new Queue('runs', { connection, prefix: 'fermata' }, createRedisBackend);
  queue.on('error', () => undefined);
  return {
    queue,
    wipe: async () => {
      await connection.flushall();
    },
    close: async () => {
      await queue.close();
      connection.disconnect();
    },
  };
}
