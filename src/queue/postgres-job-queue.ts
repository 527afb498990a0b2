import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import { Outage, reasonOf } from '../common/observability/outage.js';
import { makeLasting } from '../common/sql/lasting-pool.js';
import type { AppConfig } from '../config/app-config.js';
import { type AfterCommit, JobQueue, type JobWorker, type QueueState } from './job-queue.js';
import { patientPool } from './patient-pool.js';
import { transactionPool } from './transaction-pool.js';
import { WORKER_OPTIONS } from './worker-options.js';

// Each Worker keeps a connection of the pool for LISTEN; the rest is shared (stack notes 6).
const POOL_SIZE = 12;
const KEEP_ALIVE_MS = 10_000;
const RETRY_MS = 500;
const PROBE_MS = 1000;

const NOTHING_LEFT_TO_DO: AfterCommit = () => undefined;

/** Jobs are rows of the metadata database: they exist if and only if the caller's transaction commits. */
export class PostgresJobQueue extends JobQueue implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(JobQueue.name);
  private readonly outage = new Outage(this.logger, 'the queue in PostgreSQL');
  private readonly pool: pg.Pool;

  constructor(private readonly config: Pick<AppConfig, 'databaseUrl' | 'databaseTimeoutMs'>) {
    super();
    this.pool = new pg.Pool({
      connectionString: config.databaseUrl ?? '',
      max: POOL_SIZE,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      connectionTimeoutMillis: config.databaseTimeoutMs,
      query_timeout: config.databaseTimeoutMs,
      options: '-c search_path=bullmq',
      application_name: 'fermata-queue',
    });
    this.pool.on('error', (error) => {
      this.outage.began(error);
    });
    makeLasting(this.pool);
  }

  async onModuleInit(): Promise<void> {
    const client = await this.pool.connect();
    try {
      await runMigrations(client);
    } finally {
      client.release();
    }
  }

  async addInTransaction(
    tx: EntityManager,
    queueName: string,
    jobId: string,
    data: object,
  ): Promise<AfterCommit> {
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
    return NOTHING_LEFT_TO_DO;
  }

  work(
    queueName: string,
    concurrency: number,
    handle: (data: unknown) => Promise<void>,
  ): JobWorker {
    const closing = new AbortController();
    let worker = this.createWorker(queueName, concurrency, handle);
    const start = async () => {
      while (!closing.signal.aborted) {
        try {
          await worker.waitUntilReady();
          return void worker.run().catch(this.failed);
        } catch (error) {
          // BullMQ would remember the failure for ever: it takes another worker to try again.
          this.failed(error);
          await worker.close();
          await sleep(RETRY_MS, undefined, { ref: false });
          worker = this.createWorker(queueName, concurrency, handle);
        }
      }
    };
    const started = start();
    return {
      close: async () => {
        closing.abort();
        await started;
        await worker.close();
      },
    };
  }

  async state(): Promise<QueueState> {
    const timeout = sleep(PROBE_MS, false, { ref: false });
    const answer = this.pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const isUp = await Promise.race([answer, timeout]);
    return { transport: 'postgresql', status: isUp ? 'up' : 'down' };
  }

  async onApplicationShutdown(): Promise<void> {
    // A connection that has stopped answering cannot be closed in order.
    await Promise.race([
      this.pool.end(),
      sleep(this.config.databaseTimeoutMs, undefined, { ref: false }),
    ]);
  }

  private createWorker(
    queueName: string,
    concurrency: number,
    handle: (data: unknown) => Promise<void>,
  ): Worker<unknown> {
    const worker = new Worker<unknown>(
      queueName,
      (job) => handle(job.data),
      {
        ...WORKER_OPTIONS,
        connection: patientPool(this.pool, this.outage),
        concurrency,
        autorun: false,
      },
      createPostgresBackend as never,
    );
    worker.on('error', this.failed);
    return worker;
  }

  /** What the outage is about has been said. */
  private readonly failed = (error: unknown): void => {
    if (!this.outage.lasts) this.logger.warn(`queue worker: ${reasonOf(error)}`);
  };
}
