import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import { LANES, Together } from '../common/together.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { RunEnding } from './run-ending.js';
import { RunSignals } from './run-signals.js';
import type { RunStatus } from './run-status.js';
import { type Hit, SessionKills } from './session-kills.js';
import { SessionLedger } from './session-ledger.js';
import { SessionProof } from './session-proof.js';
import { StepOutcomes } from './step-outcomes.js';
import type { OpenSession, StopIntent } from './stop-intent.js';
import { DRIVEN_MS, OPEN_SESSIONS } from './stop-intent-statements.js';

interface StopState extends Record<string, unknown> {
  runId: string;
  status: RunStatus;
  forced: boolean;
  sessions: readonly OpenSession[];
  requestedMsAgo: number;
  leaseIsOver: boolean;
}

/** A living worker closes its sessions itself within milliseconds, and knows best how they ended; then it is not waited for. */
const WORKER_FIRST_MS = 1000;

// Reads how things stand, and says that somebody here cares. A row that is locked is left as it is: waiting for it would
// keep the kills waiting. $1 runs.
const STATE = {
  name: 'stop-state',
  text: `WITH driven AS (
      UPDATE runs SET stop_driven_until = clock_timestamp() + interval '${DRIVEN_MS} ms'
      WHERE id IN (SELECT id FROM runs WHERE id = ANY ($1::uuid[]) AND status = 'stopping'
        FOR NO KEY UPDATE SKIP LOCKED)
    )
    SELECT id AS "runId", status, stop_forced AS forced, (${OPEN_SESSIONS}) AS sessions,
      extract(epoch FROM clock_timestamp() - stop_requested_at)::float8 * 1000 AS "requestedMsAgo",
      coalesce(lease_until < clock_timestamp(), true) AS "leaseIsOver"
    FROM runs r WHERE id = ANY ($1::uuid[])`,
};
const LAST_ERROR = {
  name: 'stop-last-error',
  text: `UPDATE runs SET stop_last_error = $2, stop_error_since = coalesce(stop_error_since, clock_timestamp())
    WHERE id = $1 AND status = 'stopping' AND stop_last_error IS DISTINCT FROM $2`,
};

/**
 * Steps 2, 3 and 5 of the stop protocol, from any process: kills the sessions of a stopping run, again and again until
 * it is confirmed, harder after `stopTerminateAfterMs`, and confirms it itself when its worker does not. All of it is
 * repeatable, so several processes may drive the same stop (architecture.md 5).
 */
@Injectable()
export class StopDriver implements OnApplicationShutdown {
  private readonly logger = new Logger(StopDriver.name);
  private readonly driven = new Map<string, Promise<void>>();
  /** By run that is driven: the first cancels that hit, until they are on record. */
  private readonly cancelled = new Map<string, Hit[]>();
  private readonly shutdown = new AbortController();
  /** Stops whose time has come while others are being looked at are looked at together: hundreds of them are a few commits. */
  private readonly states = new Together<string, StopState | null>(
    (runIds) => this.statesOf(runIds),
    LANES,
  );

  constructor(
    private readonly orm: OrmDataSource,
    private readonly kills: SessionKills,
    private readonly proof: SessionProof,
    private readonly ledger: SessionLedger,
    private readonly outcomes: StepOutcomes,
    private readonly ending: RunEnding,
    private readonly signals: RunSignals,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** The first kill of accepted stops, all at once; then drives each. Never throws. */
  begin(intents: readonly StopIntent[]): void {
    const first = (forced: boolean) => {
      const some = intents.filter((one) => one.status === 'stopping' && one.forced === forced);
      if (some.length === 0) return;
      const fired = this.kills
        .fire(some, forced ? 'terminate' : 'cancel')
        .then(({ cancelled, missed }) => {
          for (const hit of cancelled) this.keep(hit);
          if (missed !== null) for (const { runId } of some) void this.note(runId, missed.reason);
        });
      for (const { runId } of some) void this.drive(runId, fired);
    };
    first(false);
    first(true);
  }

  /**
   * Returns when the run has ended or this process shuts down. A second call joins the first. Never throws.
   * @param first a kill that is on its way: the next one follows `stopRepeatMs` behind it; null: nobody has sent one of late
   */
  drive(runId: string, first: Promise<void> | null): Promise<void> {
    const driving =
      this.driven.get(runId) ??
      this.loop(runId, first).finally(() => {
        this.driven.delete(runId);
        this.cancelled.delete(runId);
      });
    this.driven.set(runId, driving);
    return driving;
  }

  async onApplicationShutdown(): Promise<void> {
    this.shutdown.abort();
    await Promise.all(this.driven.values());
  }

  private async loop(runId: string, first: Promise<void> | null): Promise<void> {
    // The signal, not a promise of the end: each round that races one would stay with it for as long as the stop takes.
    const over = new AbortController();
    const ended = this.signals
      .ended(runId, AbortSignal.any([over.signal, this.shutdown.signal]))
      .then(() => {
        over.abort();
      });
    let pauseMs = first === null ? 0 : this.config.stopRepeatMs;
    await Promise.race([first, ended]);
    for (;;) {
      await pause(pauseMs, over.signal);
      if (over.signal.aborted) return;
      pauseMs = this.config.stopRepeatMs;
      try {
        await this.record(runId);
        if (!(await this.step(runId))) break;
      } catch (error) {
        await this.note(runId, error);
      }
    }
    over.abort();
  }

  private keep(hit: Hit): void {
    if (!this.driven.has(hit.runId)) return;
    this.cancelled.set(hit.runId, [...(this.cancelled.get(hit.runId) ?? []), hit]);
  }

  /** Not at once: most stops are over before the second kill, and need no more than their worker's word. */
  private async record(runId: string): Promise<void> {
    const hits = this.cancelled.get(runId);
    if (hits === undefined) return;
    await this.kills.record(hits);
    this.cancelled.delete(runId);
  }

  /** One round; false when there is nothing left to do. */
  private async step(runId: string): Promise<boolean> {
    const state = await this.states.ask(runId);
    if (state?.status !== 'stopping') {
      await this.signals.reread();
      return false;
    }
    const { sessions, requestedMsAgo, leaseIsOver, forced } = state;
    // Nobody is left to take up what a session without its worker holds: it may as well go at once.
    const hard = forced || leaseIsOver || requestedMsAgo >= this.config.stopTerminateAfterMs;
    const kill = hard ? 'terminate' : 'cancel';
    const { cancelled, missed } = await this.kills.fire([{ runId, sessions }], kill);
    await this.kills.record(cancelled);
    // A session that is being opened is fenced before its first statement, but may still appear (session-ledger.ts).
    const mayAppear = sessions.some(({ pid }) => pid === null);
    const workerHadItsTime = requestedMsAgo >= WORKER_FIRST_MS;
    // Also when a data source is away: what is left in another one, under whatever name, must not go on for as long.
    if (sessions.length === 0 || leaseIsOver || (workerHadItsTime && !mayAppear))
      await this.confirm(runId);
    else if (missed !== null) throw missed.reason;
    else if (workerHadItsTime) throw new Error('its worker is still opening a session');
    return true;
  }

  private async statesOf(runIds: readonly string[]): Promise<(StopState | null)[]> {
    const rows = await queryPrepared<StopState>(this.orm, STATE, [runIds]);
    const byRun = new Map(rows.map((row) => [row.runId, row]));
    return runIds.map((runId) => byRun.get(runId) ?? null);
  }

  /** Ends the run if no tagged session is left; else ends the sessions. */
  private async confirm(runId: string): Promise<void> {
    const places = await this.proof.places(runId);
    const survivors = await this.proof.survivors(runId, places, (some) =>
      this.kills.end(runId, some),
    );
    if (survivors.length > 0) return;
    await this.ledger.gone(runId, null);
    await this.ending.end(runId, await this.outcomes.decide(runId), null);
  }

  /** What stands in the way is visible on the run for as long as it does. */
  private async note(runId: string, error: unknown): Promise<void> {
    const { message } = error as Error;
    this.logger.warn({ message: `stop not confirmed yet: ${message}`, runId });
    await queryPrepared(this.orm, LAST_ERROR, [runId, message]).catch(() => undefined);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
