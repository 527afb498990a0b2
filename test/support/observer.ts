import pg from 'pg';

export interface SeenSession {
  readonly pid: number;
  readonly tag: string;
  readonly state: string | null;
  readonly query: string;
}

/** The independent eye: a superuser session of its own on the data source, compared with what the product says. */
export class Observer {
  private constructor(private readonly client: pg.Client) {}

  static async on(adminUrl: string): Promise<Observer> {
    const client = new pg.Client({ connectionString: adminUrl, application_name: 'observer' });
    client.on('error', () => undefined);
    await client.connect();
    return new Observer(client);
  }

  /** Every session, parallel workers included, that carries a run's tag. */
  async tagged(): Promise<SeenSession[]> {
    const { rows } = await this.client.query<SeenSession>(
      `SELECT pid, application_name AS tag, state, query FROM pg_stat_activity
       WHERE application_name LIKE 'fermata:%' ORDER BY pid`,
    );
    return rows;
  }

  /** Locks and temporary tables of sessions that are not the server's own or the observer's. */
  async locksOf(pids: readonly number[]): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_locks WHERE pid = ANY ($1::int[])',
      [pids],
    );
    return rows[0]?.count ?? 0;
  }

  async tableExists(schema: string, table: string): Promise<boolean> {
    const { rows } = await this.client.query<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relname = $2) AS found`,
      [schema, table],
    );
    return rows[0]?.found ?? false;
  }

  async query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.client.query<Record<string, unknown>>(text, values)).rows;
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
