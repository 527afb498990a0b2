import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type AfterCommit, JobQueue, type JobWorker } from '../queue/job-queue.js';

const QUEUE = 'runs';

interface RunJob {
  readonly runId: string;
}

/** Nudges some worker to look at a queued run (architecture.md D2, D3). */
@Injectable()
export class RunQueue {
  constructor(private readonly jobs: JobQueue) {}

  /** Call what it returns when the transaction has committed. */
  add(tx: EntityManager, runId: string): Promise<AfterCommit> {
    const job: RunJob = { runId };
    return this.jobs.addInTransaction(tx, QUEUE, `run-${runId}`, job);
  }

  /** @param handle is told that there may be something to take: which run it is, is for the database to say */
  work(concurrency: number, handle: () => Promise<void>): JobWorker {
    return this.jobs.work(QUEUE, concurrency, handle);
  }
}
