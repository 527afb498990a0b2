import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { type Prepared, queryPrepared } from '../common/sql/prepared.js';
import type { StopRuns } from './commands/stop-runs.command.js';
import { StopWish, type StopWorkflow } from './commands/stop-workflow.command.js';
import { RUN_CHANNEL } from './run-signals.js';
import type { RunStatus } from './run-status.js';

/** Where a session of a run is, and what ends it. */
export interface OpenSession {
  readonly databaseId: number;
  readonly accountId: number;
  /** Null while the session is being opened. */
  readonly pid: number | null;
  readonly backendStart: string | null;
}

export interface StopIntent {
  readonly runId: string;
  readonly workfileId: number;
  readonly status: RunStatus;
  readonly forced: boolean;
  readonly sessions: readonly OpenSession[];
}

/** Whoever drives a stop says so again within this time; past it another process takes over. */
export const DRIVEN_MS = 1000;

/** The sessions of run `r` that are not known to be gone, as a JSON array; shared with the stop driver. */
export const OPEN_SESSIONS = `SELECT coalesce(json_agg(json_build_object(
    'databaseId', s.database_id, 'accountId', s.account_id, 'pid', s.backend_pid,
    'backendStart', s.backend_start)), '[]')
  FROM run_sessions s WHERE s.run_id = r.id AND s.closed_at IS NULL`;

// One statement, so that intent, announcement, audit and kill handles cost one round trip and one commit. A queued run has
// nothing to kill: it is final at once. The first kill goes out on the return of this statement to the sessions found
// here; its time is set here because the end of the run could overtake a statement of its own. A stop under way is
// joined: its row is left as it is, but force makes it harder.
// $1 user, $2 reason, $3 address, $4 request id, $5 force, $6 and $7 for `which`.
const intent = (name: string, which: string): Prepared => ({
  name,
  text: `WITH r AS (
      SELECT id, workfile_id, status, stop_forced FROM runs
      WHERE status IN ('queued', 'running', 'stopping') AND ${which}
    ), asked AS (
      INSERT INTO stop_requests (run_id, requested_by, reason, address, request_id, forced)
      SELECT id, $1, $2, $3, $4, $5 FROM r
    ), hardened AS (
      UPDATE runs SET stop_forced = true FROM r
      WHERE runs.id = r.id AND r.status = 'stopping' AND $5 AND NOT r.stop_forced
    ), moved AS (
      UPDATE runs SET
        status = CASE r.status WHEN 'queued' THEN 'stopped' ELSE 'stopping' END,
        stop_requested_at = clock.now, stop_requested_by = $1, stop_reason = $2, stop_forced = $5,
        stop_driven_until = CASE r.status WHEN 'running' THEN clock.now + interval '${DRIVEN_MS} ms' END,
        stop_first_kill_at = CASE WHEN EXISTS (SELECT FROM run_sessions s WHERE s.run_id = r.id
          AND s.closed_at IS NULL AND s.backend_pid IS NOT NULL) THEN clock_timestamp() END,
        ended_at = CASE r.status WHEN 'queued' THEN clock.now END,
        stop_receipt = CASE r.status WHEN 'queued' THEN jsonb_build_object(
          'requested_at', ${isoMs('clock.now')}, 'requested_by', $1::int, 'reason', $2::text,
          'first_kill_at', NULL, 'confirmed_at', ${isoMs('clock.now')}, 'latency_ms', 0,
          'method', 'not_started', 'outcome', 'stopped', 'sessions_ended', '[]'::jsonb,
          'operators', NULL, 'last_error', NULL) END
      FROM r, (SELECT clock_timestamp() AS now) clock
      WHERE runs.id = r.id AND r.status IN ('queued', 'running')
      RETURNING runs.id, runs.status
    )
    SELECT r.id AS "runId", r.workfile_id AS "workfileId", coalesce(moved.status, r.status) AS status,
      r.stop_forced OR $5 AS forced, (${OPEN_SESSIONS}) AS sessions,
      pg_notify('${RUN_CHANNEL}', moved.id || ' ' || moved.status || CASE WHEN $5 THEN ' forced' ELSE '' END)
    FROM r LEFT JOIN moved USING (id)`,
});
const OF_WORKFILE = intent(
  'stop-intent',
  'workfile_id = $6 AND ($7::uuid IS NULL OR id = $7) FOR NO KEY UPDATE',
);
// A run whose operator is being committed at this moment is left out: it must not keep the others waiting.
const OF_MANY = intent(
  'stop-intent-many',
  'id = ANY ($6::uuid[]) AND $7::text IS NULL ORDER BY id FOR NO KEY UPDATE SKIP LOCKED',
);
const OF_ONE = intent('stop-intent-one', 'id = $6 AND $7::text IS NULL FOR NO KEY UPDATE');
const OVERDUE = intent(
  'stop-intent-overdue',
  `status = 'running' AND started_at < clock_timestamp() - make_interval(secs => $6) AND $7::text IS NULL
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`,
);

/** SQL text that prints a timestamptz expression as ISO 8601 UTC with milliseconds. */
export function isoMs(expression: string): string {
  return `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Step 1 of the stop protocol: the wish to stop, committed. After the return no operator takes effect any more (I2). */
@Injectable()
export class StopIntents {
  constructor(private readonly orm: OrmDataSource) {}

  /** Null when the workfile has no active run. */
  async commit(command: StopWorkflow): Promise<StopIntent | null> {
    const [found] = await this.ask(OF_WORKFILE, command, command.workfileId, command.runId);
    return found ?? null;
  }

  /** Those of the runs that were active. */
  async commitAll({ runIds, ...wish }: StopRuns): Promise<readonly StopIntent[]> {
    const atOnce = await this.ask(OF_MANY, wish, runIds, null);
    const done = new Set(atOnce.map(({ runId }) => runId));
    const left = runIds.filter((id) => !done.has(id));
    const inTurn = await Promise.all(left.map((id) => this.ask(OF_ONE, wish, id, null)));
    return [...atOnce, ...inTurn.flat()];
  }

  /** Runs that have been executed for longer than they may be. */
  async commitOverdue(timeoutSeconds: number): Promise<readonly StopIntent[]> {
    const wish = new StopWish(null, { reason: 'timeout' });
    return this.ask(OVERDUE, wish, timeoutSeconds, null);
  }

  private ask(
    statement: Prepared,
    wish: Pick<StopWish, 'requestedBy' | 'reason' | 'address' | 'requestId' | 'force'>,
    which: unknown,
    further: unknown,
  ): Promise<StopIntent[]> {
    const { requestedBy, reason, address, requestId, force } = wish;
    return queryPrepared<StopIntent & Record<string, unknown>>(this.orm, statement, [
      requestedBy,
      reason,
      address,
      requestId,
      force,
      which,
      further,
    ]);
  }
}
