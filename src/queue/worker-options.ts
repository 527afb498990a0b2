const LOCK_MS = 10_000;
const KEEP = { count: 1000 };

/** Of every BullMQ worker, on either transport (stack notes 6). */
export const WORKER_OPTIONS = {
  lockDuration: LOCK_MS,
  stalledInterval: LOCK_MS / 2,
  removeOnComplete: KEEP,
  removeOnFail: KEEP,
  // After a refused connection; BullMQ's own 15 s would be a long time for a queue that is back.
  runRetryDelay: 1000,
} as const;
