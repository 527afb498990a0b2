import type pg from 'pg';
import {
  ConnectionFailed,
  type Control,
  type KillHandle,
  type SessionIdentity,
  type TransactionOutcome,
} from './connector.js';

const iso = (time: string) =>
  `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const START = iso('backend_start');
// A crash resets the counters; a restart in good order keeps them, and everybody may ask.
const LIFE = iso('pg_stat_get_bgwriter_stat_reset_time()');

/** `backend_start` in the one spelling that handles carry. */
export const OWN_HANDLE = `SELECT pid, ${START} AS "backendStart",
    current_setting('server_version_num')::int >= 90600 AS "endsIdle", ${LIFE} AS life
  FROM pg_stat_get_activity(pg_backend_pid())`;

const FIND = {
  name: 'find',
  text: `SELECT pid, ${START} AS "backendStart", application_name AS tag FROM pg_stat_get_activity(NULL) session
    WHERE application_name = ANY ($1::text[]) OR usesysid IS NOT NULL AND EXISTS (
      SELECT FROM unnest($2::int[], $3::timestamptz[]) AS known (pid, start)
      -- Of another role's session only the pid is shown.
      WHERE known.pid = session.pid AND coalesce(backend_start = known.start, true))`,
};

// Looks and fires in one statement: between two of them the pid could get a new owner (I7).
const matched = (fire: string) => `SELECT wanted.pid, ${fire}(wanted.pid) AS sent
  FROM unnest($1::int[], $2::timestamptz[], $3::text[]) AS wanted (pid, start, tag)
  CROSS JOIN LATERAL pg_stat_get_activity(wanted.pid) session
  WHERE session.backend_start = wanted.start AND session.application_name = wanted.tag`;
const CANCEL = { name: 'cancel', text: matched('pg_cancel_backend') };
const TERMINATE = { name: 'terminate', text: matched('pg_terminate_backend') };

// PostgreSQL 10 and newer; null when the number is older than the server's books.
const OUTCOME = {
  name: 'outcome',
  text: `SELECT txid_status($1::bigint) AS outcome, ${LIFE} = $2 AS "isSameLife"`,
};
const UNDEFINED_FUNCTION = '42883';
/** The number lies in the future: given, and forgotten in a crash with all that was done under it. */
const INVALID_PARAMETER = '22023';

/** Control statements over one warm connection, one after the other. */
export class PostgresControl implements Control {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: pg.Client) {}

  async find(
    tags: readonly string[],
    known: readonly SessionIdentity[],
  ): Promise<readonly KillHandle[]> {
    const pids = known.map(({ pid }) => pid);
    const starts = known.map(({ backendStart }) => backendStart);
    const rows = await this.query<{ pid: number; backendStart: string | null; tag: string }>({
      ...FIND,
      values: [tags, pids, starts],
    });
    return rows.map(({ pid, backendStart, ...row }) => {
      if (backendStart === null)
        throw new ConnectionFailed(`the account may not look at its session ${pid}`, null);
      return { pid, backendStart, ...row };
    });
  }

  cancelAll(handles: readonly KillHandle[]): Promise<readonly number[]> {
    return this.fire(CANCEL, handles);
  }

  terminateAll(handles: readonly KillHandle[]): Promise<readonly number[]> {
    return this.fire(TERMINATE, handles);
  }

  async cancel(handle: KillHandle): Promise<boolean> {
    return (await this.fire(CANCEL, [handle])).length > 0;
  }

  async terminate(handle: KillHandle): Promise<boolean> {
    return (await this.fire(TERMINATE, [handle])).length > 0;
  }

  async outcomeOf(transactionId: string, life: string | null): Promise<TransactionOutcome> {
    try {
      const [row] = await this.query<{
        outcome: TransactionOutcome | null;
        isSameLife: boolean | null;
      }>({ ...OUTCOME, values: [transactionId, life] });
      const { outcome = null, isSameLife = null } = row ?? {};
      if (outcome === null) return 'unknown';
      if (isSameLife === true || outcome === 'aborted') return outcome;
      // A commit survives a crash under its number, so this one can only be ours or younger than the crash.
      return outcome === 'in progress' ? 'aborted' : 'unknown';
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === UNDEFINED_FUNCTION) return 'unknown';
      if (code === INVALID_PARAMETER) return 'aborted';
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private async fire(
    statement: typeof CANCEL,
    handles: readonly KillHandle[],
  ): Promise<readonly number[]> {
    const values = [
      handles.map(({ pid }) => pid),
      handles.map(({ backendStart }) => backendStart),
      handles.map(({ tag }) => tag),
    ];
    const rows = await this.query<{ pid: number; sent: boolean }>({ ...statement, values });
    return rows.flatMap(({ pid, sent }) => (sent ? [pid] : []));
  }

  private query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<Row[]> {
    const turn = this.last.then(async () => (await this.client.query<Row>(query)).rows);
    this.last = turn.catch((error: unknown) => {
      // Without an SQLSTATE it is the connection that failed, or did not answer in time: the next look opens another.
      if ((error as { code?: string }).code === undefined) void this.client.end();
    });
    return turn;
  }
}
