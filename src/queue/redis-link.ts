import { Redis } from 'ioredis';
import type { Outage } from '../common/observability/outage.js';
import { HEARTBEAT_MS, REDIS_OPTIONS } from './redis-options.js';

const ANSWER_MS = 2000;

/**
 * The connection that tells how Redis is, and on which jobs are added. It reconnects for ever; meanwhile commands fail
 * at once. A heartbeat finds a connection that is open and dead.
 */
export class RedisLink {
  readonly client: Redis;
  private readonly heart: NodeJS.Timeout;
  private closed = false;

  constructor(
    url: string,
    private readonly outage: Outage,
  ) {
    this.client = new Redis(url, {
      ...REDIS_OPTIONS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_MS,
    });
    this.client.on('ready', () => {
      outage.ended();
    });
    this.client.on('error', (error) => {
      this.lost(error);
    });
    this.client.on('close', () => {
      this.lost(new Error('the connection was closed'));
    });
    this.heart = setInterval(() => void this.beat(), HEARTBEAT_MS).unref();
  }

  get isUp(): boolean {
    return this.client.status === 'ready' && !this.outage.lasts;
  }

  close(): void {
    this.closed = true;
    clearInterval(this.heart);
    this.client.disconnect();
  }

  private async beat(): Promise<void> {
    if (this.client.status !== 'ready') return;
    try {
      await this.client.ping();
    } catch (error) {
      this.lost(error);
      if (!this.closed) this.client.disconnect(true);
    }
  }

  private lost(error: unknown): void {
    if (!this.closed) this.outage.began(error);
  }
}
