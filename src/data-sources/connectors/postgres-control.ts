import type pg from 'pg';
import {
  ConnectionFailed,
  type Control,
  type KillHandle,
  type SessionIdentity,
  type TransactionOutcome,
} from './connector.js';
import { Together } from '../../common/together.js';
import { hangUp } from './hang-up.js';
import type { MessageGuard } from './message-guard.js';

const iso = (time: string) =>
  `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const START = iso('backend_start');
// A crash resets the counters; a restart in good order keeps them, and everybody may ask.
const LIFE = iso('pg_stat_get_bgwriter_stat_reset_time()');

/** `backend_start` in the one spelling that handles carry. */
export const OWN_HANDLE = `SELECT pid, ${START} AS "backendStart", usesysid::text AS "roleId",
    extract(epoch FROM clock_timestamp() - backend_start)::float8 * 1000 AS "ageMs",
    current_setting('server_version_num')::int >= 90600 AS "endsIdle",
    current_setting('server_version_num')::int >= 140000 AS "seesLostClients",
    current_setting('is_superuser') = 'on' AS "isSuperuser", ${LIFE} AS life
  FROM pg_stat_get_activity(pg_backend_pid())`;

const FIND = {
  name: 'find',
  text: `SELECT pid, ${START} AS "backendStart", application_name AS tag, known.places
    FROM pg_stat_get_activity(NULL) session CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(place::int - 1), '{}') AS places
      FROM unnest($2::int[], $3::timestamptz[], $4::oid[]) WITH ORDINALITY AS known (pid, start, role, place)
      -- Of another role's session only pid and role are shown.
      WHERE known.pid = session.pid AND usesysid = coalesce(known.role, usesysid)
        AND coalesce(backend_start = known.start, true)) known
    WHERE application_name = ANY ($1::text[]) OR known.places <> '{}'`,
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

interface Search {
  readonly tags: readonly string[];
  readonly known: readonly SessionIdentity[];
}

interface Found {
  readonly pid: number;
  /** Null when the account may not look at it. */
  readonly backendStart: string | null;
  readonly tag: string;
  /** Which of the known sessions it is: indexes from 0. */
  readonly places: readonly number[];
}

/**
 * Control statements over one warm connection, one after the other; what is asked while one is under way is asked in one
 * statement, so that many stops at once do not wait for each other.
 */
export class PostgresControl implements Control {
  private last: Promise<unknown> = Promise.resolve();
  private readonly searches = new Together<Search, readonly Found[]>((all) => this.search(all));
  private readonly cancels = this.shots(CANCEL);
  private readonly terminations = this.shots(TERMINATE);

  constructor(
    private readonly client: pg.Client,
    private readonly guard: MessageGuard,
  ) {}

  async find(
    tags: readonly string[],
    known: readonly SessionIdentity[],
  ): Promise<readonly KillHandle[]> {
    const found = await this.searches.ask({ tags, known });
    return found.map(({ pid, backendStart, tag }) => {
      if (backendStart === null)
        throw new ConnectionFailed(`the account may not look at its session ${pid}`, null);
      return { pid, backendStart, tag };
    });
  }

  cancelAll(handles: readonly KillHandle[]): Promise<readonly number[]> {
    return this.cancels.ask(handles);
  }

  terminateAll(handles: readonly KillHandle[]): Promise<readonly number[]> {
    return this.terminations.ask(handles);
  }

  async cancel(handle: KillHandle): Promise<boolean> {
    return (await this.cancels.ask([handle])).length > 0;
  }

  async terminate(handle: KillHandle): Promise<boolean> {
    return (await this.terminations.ask([handle])).length > 0;
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
    await hangUp(this.client);
  }

  private async search(all: readonly Search[]): Promise<readonly Found[][]> {
    const known = all.flatMap((one) => one.known);
    const values = [
      [...new Set(all.flatMap(({ tags }) => tags))],
      known.map(({ pid }) => pid),
      known.map(({ backendStart }) => backendStart),
      known.map(({ roleId }) => roleId),
    ];
    const rows = await this.query<Found & pg.QueryResultRow>({ ...FIND, values });
    let next = 0;
    return all.map(({ tags, known: mine }) => {
      const from = next;
      next += mine.length;
      const isMine = (place: number) => place >= from && place < from + mine.length;
      return rows.filter(({ tag, places }) => tags.includes(tag) || places.some(isMine));
    });
  }

  private shots(statement: typeof CANCEL): Together<readonly KillHandle[], readonly number[]> {
    return new Together<readonly KillHandle[], readonly number[]>(async (all) => {
      const handles = all.flat();
      const values = [
        handles.map(({ pid }) => pid),
        handles.map(({ backendStart }) => backendStart),
        handles.map(({ tag }) => tag),
      ];
      const rows = await this.query<{ pid: number; sent: boolean }>({ ...statement, values });
      const hits = new Set(rows.flatMap(({ pid, sent }) => (sent ? [pid] : [])));
      return all.map((some) => some.map(({ pid }) => pid).filter((pid) => hits.has(pid)));
    });
  }

  private query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<Row[]> {
    const turn = this.last.then(async () => {
      this.guard.renew();
      return (await this.client.query<Row>(query)).rows;
    });
    this.last = turn.catch((error: unknown) => {
      // Without an SQLSTATE it is the connection that failed, or did not answer in time: the next look opens another.
      if ((error as { code?: string }).code === undefined) void hangUp(this.client);
    });
    return turn;
  }
}
