const LONGEST_PAUSE_MS = 3000;

export const HEARTBEAT_MS = 3000;

/** Of every connection to Redis: it is tried again for ever, at first at once, then every three seconds. */
export const REDIS_OPTIONS = {
  connectTimeout: 5000,
  keepAlive: 10_000,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
} as const;
