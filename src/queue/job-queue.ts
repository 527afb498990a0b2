import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { transactionPool } from './transaction-pool.js';

// Each Worker keeps a connection of the pool for LISTEN; the rest is shared (stack notes 6).
const POOL_SIZE = 12;
const LOCK_MS = 10_000;
const KEEP_COMPLETED = { count: 1000 };

export interface JobWorker {
  /** Takes no new job, and resolves when those under way have ended. */
  close(): Promise<void>;
}

/**
 * Carries work to a worker of any process, through BullMQ. A job is a nudge to look at a row, never the truth
 * (architecture.md D2), so redelivery and duplicates must be harmless to its handler. PostgreSQL is the transport;
 * a Redis transport has its place here (D3) and nowhere else.
 */
@Injectable()
export class JobQueue implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(JobQueue.name);
  private readonly pool: pg.Pool;

  constructor(@Inject(APP_CONFIG) config: AppConfig) {
    this.pool = new pg.Pool({
      connectionString: config.databaseUrl ?? '',
      max: POOL_SIZE,
      keepAlive: true,
      options: '-c search_path=bullmq',
      application_name: 'fermata-queue',
    });
    this.pool.on('error', (error) => {
      this.logger.warn(`queue connection lost: ${error.message}`);
    });
  }

  async onModuleInit(): Promise<void> {
    const client = await this.pool.connect();
    try {
      await runMigrations(client);
    } finally {
      client.release();
    }
  }

  /** The job exists, and workers hear of it, only if the caller's transaction commits. Known ids are ignored. */
  async addInTransaction(
    tx: EntityManager,
    queueName: string,
    jobId: string,
    data: object,
  ): Promise<void> {
    const pool = transactionPool(tx);
    await pool.query('SET LOCAL search_path = bullmq');
    const queue = new Queue(
      queueName,
      { connection: pool, skipMetasUpdate: true },
      createPostgresBackend as never,
    );
    try {
      await queue.add('job', data, { jobId });
    } finally {
      await queue.close();
    }
    await pool.query('SET LOCAL search_path TO DEFAULT');
  }

  /** @param handle must not throw: how the work ended is recorded in rows, not in the queue */
  work(
    queueName: string,
    concurrency: number,
    handle: (data: unknown) => Promise<void>,
  ): JobWorker {
    const worker = new Worker<unknown>(
      queueName,
      (job) => handle(job.data),
      {
        connection: this.pool,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS / 2,
        removeOnComplete: KEEP_COMPLETED,
        removeOnFail: KEEP_COMPLETED,
      },
      createPostgresBackend as never,
    );
    worker.on('error', (error) => {
      this.logger.warn(`queue worker: ${error.message}`);
    });
    return { close: () => worker.close() };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
