import { createPostgresBackend, createRedisBackend, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { World } from './world.js';

const QUEUE = 'runs';

/** Puts jobs into the product's queue by hand, as no process of the product would. */
export class Jobs {
  private added = 0;

  private constructor(
    private readonly queue: Queue,
    private readonly end: () => Promise<unknown>,
  ) {}

  static async of(world: World): Promise<Jobs> {
    if (world.redis !== null) {
      const connection = new Redis(world.redis.url, { maxRetriesPerRequest: null });
      const queue = new Queue(
        QUEUE,
        { connection, prefix: 'fermata', skipMetasUpdate: true },
        createRedisBackend,
      );
      await queue.waitUntilReady();
      return new Jobs(queue, () => connection.quit());
    }
    const pool = new pg.Pool({
      connectionString: world.metadata.url('fermata'),
      options: '-c search_path=bullmq',
      application_name: 'chaos-jobs',
      max: 3,
    });
    pool.on('error', () => undefined);
    const queue = new Queue(
      QUEUE,
      { connection: pool, skipMetasUpdate: true },
      createPostgresBackend as never,
    );
    return new Jobs(queue, () => pool.end());
  }

  /** One more job for a run, whatever has become of it. */
  async add(run: string, delayMs: number): Promise<void> {
    this.added += 1;
    await this.queue.add(
      'job',
      { runId: run },
      { jobId: `again-${this.added}`, delay: Math.round(delayMs) },
    );
  }

  /** Takes away what waits. */
  async lose(): Promise<void> {
    await this.queue.drain(true);
  }

  async close(): Promise<void> {
    await this.queue.close();
    await this.end();
  }
}
