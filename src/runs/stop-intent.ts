import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import type { StopWorkflow } from './commands/stop-workflow.command.js';
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
  readonly status: RunStatus;
  readonly sessions: readonly OpenSession[];
}

/** The sessions of run `r` that are not known to be gone, as a JSON array; shared with the stop driver. */
export const OPEN_SESSIONS = `SELECT coalesce(json_agg(json_build_object(
    'databaseId', s.database_id, 'accountId', s.account_id, 'pid', s.backend_pid,
    'backendStart', s.backend_start)), '[]')
  FROM run_sessions s WHERE s.run_id = r.id AND s.closed_at IS NULL`;

// One statement, so that intent, announcement and kill handles cost one round trip and one commit. A queued run has
// nothing to kill: it is final at once. The first kill goes out on the return of this statement to the sessions found
// here; its time is set here because the end of the run could overtake a statement of its own. A stop under way is joined: its row is left as it is.
const INTENT = {
  name: 'stop-intent',
  text: `WITH r AS (
      SELECT id, status FROM runs
      WHERE workfile_id = $1 AND status IN ('queued', 'running', 'stopping') AND ($4::uuid IS NULL OR id = $4)
      FOR NO KEY UPDATE
    ), moved AS (
      UPDATE runs SET
        status = CASE r.status WHEN 'queued' THEN 'stopped' ELSE 'stopping' END,
        stop_requested_at = clock.now, stop_requested_by = $2, stop_reason = $3,
        stop_first_kill_at = CASE WHEN EXISTS (SELECT FROM run_sessions s WHERE s.run_id = r.id
          AND s.closed_at IS NULL AND s.backend_pid IS NOT NULL) THEN clock_timestamp() END,
        ended_at = CASE r.status WHEN 'queued' THEN clock.now END,
        stop_receipt = CASE r.status WHEN 'queued' THEN jsonb_build_object(
          'requested_at', ${isoMs('clock.now')}, 'requested_by', $2::int, 'reason', $3::text,
          'first_kill_at', NULL, 'confirmed_at', ${isoMs('clock.now')}, 'latency_ms', 0,
          'method', 'not_started', 'outcome', 'stopped', 'sessions_ended', '[]'::jsonb,
          'operators', NULL, 'last_error', NULL) END
      FROM r, (SELECT clock_timestamp() AS now) clock
      WHERE runs.id = r.id AND r.status IN ('queued', 'running')
      RETURNING runs.id, runs.status
    )
    SELECT r.id AS "runId", coalesce(moved.status, r.status) AS status, (${OPEN_SESSIONS}) AS sessions,
      pg_notify('${RUN_CHANNEL}', moved.id || ' ' || moved.status)
    FROM r LEFT JOIN moved USING (id)`,
};

/** SQL text that prints a timestamptz expression as ISO 8601 UTC with milliseconds. */
export function isoMs(expression: string): string {
  return `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Step 1 of the stop protocol: the wish to stop, committed. */
@Injectable()
export class StopIntents {
  constructor(private readonly orm: OrmDataSource) {}

  /** Null when the workfile has no active run. After the return no operator of the run takes effect any more (I2). */
  async commit(command: StopWorkflow): Promise<StopIntent | null> {
    const values = [command.workfileId, command.requestedBy, command.reason, command.runId];
    const [intent] = await queryPrepared<StopIntent & Record<string, unknown>>(
      this.orm,
      INTENT,
      values,
    );
    return intent ?? null;
  }
}
