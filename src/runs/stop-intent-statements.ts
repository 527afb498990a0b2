import type { Prepared } from '../common/sql/prepared.js';
import { placeGoneSince } from './place-gone.js';
import { RUN_CHANNEL } from './run-signals.js';

/** Whoever drives a stop says so again within this time; past it another process takes over. */
export const DRIVEN_MS = 1000;

/** SQL text that prints a timestamptz expression as ISO 8601 UTC with milliseconds. */
export function isoMs(expression: string): string {
  return `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** The sessions of run `r` that are not known to be gone, as a JSON array; shared with the stop driver. */
export const OPEN_SESSIONS = `SELECT coalesce(json_agg(json_build_object(
    'databaseId', s.database_id, 'accountId', s.account_id, 'pid', s.backend_pid,
    'backendStart', s.backend_start)), '[]')
  FROM run_sessions s WHERE s.run_id = r.id AND s.closed_at IS NULL`;

const IS_ACTIVE = `run.status IN ('queued', 'running', 'stopping')`;

// A proxy may name anything as the address; a stop is no less accepted for it.
const ADDRESS_LENGTH = 64;

// One statement, so that intent, announcement, audit and kill handles cost one round trip and one commit, for one wish or
// many. A queued run has nothing to kill: it is final at once. The first kill goes out on the return of this statement to
// the sessions found here; its time is set here because the end of the run could overtake a statement of its own. A stop
// under way is joined: its row is left as it is, but force makes it harder. Of several wishes for one run the first is the
// one that stops it; all of them are on record.
// $1 users, $2 reasons, $3 addresses, $4 request ids, $5 forces, $6 and $7 what `which` compares with: one of each a wish.
const intent = (name: string, which: string, lock: 'wait' | 'skip'): Prepared => ({
  name,
  text: `WITH wish AS (
      SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::int[], $7::uuid[])
        WITH ORDINALITY AS w (requested_by, reason, address, request_id, forced, number, run_id, place)
    ), r AS (
      SELECT wish.*, run.id, run.workfile_id, run.status, run.stop_forced FROM wish JOIN runs run ON ${which}
      WHERE ${IS_ACTIVE} ORDER BY run.id FOR NO KEY UPDATE OF run ${lock === 'skip' ? 'SKIP LOCKED' : ''}
    ), asked AS (
      INSERT INTO stop_requests (run_id, requested_by, reason, address, request_id, forced)
      SELECT id, requested_by, reason, left(address, ${ADDRESS_LENGTH}), request_id, forced FROM r ORDER BY place
    ), first AS (
      SELECT DISTINCT ON (id) *, bool_or(forced) OVER (PARTITION BY id) AS hard FROM r ORDER BY id, place
    ), hardened AS (
      UPDATE runs SET stop_forced = true FROM first
      WHERE runs.id = first.id AND first.status = 'stopping' AND first.hard AND NOT first.stop_forced
    ), moved AS (
      UPDATE runs SET
        status = CASE first.status WHEN 'queued' THEN 'stopped' ELSE 'stopping' END,
        stop_requested_at = clock.now, stop_requested_by = first.requested_by, stop_reason = first.reason,
        stop_forced = first.hard,
        stop_driven_until = CASE first.status WHEN 'running' THEN clock.now + interval '${DRIVEN_MS} ms' END,
        stop_first_kill_at = CASE WHEN EXISTS (SELECT FROM run_sessions s WHERE s.run_id = first.id
          AND s.closed_at IS NULL AND s.backend_pid IS NOT NULL) THEN clock_timestamp() END,
        ended_at = CASE first.status WHEN 'queued' THEN clock.now END,
        stop_receipt = CASE first.status WHEN 'queued' THEN jsonb_build_object(
          'requested_at', ${isoMs('clock.now')}, 'requested_by', first.requested_by, 'reason', first.reason,
          'first_kill_at', NULL, 'confirmed_at', ${isoMs('clock.now')}, 'latency_ms', 0,
          'method', 'not_started', 'outcome', 'stopped', 'sessions_ended', '[]'::jsonb,
          'operators', NULL, 'last_error', NULL) END
      FROM first, (SELECT clock_timestamp() AS now) clock
      WHERE runs.id = first.id AND first.status IN ('queued', 'running')
      RETURNING runs.id, runs.status, first.hard
    )
    SELECT wish.place::int - 1 AS place, r.id AS "runId", r.workfile_id AS "workfileId",
      coalesce(moved.status, r.status) AS status, r.stop_forced OR first.hard AS forced,
      CASE WHEN r.id IS NOT NULL THEN (${OPEN_SESSIONS}) END AS sessions,
      r.id IS NULL AND EXISTS (SELECT FROM runs run WHERE ${which} AND ${IS_ACTIVE}) AS busy,
      CASE WHEN moved.id IS NOT NULL THEN
        pg_notify('${RUN_CHANNEL}', moved.id || ' ' || moved.status || CASE WHEN moved.hard THEN ' forced' ELSE '' END) END
    FROM wish LEFT JOIN r USING (place) LEFT JOIN first ON first.id = r.id LEFT JOIN moved ON moved.id = r.id`,
});

const OF_WORKFILE = `run.workfile_id = wish.number AND (wish.run_id IS NULL OR run.id = wish.run_id)`;
const OF_RUN = `run.id = wish.run_id`;

/**
 * For wishes of many: a run whose operator is being committed at this moment is `busy` and left out, for it must not keep the
 * others waiting.
 */
export const AT_ONCE = {
  workfile: intent('stop-intent-workfiles', OF_WORKFILE, 'skip'),
  run: intent('stop-intent-runs', OF_RUN, 'skip'),
};
/** For the wish that is left: waits until its run's row is free. */
export const WAITING = {
  workfile: intent('stop-intent-workfile', OF_WORKFILE, 'wait'),
  run: intent('stop-intent-run', OF_RUN, 'wait'),
};
/** The wish's number is the limit in seconds. */
export const OVERDUE = intent(
  'stop-intent-overdue',
  `run.status = 'running' AND run.started_at < clock_timestamp() - make_interval(secs => wish.number)`,
  'skip',
);
/** The wish's number is for how many seconds. */
export const PLACE_GONE = intent(
  'stop-intent-place-gone',
  `run.status IN ('queued', 'running')
    AND ${placeGoneSince('run')} < clock_timestamp() - make_interval(secs => wish.number)`,
  'skip',
);
