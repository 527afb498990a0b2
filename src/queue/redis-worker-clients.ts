import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { HEARTBEAT_MS, REDIS_OPTIONS } from './redis-options.js';

const ANSWER_MS = 10_000;

/**
 * The connections of one worker: BullMQ copies the one it is given, to wait for jobs on the copy. They wait for Redis
 * for as long as it takes, and repeat what was interrupted; so they have to be watched for being open and dead.
 */
export class RedisWorkerClients {
  readonly main: Redis;
  private readonly all: Redis[];
  private readonly heart: NodeJS.Timeout;
  private readonly greeting = new Set<Redis>();

  constructor(url: string) {
    this.main = new Redis(url, { ...REDIS_OPTIONS, maxRetriesPerRequest: null });
    this.all = [this.main];
    const duplicate = this.main.duplicate.bind(this.main);
    this.main.duplicate = (options) => {
      const copy = duplicate(options);
      this.all.push(copy);
      return copy;
    };
    // BullMQ listens too, but no more once it closes.
    this.main.on('error', () => undefined);
    this.heart = setInterval(() => {
      this.beat();
    }, HEARTBEAT_MS).unref();
  }

  close(): void {
    clearInterval(this.heart);
    for (const client of this.all) if (client.status !== 'end') client.disconnect();
  }

  private beat(): void {
    for (const client of this.all) {
      // Connected, but after a whole beat the greeting is still without an answer.
      const isStuck = client.status === 'connect' && this.greeting.has(client);
      if (client.status === 'connect') this.greeting.add(client);
      else this.greeting.delete(client);
      if (isStuck) client.disconnect(true);
    }
    // The copy is busy waiting; BullMQ itself watches over that.
    if (this.main.status === 'ready') void this.ask(this.main);
  }

  private async ask(client: Redis): Promise<void> {
    const answer = client.ping().then(
      () => true,
      () => true,
    );
    const isAlive = await Promise.race([answer, sleep(ANSWER_MS, false, { ref: false })]);
    if (!isAlive && client.status === 'ready') client.disconnect(true);
  }
}
