import pg from 'pg';

export interface ObservedSession {
  readonly pid: number;
  readonly state: string | null;
  readonly query: string;
}

const TAGGED = {
  name: 'tagged',
  text: `SELECT pid, state, query FROM pg_stat_get_activity(NULL) WHERE application_name = $1`,
};

/** Looks at a data source from a session of its own: what it sees owes nothing to the product's word. */
export class SessionObserver {
  private constructor(private readonly client: pg.Client) {}

  static async on(url: string): Promise<SessionObserver> {
    const client = new pg.Client({ connectionString: url, application_name: 'observer' });
    await client.connect();
    return new SessionObserver(client);
  }

  async sessions(tag: string): Promise<ObservedSession[]> {
    return (await this.client.query<ObservedSession>({ ...TAGGED, values: [tag] })).rows;
  }

  async relationExists(schema: string, name: string): Promise<boolean> {
    const { rowCount } = await this.client.query(
      `SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = $1 AND relname = $2`,
      [schema, name],
    );
    return rowCount === 1;
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
