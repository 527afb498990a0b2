import pg from 'pg';

/**
 * The floor under every stop: one warm connection cancels, another one's statement comes back with 57014. Nothing of
 * the product is in between.
 */
export class CancelFloor {
  private constructor(
    private readonly worker: pg.Client,
    private readonly control: pg.Client,
    private readonly pid: number,
  ) {}

  static async on(url: string): Promise<CancelFloor> {
    const [worker, control] = await Promise.all([connect(url), connect(url)]);
    const { rows } = await worker.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return new CancelFloor(worker, control, rows[0]?.pid ?? 0);
  }

  /** @param statement long-running SQL. @returns milliseconds from the cancel to the error at the client */
  async sample(statement: string): Promise<number> {
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
    const start = performance.now();
    const [at] = await Promise.all([
      ended,
      this.control.query({ name: 'c', text: 'SELECT pg_cancel_backend($1)', values: [this.pid] }),
    ]);
    return at - start;
  }

  async close(): Promise<void> {
    await Promise.all([this.worker.end(), this.control.end()]);
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
  const client = new pg.Client({ connectionString, application_name: 'bench-floor' });
  await client.connect();
  return client;
}
