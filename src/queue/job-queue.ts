import type { EntityManager } from 'typeorm';

export interface JobWorker {
  /** Takes no new job, and resolves when those under way have ended. */
  close(): Promise<void>;
}

export interface QueueState {
  readonly transport: 'postgresql' | 'redis';
  /** `down`: nothing is nudged meanwhile; workers find waiting work by themselves, later. */
  readonly status: 'up' | 'down';
}

/** To be called when the transaction has committed; it returns at once and never throws. */
export type AfterCommit = () => void;

/**
 * Carries work to a worker of any process, through BullMQ. A job is a nudge to look at a row, never the truth
 * (architecture.md D2): its handler must bear with redelivery and duplicates, and whoever owns the rows looks for those
 * whose job was lost. PostgreSQL is the transport, or Redis where `QUEUE_URL` says so (D3).
 */
export abstract class JobQueue {
  /**
   * Announces work that the caller's transaction makes. A transport that can takes part in the transaction; others
   * hear of it after the commit, and may miss it when they are out of reach. Known ids are ignored.
   */
  abstract addInTransaction(
    tx: EntityManager,
    queueName: string,
    jobId: string,
    data: object,
  ): Promise<AfterCommit>;

  /** @param handle must not throw: how the work ended is recorded in rows, not in the queue */
  abstract work(
    queueName: string,
    concurrency: number,
    handle: (data: unknown) => Promise<void>,
  ): JobWorker;

  /** Never throws, and takes a second at most. */
  abstract state(): Promise<QueueState>;
}
