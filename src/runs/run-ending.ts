import { Injectable, Logger } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import { RUN_CHANNEL } from './run-signals.js';
import type { RunStatus } from './run-status.js';
import { decisiveFirst } from './step-order.js';
import type { SessionEnd } from './session-ledger.js';
import { isoMs } from './stop-intent-statements.js';
import type { StopReceipt } from './stop-receipt.js';

/** Why a run failed; shown to the person who ran it. */
export interface RunError {
  readonly message: string;
  /** Name of the operator that failed; null when the flow as a whole could not be run. */
  readonly operator: string | null;
  readonly sqlstate: string | null;
}

// The outcome follows from the steps, so that the winner of a race between finish and stop is whoever really won (I9). An
// error that no step has is the stop's own doing once that is accepted: a session that could not be opened any more.
// A run with an open session is left alone: it has not ended (I1). Sessions are acknowledged by the statement that needs it,
// whether the run ends with it or not: $4 and $5.
const END = {
  name: 'run-end',
  text: `WITH acknowledged AS (
      SELECT * FROM unnest($4::bigint[], $5::text[]) AS a (id, ending)
    ), closed AS (
      UPDATE run_sessions s SET closed_at = clock_timestamp(), ending = a.ending FROM acknowledged a
      WHERE s.id = a.id AND s.closed_at IS NULL
    ), session AS (
      SELECT s.id, s.database_id, s.backend_pid, s.closed_at IS NOT NULL OR a.id IS NOT NULL AS closed,
        CASE WHEN s.closed_at IS NULL THEN coalesce(a.ending, s.ending) ELSE s.ending END AS ending
      FROM run_sessions s LEFT JOIN acknowledged a USING (id) WHERE s.run_id = $1
    ), r AS (
      SELECT id, status, operator_names, stop_requested_at, stop_first_kill_at, stop_requested_by, stop_reason,
        stop_last_error, clock_timestamp() AS now, coalesce(error, CASE WHEN status = 'running'
          OR EXISTS (SELECT FROM run_steps WHERE run_id = $1 AND status = 'failed') THEN $2::jsonb END) AS error
      FROM runs WHERE id = $1 AND status IN ('running', 'stopping') AND CASE WHEN $3::int IS NULL THEN status = 'stopping' ELSE epoch = $3 END
      FOR NO KEY UPDATE
    ), step AS (
      SELECT DISTINCT ON (position) operator_name, position, status FROM run_steps
      WHERE run_id = $1 ORDER BY position, ${decisiveFirst()}
    ), outcome AS (
      SELECT CASE
        WHEN r.error IS NOT NULL OR EXISTS (SELECT FROM run_steps WHERE run_id = $1 AND status = 'failed') THEN 'failed'
        WHEN (SELECT count(*) FROM step WHERE status = 'finished') = cardinality(operator_names) THEN 'succeeded'
        WHEN r.status = 'stopping' THEN 'stopped'
        ELSE 'failed' END AS status
      FROM r
    ), receipt AS (
      SELECT jsonb_build_object(
        'requested_at', ${isoMs('stop_requested_at')}, 'requested_by', stop_requested_by, 'reason', stop_reason,
        'first_kill_at', ${isoMs('stop_first_kill_at')}, 'confirmed_at', ${isoMs('now')},
        'latency_ms', round(extract(epoch FROM now - stop_requested_at) * 1000, 1),
        'method', CASE
          WHEN EXISTS (SELECT FROM session WHERE ending = 'terminated') THEN 'terminated'
          WHEN (SELECT bool_and(ending = 'gone') FROM session WHERE ending NOT IN ('never_opened', 'refused'))
            THEN 'session_gone'
          WHEN outcome.status = 'stopped' THEN 'cancelled'
          ELSE 'already_finished' END,
        'outcome', outcome.status,
        'sessions_ended', (SELECT coalesce(jsonb_agg(jsonb_build_object('data_source_id', d.data_source_id,
            'backend_pid', s.backend_pid, 'ending', s.ending) ORDER BY s.id), '[]')
          FROM session s JOIN databases d ON d.id = s.database_id WHERE s.ending NOT IN ('never_opened', 'refused')),
        'operators', (SELECT jsonb_build_object(
            'finished', coalesce(jsonb_agg(name ORDER BY i) FILTER (WHERE step.status = 'finished'), '[]'),
            'rolled_back', coalesce(jsonb_agg(name ORDER BY i) FILTER (WHERE step.status <> 'finished'), '[]'),
            'never_started', coalesce(jsonb_agg(name ORDER BY i) FILTER (WHERE step.status IS NULL), '[]'))
          FROM unnest(operator_names) WITH ORDINALITY AS operator (name, i)
          LEFT JOIN step ON step.position = i - 1
          HAVING operator_names IS NOT NULL),
        'last_error', stop_last_error) AS body
      FROM r, outcome WHERE r.status = 'stopping'
    )
    UPDATE runs SET status = outcome.status, ended_at = r.now, lease_until = NULL, error = r.error,
      stop_receipt = (SELECT body FROM receipt)
    FROM r, outcome
    WHERE runs.id = r.id AND NOT EXISTS (SELECT FROM session WHERE NOT closed)
      AND NOT EXISTS (SELECT FROM run_steps WHERE run_id = r.id AND status = 'running')
    RETURNING runs.status, runs.stop_receipt AS receipt, runs.workfile_id AS "workfileId",
      pg_notify('${RUN_CHANNEL}', runs.id || ' ' || runs.status)`,
};

interface Ended extends Record<string, unknown> {
  status: RunStatus;
  receipt: StopReceipt | null;
  workfileId: number;
}

/** The one place where a run gets its final state. */
@Injectable()
export class RunEnding {
  private readonly logger = new Logger(RunEnding.name);

  constructor(private readonly orm: OrmDataSource) {}

  /**
   * Ends a run whose sessions are all closed, with the receipt of its stop when one was asked for. The caller has seen
   * that no tagged session is left, and has recorded every step.
   * @param acknowledged sessions seen gone: closed from now on, whatever becomes of the run
   * @param epoch of the worker that ends its run; null to end it only if it is being stopped
   * @returns the final state, or null when the run had ended before, is somebody else's, or still has an open session or
   * an undecided operator
   */
  async end(
    runId: string,
    error: RunError | null,
    epoch: number | null,
    acknowledged: readonly SessionEnd[] = [],
  ): Promise<RunStatus | null> {
    const values = [
      runId,
      error === null ? null : JSON.stringify(error),
      epoch,
      acknowledged.map(({ id }) => id),
      acknowledged.map(({ ending }) => ending),
    ];
    const [ended] = await queryPrepared<Ended>(this.orm, END, values);
    if (ended === undefined) return null;
    const { status, receipt, workfileId } = ended;
    this.logger.log({
      message: `run ${status}`,
      runId,
      workfileId,
      status,
      ...(receipt && { method: receipt.method, latencyMs: receipt.latency_ms }),
      ...(error && { error: error.message, sqlstate: error.sqlstate }),
    });
    return status;
  }
}
