import pg from 'pg';
import type { Commit, Final, Move, Row, StepMove } from '../history/event.js';
import { type History, now } from '../history/history.js';

const ms = (expression: string) => `(extract(epoch FROM ${expression})::float8 * 1000)`;

// Written by the database itself, in the transaction that makes the change: nothing can be missed between two looks.
const INSTALL = `
CREATE SCHEMA chaos;
CREATE TABLE chaos.audit (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, about text NOT NULL, body jsonb NOT NULL
);
CREATE FUNCTION chaos.record_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chaos.audit (about, body) VALUES ('move', jsonb_build_object(
    'clock', ${ms('clock_timestamp()')}, 'run', NEW.id, 'workfile', NEW.workfile_id,
    'from', CASE TG_OP WHEN 'UPDATE' THEN OLD.status END, 'to', NEW.status, 'epoch', NEW.epoch,
    'worker', NEW.worker_id, 'leaseUntil', CASE TG_OP WHEN 'UPDATE' THEN ${ms('OLD.lease_until')} END));
  RETURN NULL;
END $$;
CREATE TRIGGER chaos_insert AFTER INSERT ON runs FOR EACH ROW EXECUTE FUNCTION chaos.record_run();
CREATE TRIGGER chaos_update AFTER UPDATE ON runs FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.epoch IS DISTINCT FROM NEW.epoch)
  EXECUTE FUNCTION chaos.record_run();
CREATE FUNCTION chaos.record_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chaos.audit (about, body) VALUES ('step', jsonb_build_object(
    'clock', ${ms('clock_timestamp()')}, 'step', NEW.id::text, 'run', NEW.run_id, 'epoch', NEW.epoch,
    'position', NEW.position, 'operator', NEW.operator_name, 'from', CASE TG_OP WHEN 'UPDATE' THEN OLD.status END,
    'to', NEW.status, 'xid', NEW.data_transaction_id::text, 'delivered', NEW.delivery IS NOT NULL,
    'message', NEW.error_message));
  RETURN NULL;
END $$;
CREATE TRIGGER chaos_insert AFTER INSERT ON run_steps FOR EACH ROW EXECUTE FUNCTION chaos.record_step();
CREATE TRIGGER chaos_update AFTER UPDATE ON run_steps FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION chaos.record_step();
`;
const COLLECT = `DELETE FROM chaos.audit RETURNING seq::float8 AS seq, about, body`;
const ROWS = `SELECT id AS run, status, epoch, stop_last_error AS "lastError",
    ${ms('stop_error_since')} AS "errorSince"
  FROM runs WHERE id = ANY ($1::uuid[])`;
const FINALS = `SELECT id AS run, status, ${ms('ended_at')} AS clock, workers_lost AS "workersLost",
    stop_requested_at IS NOT NULL OR status = 'stopped' AS "stopRequested", error->>'message' AS error,
    CASE WHEN stop_receipt IS NOT NULL THEN jsonb_build_object('outcome', stop_receipt->'outcome',
      'finished', stop_receipt #> '{operators,finished}') END AS receipt
  FROM runs WHERE id = ANY ($1::uuid[])`;
const STEP_TRANSACTIONS = `SELECT run_id AS run, id::text AS step, data_transaction_id::text AS xid,
    ${ms('started_at')} AS begun
  FROM run_steps WHERE run_id = ANY ($1::uuid[]) AND data_transaction_id IS NOT NULL`;
const COMMITS = `SELECT xid, ${ms('chaos.committed_at(xid::bigint)')} AS clock FROM unnest($1::text[]) xid`;

type ReadRow = Omit<Row, 'kind' | 'sent'>;
type Recorded = { readonly seq: number } & (
  | { readonly about: 'move'; readonly body: Omit<Move, 'kind' | 'seq'> }
  | { readonly about: 'step'; readonly body: Omit<StepMove, 'kind' | 'seq'> }
);

/** Reads what the metadata database knows, by superuser sessions of its own, into the history. */
export class Audit {
  private readonly metadata: pg.Pool;
  private readonly data: pg.Pool;
  /** When the data source died, by the wall clock. */
  private readonly crashes: number[] = [];

  constructor(
    metadataUrl: string,
    dataUrl: string,
    private readonly history: History,
  ) {
    this.metadata = poolOf(metadataUrl);
    this.data = poolOf(dataUrl);
  }

  async install(): Promise<void> {
    await this.query(INSTALL);
  }

  /** Rows of runs as they are now, by run. @throws Error when the database cannot be asked */
  async rows(runs: readonly string[]): Promise<ReadonlyMap<string, ReadRow>> {
    const sent = now();
    const rows = await this.query<ReadRow>(ROWS, [runs]);
    for (const row of rows) this.history.record({ kind: 'row', sent, ...row });
    return new Map(rows.map((row) => [row.run, row]));
  }

  /** How many runs are active, of all or of one workfile. */
  async active(): Promise<string[]> {
    const rows = await this.query<{ id: string }>(
      `SELECT id FROM runs WHERE status IN ('queued', 'running', 'stopping')`,
    );
    return rows.map(({ id }) => id);
  }

  /** What has changed since the last call. @returns ids of the runs it is about */
  async collect(): Promise<string[]> {
    const rows = await this.query<Recorded>(COLLECT);
    rows.sort((a, b) => a.seq - b.seq);
    for (const { seq, about, body } of rows)
      if (about === 'move') this.history.record({ kind: 'move', seq, ...body });
      else this.history.record({ kind: 'step', seq, ...body });
    return [...new Set(rows.map(({ body }) => body.run))];
  }

  /** How the runs ended, and when each of their operators took effect in the data source. */
  async conclude(runs: readonly string[]): Promise<void> {
    for (const final of await this.query<Omit<Final, 'kind'>>(FINALS, [runs]))
      this.history.record({ kind: 'final', ...final });
    const steps = await this.query<{ run: string; step: string; xid: string; begun: number }>(
      STEP_TRANSACTIONS,
      [runs],
    );
    const xids = steps.map(({ xid }) => xid);
    const commits = await this.data.query<{ xid: string; clock: Commit['clock'] }>(COMMITS, [xids]);
    const clocks = new Map(commits.rows.map(({ xid, clock }) => [xid, clock]));
    for (const { run, step, xid, begun } of steps) {
      const clock = clocks.get(xid) ?? null;
      // After a crash the server may give a number again: what commits then is somebody else's.
      const isOther = clock !== null && this.crashes.some((at) => begun < at && at < clock);
      this.history.record({ kind: 'commit', run, step, clock: isOther ? null : clock });
    }
  }

  dataSourceDied(): void {
    this.crashes.push(Date.now());
  }

  /** On the metadata, for what a scenario wants to know itself. */
  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return (await this.metadata.query<Row>(text, [...values])).rows;
  }

  async close(): Promise<void> {
    await Promise.all([this.metadata.end(), this.data.end()]);
  }
}

function poolOf(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 4, application_name: 'chaos-audit' });
  pool.on('error', () => undefined);
  return pool;
}
