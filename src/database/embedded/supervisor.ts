import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { EmbeddedServer } from './embedded-postgres.js';

const LOOK_MS = 250;
/** One that dies sooner makes the next pause longer. */
const STEADY_MS = 60_000;
const LONGEST_PAUSE_MS = 30_000;
// Processes that share the server do not all start it at the same moment.
const TAKE_TURNS_MS = 200;

/** Starts the embedded server again when it dies, in every process that uses it. */
export class Supervisor {
  private readonly looking: NodeJS.Timeout;
  private readonly closing = new AbortController();
  private reviving: Promise<void> | null = null;
  /** Soon one after the other, besides the first. */
  private deaths = -1;
  private steadySince = performance.now();

  constructor(
    private readonly server: EmbeddedServer,
    private readonly logger: Logger,
  ) {
    this.looking = setInterval(() => {
      if (this.reviving !== null || !server.isDown()) return;
      this.reviving = this.revive().finally(() => (this.reviving = null));
    }, LOOK_MS).unref();
  }

  /** To be called before the server is stopped on purpose. */
  async stop(): Promise<void> {
    this.closing.abort();
    clearInterval(this.looking);
    await this.reviving;
  }

  /** Never throws. */
  private async revive(): Promise<void> {
    const diedAt = performance.now();
    this.deaths = diedAt - this.steadySince > STEADY_MS ? 0 : this.deaths + 1;
    const pauseMs = this.pause();
    this.logger.warn({ message: 'the embedded PostgreSQL is gone: starting it again', pauseMs });
    const { signal } = this.closing;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const { pid, started } = await this.server.startAgain();
      this.steadySince = performance.now();
      const downMs = Math.round(this.steadySince - diedAt);
      const message = started
        ? 'the embedded PostgreSQL was started again'
        : 'another process started the embedded PostgreSQL again';
      this.logger.warn({ message, pid, downMs });
    } catch (error) {
      // The next look tries again.
      this.logger.error({ message: 'the embedded PostgreSQL cannot be started again', error });
    }
  }

  /** None for the first death in a while, then doubling. */
  private pause(): number {
    const pauseMs = this.deaths === 0 ? 0 : Math.min(250 * 2 ** this.deaths, LONGEST_PAUSE_MS);
    return Math.round(pauseMs + Math.random() * TAKE_TURNS_MS);
  }
}
