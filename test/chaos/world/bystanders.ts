import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { until } from '../../support/wait.js';
import type { History } from '../history/history.js';

/** Statements of a bystander before it connects anew, so that pids change hands. */
const STATEMENTS = 200;
const HURT = ['57014', '57P01'];
/**
 * Where the server obeys a cancel or a termination. A session whose postmaster was killed ends with 57P01 as well, from
 * another place.
 */
const OBEYS = 'ProcessInterrupts';
const PAUSE_MS = 5;

const WORK = [
  'SELECT pg_sleep(0.004)',
  'SELECT sum(ln(i)) FROM generate_series(1::numeric, 300) i',
  'SELECT count(*) FROM demo.golfnew',
];

/**
 * Sessions on the data source, of the same account, which look like those of runs and are none. They run statements one
 * after the other for ever; a cancel or termination that hits one of them is an innocent victim (I7).
 */
export class Bystanders {
  private closed = false;
  private statements = 0;
  private readonly connected = new Set<number>();
  private readonly lives: Promise<void>[];

  constructor(
    /** With the account that runs use. */
    private readonly url: string,
    private readonly history: History,
    count: number,
    /** A run that is under way, or was. */
    private readonly someRun: () => string | null,
  ) {
    this.lives = Array.from({ length: count }, (_, i) => this.live(i));
  }

  get pids(): readonly number[] {
    return [...this.connected];
  }

  /** Writes down for how many statements since the last call there was somebody to hurt; waits for one. */
  async flush(deadlineMs = 15_000): Promise<void> {
    const isThere = () => Promise.resolve(this.statements > 0);
    await until('a statement of a bystander', isThere, deadlineMs).catch(() => undefined);
    const { statements } = this;
    this.statements = 0;
    this.history.record({
      ...{ kind: 'bystander', what: 'well', name: 'all', pid: 0, error: null },
      statements,
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.lives);
  }

  /** Tags that differ from a run's by as little as possible. */
  private disguise(i: number): string {
    const run = this.someRun() ?? randomUUID();
    const tags = [
      `fermata:${randomUUID()}`,
      `fermata:${run.toUpperCase()}`,
      `fermata:${run} `,
      `fermata: ${run}`,
      `fermata:${run.slice(0, -1)}`,
      `Fermata:${run}`,
      'fermata-control',
      'fermata',
    ];
    return tags[i % tags.length] ?? 'fermata';
  }

  private async live(i: number): Promise<void> {
    for (let life = 0; !this.closed; life += 1) {
      const name = this.disguise(i + life);
      try {
        await this.work(name, life);
      } catch (error) {
        this.suffered(name, error);
        await sleep(PAUSE_MS * 20);
      }
    }
  }

  private async work(name: string, life: number): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, application_name: name });
    // The first one says why; what comes behind it is that the connection is gone.
    const losses: Error[] = [];
    client.on('error', (error) => losses.push(error));
    await client.connect();
    let pid = 0;
    try {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      pid = rows[0]?.pid ?? 0;
      this.connected.add(pid);
      for (let n = 0; n < STATEMENTS && !this.closed; n += 1) {
        await client.query(WORK[(n + life) % WORK.length] ?? 'SELECT');
        this.statements += 1;
        await sleep(PAUSE_MS);
      }
    } catch (error) {
      // Lost between two statements: the next one can only say that it cannot be sent.
      throw losses[0] ?? error;
    } finally {
      this.connected.delete(pid);
      await client.end().catch(() => undefined);
    }
    if (losses[0] !== undefined) throw losses[0];
  }

  /** A server that is down, or killed, hurts nobody in particular. */
  private suffered(name: string, error: unknown): void {
    const { code = '', message, routine } = error as pg.DatabaseError;
    if (!HURT.includes(code) || routine !== OBEYS) return;
    this.history.record({
      ...{ kind: 'bystander', what: 'hurt', name, pid: 0, statements: this.statements },
      error: `${code} ${message}`,
    });
  }
}
