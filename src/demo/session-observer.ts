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

// Looks from inside the server: round trips of a client that asks without a pause would take the processor from what it
// watches. Without the clear, a function sees the activity of its start for ever.
const WATCH = `CREATE FUNCTION pg_temp.watch(watched int, tag text) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    LOOP
      PERFORM pg_stat_clear_snapshot();
      EXIT WHEN NOT EXISTS (
        SELECT FROM pg_stat_get_activity(watched) WHERE application_name = tag AND state = 'active');
      PERFORM pg_sleep(0.001);
    END LOOP;
  END $$`;
const UNTIL_DEAD = { name: 'until-dead', text: 'SELECT pg_temp.watch($1, $2)' };

/** Looks at a data source from a session of its own: what it sees owes nothing to the product's word. */
export class SessionObserver {
  private constructor(private readonly client: pg.Client) {}

  static async on(url: string): Promise<SessionObserver> {
    const client = new pg.Client({ connectionString: url, application_name: 'observer' });
    await client.connect();
    await client.query(WATCH);
    return new SessionObserver(client);
  }

  async sessions(tag: string): Promise<ObservedSession[]> {
    return (await this.client.query<ObservedSession>({ ...TAGGED, values: [tag] })).rows;
  }

  /** Resolves when the session is no longer at work; it looks every millisecond. */
  async untilDead(tag: string, pid: number): Promise<void> {
    await this.client.query({ ...UNTIL_DEAD, values: [pid, tag] });
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
