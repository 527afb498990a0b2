import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createRedisBackend, Queue, Worker } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { Outage, reasonOf } from '../common/observability/outage.js';
import { type AfterCommit, JobQueue, type JobWorker, type QueueState } from './job-queue.js';
import { RedisLink } from './redis-link.js';
import { RedisWorkerClients } from './redis-worker-clients.js';
import { WORKER_OPTIONS } from './worker-options.js';

const PREFIX = 'fermata';
const CLOSE_MS = 5000;

/**
 * Jobs are in Redis or Valkey. They are added after the commit, and lost with a Redis that forgets: no request fails and
 * no process ends because of that.
 */
export class RedisJobQueue extends JobQueue implements OnApplicationShutdown {
  private readonly logger = new Logger(JobQueue.name);
  private readonly link: RedisLink;
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly url: string) {
    super();
    // The address may hold a password: only the host is told.
    const what = `the queue in Redis at ${new URL(url).host}`;
    this.link = new RedisLink(url, new Outage(this.logger, what));
  }

  addInTransaction(
    _tx: EntityManager,
    queueName: string,
    jobId: string,
    data: object,
  ): Promise<AfterCommit> {
    return Promise.resolve(() => {
      this.queue(queueName)
        .add('job', data, { jobId })
        .catch((error: unknown) => {
          this.failed(`job ${jobId} not added: ${reasonOf(error)}`);
        });
    });
  }

  work(
    queueName: string,
    concurrency: number,
    handle: (data: unknown) => Promise<void>,
  ): JobWorker {
    const clients = new RedisWorkerClients(this.url);
    const underWay = new Set<Promise<void>>();
    const worker = new Worker<unknown>(
      queueName,
      async (job) => {
        const work = handle(job.data);
        underWay.add(work);
        await work.finally(() => underWay.delete(work));
      },
      { ...WORKER_OPTIONS, prefix: PREFIX, connection: clients.main, concurrency },
      createRedisBackend,
    );
    worker.on('error', (error) => {
      this.failed(`worker: ${reasonOf(error)}`);
    });
    return {
      close: async () => {
        if (this.link.isUp) {
          // BullMQ waits without end for a Redis that goes away meanwhile.
          const ended = Promise.all(underWay).then(() => sleep(CLOSE_MS, null, { ref: false }));
          await Promise.race([worker.close(), ended]);
        } else {
          await worker.pause(true);
          await Promise.allSettled(underWay);
          await worker.close(true);
        }
        clients.close();
      },
    };
  }

  state(): Promise<QueueState> {
    return Promise.resolve({ transport: 'redis', status: this.link.isUp ? 'up' : 'down' });
  }

  onApplicationShutdown(): void {
    this.link.close();
  }

  private queue(name: string): Queue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(
      name,
      {
        connection: this.link.client,
        prefix: PREFIX,
        skipMetasUpdate: true,
        // Both would make the first job wait for a Redis that is not there.
        skipVersionCheck: true,
        skipWaitingForReady: true,
      },
      createRedisBackend,
    );
    queue.on('error', () => undefined);
    this.queues.set(name, queue);
    return queue;
  }

  /** While Redis is away the link has said so, once. */
  private failed(message: string): void {
    if (this.link.isUp) this.logger.warn(message);
    else this.logger.debug(message);
  }
}
