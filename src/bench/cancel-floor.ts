import pg from 'pg';
import { SessionObserver } from '../demo/session-observer.js';

const TAG = 'bench-floor';

type Cancel = (pid: number) => Promise<unknown>;

/**
 * The floor under every stop: one warm connection cancels, another one's statement comes back with 57014. Nothing of
 * the product is in between.
 */
export class CancelFloor {
  private constructor(
    private readonly worker: pg.Client,
    private readonly control: pg.Client,
    private readonly observer: SessionObserver,
    private readonly pid: number,
  ) {}

  static async on(url: string): Promise<CancelFloor> {
    const [worker, control] = await Promise.all([connect(url), connect(url)]);
    const observer = await SessionObserver.on(url);
    const { rows } = await worker.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return new CancelFloor(worker, control, observer, rows[0]?.pid ?? 0);
  }

  /** @param statement long-running SQL. @returns milliseconds from the cancel to the error at the client */
  async untilError(statement: string): Promise<number> {
    const { sentAt, ended } = await this.cancel(statement, this.byConnection);
    return (await ended) - sentAt;
  }

  /**
   * The error is sent before the work is rolled back; this takes until an observer, such as the one that watches the
   * product's stops, does not see the statement at work any more.
   *
   * @param cancel what ends the statement of the session with this pid; by itself the warm connection
   */
  async untilDead(statement: string, cancel = this.byConnection): Promise<number> {
    const { sentAt, ended } = await this.cancel(statement, cancel);
    await this.observer.untilDead(TAG, this.pid);
    const deadAt = performance.now();
    await ended;
    return deadAt - sentAt;
  }

  private readonly byConnection: Cancel = (pid) =>
    this.control.query({ name: 'c', text: 'SELECT pg_cancel_backend($1)', values: [pid] });

  private async cancel(
    statement: string,
    cancel: Cancel,
  ): Promise<{ sentAt: number; ended: Promise<number> }> {
    // The one before may still be rolling back, and would be taken for this one.
    await this.worker.query('SELECT');
    const ended = this.worker.query(statement).then(
      () => {
        throw new Error('the statement ended before it could be cancelled');
      },
      (error: unknown) => {
        const at = performance.now();
        if ((error as { code?: string }).code !== '57014') throw error;
        return at;
      },
    );
    await this.isActive();
    const sentAt = performance.now();
    const sent = cancel(this.pid);
    return { sentAt, ended: Promise.all([ended, sent]).then(([at]) => at) };
  }

  async close(): Promise<void> {
    await Promise.all([this.worker.end(), this.control.end(), this.observer.close()]);
  }

  private async isActive(): Promise<void> {
    for (;;) {
      const { rows } = await this.control.query<{ state: string; age: number }>({
        name: 'a',
        text: `SELECT state, extract(epoch FROM clock_timestamp() - query_start)::float8 * 1000 AS age
          FROM pg_stat_get_activity($1)`,
        values: [this.pid],
      });
      const [seen] = rows;
      if (seen?.state === 'active' && seen.age > 20) return;
    }
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, application_name: TAG });
  await client.connect();
  return client;
}
