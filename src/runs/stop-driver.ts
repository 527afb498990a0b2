import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { Controls } from '../data-sources/controls.js';
import { RunEnding } from './run-ending.js';
import { RunSignals } from './run-signals.js';
import type { RunStatus } from './run-status.js';
import { runTag } from './run-tag.js';
import { SessionProof } from './session-proof.js';
import { OPEN_SESSIONS, type OpenSession, type StopIntent } from './stop-intent.js';

interface StopState extends Record<string, unknown> {
  status: RunStatus;
  sessions: readonly OpenSession[];
  requestedMsAgo: number;
  leaseIsOver: boolean;
  /** It has a session to kill, and had none when the stop was asked for. */
  unkilled: boolean;
}

const STATE = {
  name: 'stop-state',
  text: `SELECT status, (${OPEN_SESSIONS}) AS sessions,
      extract(epoch FROM clock_timestamp() - stop_requested_at)::float8 * 1000 AS "requestedMsAgo",
      coalesce(lease_until < clock_timestamp(), true) AS "leaseIsOver",
      stop_first_kill_at IS NULL AND EXISTS (SELECT FROM run_sessions s WHERE s.run_id = r.id
        AND s.closed_at IS NULL AND s.backend_pid IS NOT NULL) AS unkilled
    FROM runs r WHERE id = $1`,
};
const FIRST_KILL = {
  name: 'stop-first-kill',
  text: `UPDATE runs SET stop_first_kill_at = clock_timestamp()
    WHERE id = $1 AND stop_first_kill_at IS NULL AND status = 'stopping'`,
};
const LAST_ERROR = {
  name: 'stop-last-error',
  text: `UPDATE runs SET stop_last_error = $2 WHERE id = $1 AND stop_last_error IS DISTINCT FROM $2`,
};
const SESSIONS_GONE = {
  name: 'stop-sessions-gone',
  text: `UPDATE run_sessions SET closed_at = clock_timestamp(),
      ending = CASE WHEN backend_pid IS NULL THEN 'never_opened' ELSE 'gone' END
    WHERE run_id = $1 AND closed_at IS NULL`,
};

/**
 * Steps 2, 3 and 5 of the stop protocol, from any process: kills the sessions of a stopping run, again and again until
 * it is confirmed, harder after `stopTerminateAfterMs`, and confirms it itself when the worker is lost. All of it is
 * repeatable, so several processes may drive the same stop. A sweep over all stopping runs will start it for those
 * whose API or worker died (architecture.md 5, step 6).
 */
@Injectable()
export class StopDriver implements OnApplicationShutdown {
  private readonly logger = new Logger(StopDriver.name);
  private readonly driven = new Map<string, Promise<void>>();
  private readonly shutdown = new AbortController();

  constructor(
    private readonly orm: OrmDataSource,
    private readonly controls: Controls,
    private readonly proof: SessionProof,
    private readonly ending: RunEnding,
    private readonly signals: RunSignals,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** Returns when the run has ended or this process shuts down. A second call joins the first. Never throws. */
  drive(intent: StopIntent): Promise<void> {
    const { runId } = intent;
    const driving =
      this.driven.get(runId) ?? this.loop(intent).finally(() => this.driven.delete(runId));
    this.driven.set(runId, driving);
    return driving;
  }

  async onApplicationShutdown(): Promise<void> {
    this.shutdown.abort();
    await Promise.all(this.driven.values());
  }

  private async loop({ runId, sessions }: StopIntent): Promise<void> {
    const ended = new AbortController();
    const over = this.signals
      .ended(runId, AbortSignal.any([ended.signal, this.shutdown.signal]))
      .then(() => true);
    this.attempt(runId, this.kill(runId, sessions, 'cancel'));
    while (!(await Promise.race([over, pause(this.config.stopRepeatMs)]))) {
      try {
        if (!(await this.step(runId))) break;
      } catch (error) {
        await this.note(runId, error);
      }
    }
    ended.abort();
  }

  /** One round; false when there is nothing left to do. */
  private async step(runId: string): Promise<boolean> {
    const [state] = await queryPrepared<StopState>(this.orm, STATE, [runId]);
    if (state?.status !== 'stopping') {
      await this.signals.reread();
      return false;
    }
    const hard = state.requestedMsAgo >= this.config.stopTerminateAfterMs;
    if (state.unkilled) await queryPrepared(this.orm, FIRST_KILL, [runId]);
    await this.kill(runId, state.sessions, hard ? 'terminate' : 'cancel');
    // With a live lease the worker closes its sessions, and the last one to close ends the run.
    if (state.sessions.length === 0 || state.leaseIsOver) await this.confirm(runId);
    return true;
  }

  private async kill(
    runId: string,
    sessions: readonly OpenSession[],
    how: 'cancel' | 'terminate',
  ): Promise<void> {
    const tag = runTag(runId);
    await Promise.all(
      sessions.map(async ({ databaseId, accountId, pid, backendStart }) => {
        if (pid === null || backendStart === null) return;
        const control = await this.controls.of(databaseId, accountId);
        const hit = await control[how]({ pid, backendStart, tag });
        this.logger.debug({ message: `${how} sent`, runId, backendPid: pid, hit });
      }),
    );
  }

  /** Ends the run if no tagged session is left; else ends the sessions. */
  private async confirm(runId: string): Promise<void> {
    const survivors = await this.proof.survivors(runId, await this.proof.places(runId));
    if (survivors.length > 0) {
      await Promise.all(survivors.map(({ control, handle }) => control.terminate(handle)));
      return;
    }
    await queryPrepared(this.orm, SESSIONS_GONE, [runId]);
    await this.ending.end(runId);
  }

  private attempt(runId: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.note(runId, error));
  }

  /** What stands in the way is visible on the run for as long as it does. */
  private async note(runId: string, error: unknown): Promise<void> {
    const { message } = error as Error;
    this.logger.warn({ message: `stop not confirmed yet: ${message}`, runId });
    await queryPrepared(this.orm, LAST_ERROR, [runId, message]).catch(() => undefined);
  }
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false as const).unref());
}
