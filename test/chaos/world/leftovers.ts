import type { Leftover } from '../history/event.js';
import { until } from '../../support/wait.js';

export type Left = Omit<Leftover, 'kind'>;
type Ask = (sql: string, values: unknown[]) => Promise<Left[]>;

/** Whom to ask, and who does not count. */
export interface Surroundings {
  readonly data: Ask;
  readonly metadata: Ask;
  /** Pids of sessions in the data source that only look like the product's. */
  readonly innocent: () => readonly number[];
}

/** What needs a moment to end counts when it is still there behind it. */
const DEADLINE_MS = 2000;

const AT_ONCE = `
  SELECT 'a prepared transaction' AS what, gid AS detail FROM pg_prepared_xacts
  UNION ALL SELECT 'a session', application_name || ' ' || pid FROM pg_stat_activity
    WHERE application_name = ANY ($1)
  UNION ALL SELECT 'a temporary table', c.relname::text FROM pg_class c
    WHERE c.relpersistence = 't' AND c.relkind = 'r'`;

// A worker that was thawed may be opening a session for a run that is over. It is none of that run (run-tag.ts), and has to
// be gone soon after the worker is told so. Sessions of the product that belong to no run, for looking and killing, are at work
// for moments only.
const SOON = `
  SELECT 'a session that is being opened' AS what, application_name || ' ' || pid AS detail FROM pg_stat_activity
    WHERE application_name LIKE 'fermata-opening:%'
  UNION ALL SELECT 'an open transaction', concat_ws(' ', application_name, pid, state) FROM pg_stat_activity
    WHERE application_name LIKE 'fermata%' AND datname = current_database() AND pid <> ALL ($1)
      AND state LIKE 'idle in transaction%'
  UNION ALL SELECT 'a lock', concat_ws(' ', application_name, l.pid, l.mode, l.relation::regclass)
    FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'relation' AND l.granted
    WHERE application_name LIKE 'fermata%' AND datname = current_database() AND a.pid <> ALL ($1)`;

const ON_RECORD = `
  WITH ended AS (SELECT id FROM runs WHERE id = ANY ($1::uuid[]) AND status IN ('stopped', 'succeeded', 'failed'))
  SELECT 'an operator on record as running' AS what, s.operator_name || ' of ' || ended.id AS detail
    FROM run_steps s JOIN ended ON ended.id = s.run_id WHERE s.status = 'running'
  UNION ALL SELECT 'a session on record as open', concat_ws(' ', s.backend_pid, 'of', ended.id)
    FROM run_sessions s JOIN ended ON ended.id = s.run_id WHERE s.closed_at IS NULL`;

/** I10: what should not be there when these runs, and all others, are over. */
export async function leftovers(
  runs: readonly string[],
  { data, metadata, innocent }: Surroundings,
): Promise<Left[]> {
  const found = [
    ...(await data(AT_ONCE, [runs.map((run) => `fermata:${run}`)])),
    ...(await metadata(ON_RECORD, [runs])),
  ];
  let late: readonly Left[] = [];
  const isClean = async () => (late = await data(SOON, [innocent()])).length === 0;
  await until('nothing is open', isClean, DEADLINE_MS).catch((error: unknown) => {
    // The server itself does not answer.
    if (late.length === 0) throw error;
  });
  return [...found, ...late];
}
