import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { Outage } from '../common/observability/outage.js';
import { isConnectionLost } from '../common/sql/connection-lost.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { hangUp } from '../data-sources/connectors/hang-up.js';
import { ACTIVE, type RunStatus } from './run-status.js';

/**
 * PostgreSQL channel; the payload is `<run id> <status>`, sent in the transaction that changed the row (D3a); for a stop that
 * is to terminate at once ` forced` follows.
 */
export const RUN_CHANNEL = 'fermata_runs';
/** The payload is the id of a run that has a new event. */
const EVENT_CHANNEL = 'fermata_run_events';

const RELEASED = 'released';
// The first attempt comes at once, the later ones with growing pauses.
const RECONNECT_MS = { first: 50, longest: 1000 };
const KEEP_ALIVE_MS = 10_000;
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
  private readonly outage = new Outage(this.logger, 'the connection for run signals');
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private readonly watched = new Map<string, number>();
  private client: pg.Client | undefined;
  private attempts = 0;
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
    // A connection that has stopped answering cannot be closed in order.
    if (this.client) await hangUp(this.client, this.config.databaseTimeoutMs);
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
      connectionTimeoutMillis: this.config.databaseTimeoutMs,
      query_timeout: this.config.databaseTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    const state = { isOver: false };
    const over = (error: unknown) => {
      if (state.isOver) return;
      state.isOver = true;
      this.reconnectLater(error);
    };
    client.on('error', over);
    client.once('end', () => {
      over(new Error('the connection was closed'));
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
    try {
      await client.connect();
      await client.query(`LISTEN ${RUN_CHANNEL}; LISTEN ${EVENT_CHANNEL}`);
      if (state.isOver) return;
      if (this.closed) {
        await client.end();
        return;
      }
      this.client = client;
      this.attempts = 0;
      this.outage.ended();
      await this.reread();
    } catch (error) {
      void client.end();
      over(error);
    }
  }

  private reconnectLater(error: unknown): void {
    this.client = undefined;
    if (this.closed) return;
    this.outage.began(error);
    const pauseMs = Math.min(RECONNECT_MS.first * 2 ** this.attempts, RECONNECT_MS.longest);
    this.attempts += 1;
    setTimeout(() => void (this.closed || this.connect()), pauseMs).unref();
  }

  /** Emits the present state of every watched run: covers what was notified while nobody listened. */
  reread(): Promise<void> {
    // One after the other: the connection takes one query at a time.
    this.reading = this.reading.then(() => this.readNow());
    return this.reading;
  }

  private async readNow(): Promise<void> {
    const { client } = this;
    if (this.watched.size === 0 || client === undefined) return;
    try {
      const { rows } = await client.query<{ id: string; status: RunStatus; forced: boolean }>(
        'SELECT id, status, stop_forced AS forced FROM runs WHERE id = ANY ($1::uuid[])',
        [[...this.watched.keys()]],
      );
      for (const { id, status, forced } of rows) this.tell(id, status, forced);
    } catch (error) {
      // Without an answer it is of no more use, however alive it looks.
      if (isConnectionLost(error)) void client.end();
      else this.logger.warn(`cannot re-read watched runs: ${(error as Error).message}`);
    }
  }
}

function eventOf(runId: string): string {
  return `event ${runId}`;
}
