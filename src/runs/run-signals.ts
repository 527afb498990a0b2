import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { ACTIVE, type RunStatus } from './run-status.js';

/**
 * PostgreSQL channel; the payload is `<run id> <status>`, sent in the transaction that changed the row (D3a); for a stop that
 * is to terminate at once ` forced` follows.
 */
export const RUN_CHANNEL = 'fermata_runs';
/** The payload is the id of a run that has a new event. */
const EVENT_CHANNEL = 'fermata_run_events';

const RELEASED = 'released';
const RECONNECT_MS = 500;
const POLL_MS = 1000;

/** `forced` only with `stopping`: sessions are to be terminated at once. */
type Listener = (status: RunStatus, forced: boolean) => void;

/**
 * Tells this process when a run anywhere changes its state. The row is the truth, a signal only a nudge: runs that
 * somebody here waits for are read again after every reconnect and once a second behind the notifications.
 */
@Injectable()
export class RunSignals implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RunSignals.name);
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private readonly watched = new Map<string, number>();
  private client: pg.Client | undefined;
  private poller: NodeJS.Timeout | undefined;
  private closed = false;
  private reading: Promise<void> = Promise.resolve();

  constructor(@Inject(APP_CONFIG) private readonly config: AppConfig) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.connect();
    this.poller = setInterval(() => void this.reread(), POLL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearInterval(this.poller);
    await this.client?.end();
  }

  /** Calls the listener for every change of the run until the returned function is called. */
  watch(runId: string, listener: Listener): () => void {
    this.watched.set(runId, (this.watched.get(runId) ?? 0) + 1);
    this.emitter.on(runId, listener);
    return () => {
      this.emitter.off(runId, listener);
      const left = (this.watched.get(runId) ?? 1) - 1;
      if (left > 0) this.watched.set(runId, left);
      else this.watched.delete(runId);
    };
  }

  /** Calls the listener when the run may have new events, until the returned function is called. */
  watchEvents(runId: string, listener: () => void): () => void {
    this.emitter.on(eventOf(runId), listener);
    return () => this.emitter.off(eventOf(runId), listener);
  }

  /** Calls the listener when a worker has given up a run that another one may take at once. */
  watchReleases(listener: () => void): () => void {
    this.emitter.on(RELEASED, listener);
    return () => this.emitter.off(RELEASED, listener);
  }

  /** Resolves with the run's final state, or with null when the signal aborts first. */
  ended(runId: string, signal: AbortSignal): Promise<RunStatus | null> {
    return this.reached(runId, (status) => !ACTIVE.includes(status), signal);
  }

  /** Resolves with the first state that is wanted, or with null when the signal aborts first. */
  reached(
    runId: string,
    isWanted: (status: RunStatus) => boolean,
    signal: AbortSignal,
  ): Promise<RunStatus | null> {
    return new Promise((resolve) => {
      const finish = (status: RunStatus | null) => {
        unwatch();
        signal.removeEventListener('abort', giveUp);
        resolve(status);
      };
      const giveUp = () => {
        finish(null);
      };
      const unwatch = this.watch(runId, (status) => {
        if (isWanted(status)) finish(status);
      });
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  private tell(runId: string, status: RunStatus, forced: boolean): void {
    this.emitter.emit(runId, status, forced);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.config.databaseUrl ?? '',
      application_name: 'fermata-signals',
      keepAlive: true,
    });
    client.on('error', (error) => {
      this.logger.warn(`signal connection lost: ${error.message}`);
    });
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel === EVENT_CHANNEL) {
        this.emitter.emit(eventOf(payload));
        return;
      }
      const [runId = '', status = '', forced = ''] = payload.split(' ');
      if (status === RELEASED) this.emitter.emit(RELEASED);
      else this.tell(runId, status as RunStatus, forced !== '');
    });
    client.once('end', () => {
      this.reconnectLater();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${RUN_CHANNEL}; LISTEN ${EVENT_CHANNEL}`);
      this.client = client;
      await this.reread();
    } catch (error) {
      this.logger.warn(`cannot listen for run signals: ${(error as Error).message}`);
      await client.end().catch(() => undefined);
    }
  }

  private reconnectLater(): void {
    this.client = undefined;
    if (!this.closed) setTimeout(() => void (this.closed || this.connect()), RECONNECT_MS).unref();
  }

  /** Emits the present state of every watched run: covers what was notified while nobody listened. */
  reread(): Promise<void> {
    // One after the other: the connection takes one query at a time.
    this.reading = this.reading.then(() => this.readNow());
    return this.reading;
  }

  private async readNow(): Promise<void> {
    if (this.watched.size === 0 || this.client === undefined) return;
    try {
      const { rows } = await this.client.query<{ id: string; status: RunStatus; forced: boolean }>(
        'SELECT id, status, stop_forced AS forced FROM runs WHERE id = ANY ($1::uuid[])',
        [[...this.watched.keys()]],
      );
      for (const { id, status, forced } of rows) this.tell(id, status, forced);
    } catch (error) {
      this.logger.warn(`cannot re-read watched runs: ${(error as Error).message}`);
    }
  }
}

function eventOf(runId: string): string {
  return `event ${runId}`;
}
