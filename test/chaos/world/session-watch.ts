import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Look, type Session, TAG } from '../history/event.js';
import { type History, now } from '../history/history.js';

/** A tagged session as the last look saw it. */
export interface Seen {
  readonly pid: number;
  readonly start: string;
  readonly tag: string;
  readonly state: string | null;
  readonly query: string;
  /** When its latest statement began, by the data source's clock. */
  readonly queryStart: number;
}

interface Known {
  readonly first: Look;
  last: Look;
}

const PAUSE_MS = 2;
const RETRY_MS = 50;
/** Of a session that is no run's yet (src/runs/run-tag.ts). */
const OPENING = 'fermata-opening:';

const LOOK = {
  name: 'look',
  text: `SELECT
    extract(epoch FROM statement_timestamp())::float8 * 1000 AS clock, s.pid, s.backend_start::text AS start,
    s.application_name AS tag, s.state, left(s.query, 300) AS query,
    extract(epoch FROM s.query_start)::float8 * 1000 AS "queryStart"
  FROM (SELECT) one LEFT JOIN pg_stat_get_activity(NULL) s
    ON s.application_name LIKE '${TAG}%' OR s.application_name LIKE '${OPENING}%'`,
};

/**
 * The independent observer: a superuser session of its own on the data source that looks at the sessions every few
 * milliseconds, and writes down each tagged one with its first and last sighting. It knows nothing of the product.
 */
export class SessionWatch {
  private client: pg.Client | null = null;
  private readonly known = new Map<string, Known & Pick<Session, 'pid' | 'start' | 'tag'>>();
  private readonly openings = new Map<string, Look>();
  private seen: readonly Seen[] = [];
  private readonly waiting = new Set<() => void>();
  private looks = { count: 0, from: now(), longestGapMs: 0, latest: now() };
  private closed = false;
  private offset = 0;
  private readonly looking: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly history: History,
    private readonly pauseMs = PAUSE_MS,
  ) {
    this.looking = this.goOn();
  }

  /** What to add to the data source's clock for this process's; right to half a look. */
  get clockOffset(): number {
    return this.offset;
  }

  /** What the latest look saw. */
  get tagged(): readonly Seen[] {
    return this.seen;
  }

  sessionsOf(run: string): Seen[] {
    return this.seen.filter(({ tag }) => tag === TAG + run);
  }

  /** The last look that saw a session being opened for a run; null when none did. */
  openingOf(run: string): Look | null {
    return this.openings.get(run) ?? null;
  }

  /** Resolves when a look satisfies the condition, which is asked after each. @throws Error after the deadline */
  async until<T>(
    what: string,
    look: () => T | null | undefined | false,
    deadlineMs = 15_000,
  ): Promise<T> {
    const deadline = now() + deadlineMs;
    for (;;) {
      const found = look();
      if (found !== null && found !== undefined && found !== false) return found;
      if (now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
      await this.nextLook();
    }
  }

  /** Waits until a statement of the run that matches is at work. */
  atWork(run: string, sql: RegExp, deadlineMs?: number): Promise<Seen> {
    return this.until(
      `SQL of ${run} at work`,
      () => this.sessionsOf(run).find(({ state, query }) => state === 'active' && sql.test(query)),
      deadlineMs,
    );
  }

  /** Waits for a look that began after the call, so that what is over by now has been seen to be over. */
  async settled(): Promise<void> {
    const from = now();
    await this.until('a look', () => this.looks.latest > from, 30_000);
    await this.nextLook();
  }

  /** Writes down how closely it has looked, and the sessions that are still there. */
  flush(): void {
    const { count, from, latest: to, longestGapMs } = this.looks;
    this.history.record({ kind: 'looks', count, from, to, longestGapMs });
    this.looks = { count: 0, from: to, longestGapMs: 0, latest: to };
    for (const one of this.known.values())
      this.history.record({ kind: 'session', ...one, gone: null });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.looking;
    await this.client?.end().catch(() => undefined);
  }

  private nextLook(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      // While the server is down there are no looks.
      const timer = setTimeout(done, RETRY_MS);
      this.waiting.add(done);
    });
  }

  private async goOn(): Promise<void> {
    while (!this.closed) {
      try {
        this.client ??= await this.connect();
        await this.look(this.client);
        await sleep(this.pauseMs);
      } catch {
        void this.client?.end().catch(() => undefined);
        this.client = null;
        await sleep(RETRY_MS);
      }
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'chaos-watch',
      connectionTimeoutMillis: 5000,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  private async look(client: pg.Client): Promise<void> {
    const sent = now();
    const { rows } = await client.query<Omit<Seen, 'pid'> & { clock: number; pid: number | null }>(
      LOOK,
    );
    const at = now();
    const { looks } = this;
    looks.longestGapMs = Math.max(looks.longestGapMs, sent - looks.latest);
    looks.latest = sent;
    looks.count += 1;
    const clock = rows[0]?.clock ?? 0;
    this.offset = sent - clock;
    this.digest(
      rows.flatMap((row) => (row.pid === null ? [] : [{ ...row, pid: row.pid }])),
      { sent, at, clock },
    );
    for (const tell of [...this.waiting]) tell();
  }

  private digest(all: readonly Seen[], at: Look): void {
    const rows = all.filter(({ tag }) => tag.startsWith(TAG));
    for (const { tag } of all)
      if (tag.startsWith(OPENING)) this.openings.set(tag.slice(OPENING.length), at);
    this.seen = rows;
    const missing = new Set(this.known.keys());
    for (const { pid, start, tag } of rows) {
      const key = `${pid} ${start} ${tag}`;
      missing.delete(key);
      const known = this.known.get(key) ?? { pid, start, tag, first: at, last: at };
      known.last = at;
      this.known.set(key, known);
    }
    for (const key of missing) {
      const one = this.known.get(key);
      this.known.delete(key);
      if (one !== undefined) this.history.record({ kind: 'session', ...one, gone: at });
    }
  }
}
