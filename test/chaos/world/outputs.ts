import pg from 'pg';
import { type Output, TAG } from '../history/event.js';
import type { History } from '../history/history.js';
import type { Trace } from './chaos-flows.js';

const INSTALL = `
CREATE SCHEMA chaos;
GRANT USAGE ON SCHEMA chaos TO fermata_demo;
CREATE TABLE chaos.effects (
  run text NOT NULL DEFAULT current_setting('application_name'), operator text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(), pid int NOT NULL DEFAULT pg_backend_pid()
);
CREATE INDEX ON chaos.effects (run);
GRANT INSERT, SELECT ON chaos.effects TO fermata_demo;
-- When a transaction was committed; null when it was not, also when the server has forgotten its number in a crash.
CREATE FUNCTION chaos.committed_at(xid bigint) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE txid_status(xid) WHEN 'committed' THEN pg_xact_commit_timestamp((xid % 4294967296)::text::xid) END;
EXCEPTION WHEN invalid_parameter_value THEN RETURN NULL;
END $$;
-- Rows of each table by who has written them. A table that does not exist has none.
CREATE FUNCTION chaos.writers(names text[]) RETURNS TABLE (name text, run text, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
  FOREACH name IN ARRAY names LOOP
    CONTINUE WHEN to_regclass(format('"default".%I', name)) IS NULL;
    RETURN QUERY EXECUTE format('SELECT %L, t.run, count(*) FROM "default".%I t GROUP BY t.run', name, name);
  END LOOP;
END $$;
`;
const WRITERS = { name: 'writers', text: 'SELECT name, run, rows::int FROM chaos.writers($1)' };
const EFFECTS = {
  name: 'effects',
  text: 'SELECT operator, count(*)::int AS rows FROM chaos.effects WHERE run = $1 GROUP BY operator',
};

/** Reads from the data source what operators have left there. */
export class Outputs {
  private readonly pool: pg.Pool;

  constructor(
    url: string,
    private readonly history: History,
  ) {
    this.pool = new pg.Pool({ connectionString: url, max: 4, application_name: 'chaos-outputs' });
    this.pool.on('error', () => undefined);
  }

  async install(): Promise<void> {
    await this.pool.query(INSTALL);
  }

  /** When the run is over and before the next one of its workfile begins. */
  async read(run: string, traces: readonly Trace[]): Promise<void> {
    const tag = TAG + run;
    const tables = traces.flatMap(({ table }) => (table === null ? [] : [table]));
    const found = new Map<string, { own: number; others: Output['others'] }>();
    if (tables.length > 0) {
      const { rows } = await this.pool.query<{ name: string; run: string; rows: number }>({
        ...WRITERS,
        values: [tables],
      });
      for (const { name, run: writer, rows: count } of rows) {
        const { own = 0, others = [] } = found.get(name) ?? {};
        if (writer === tag) found.set(name, { own: count, others });
        else {
          const other = { run: writer.replace(TAG, ''), rows: count };
          found.set(name, { own, others: [...others, other] });
        }
      }
    }
    if (tables.length < traces.length) {
      const { rows } = await this.pool.query<{ operator: string; rows: number }>({
        ...EFFECTS,
        values: [tag],
      });
      for (const { operator, rows: own } of rows)
        found.set(`effect ${operator}`, { own, others: [] });
    }
    for (const { operator, table, rows: whole } of traces) {
      const { own = 0, others = [] } = found.get(table ?? `effect ${operator}`) ?? {};
      this.history.record({ kind: 'output', run, operator, table, rows: own, whole, others });
    }
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, values)).rows;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
