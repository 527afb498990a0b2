import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared, WITHOUT_WAITING } from '../common/sql/prepared.js';
import type { RunSession } from '../data-sources/connectors/connector.js';
import type { ClaimedRun } from './run-claims.js';
import { RunFenced } from './run-fenced.js';

/** How an opening failed: the data source said no, or what it did is not known from here. */
export type FailedOpening = 'refused' | 'never_opened';
export type SessionEnding = 'closed' | 'cancelled' | 'terminated' | 'gone' | FailedOpening;

/** The worker's acknowledgement of a session: it was seen gone, and how it ended. */
export interface SessionEnd {
  readonly id: number;
  readonly ending: SessionEnding;
}

// FOR SHARE conflicts with the stop's FOR NO KEY UPDATE: either the stop sees this row, or this statement sees the stop.
const OPENING = {
  name: 'session-opening',
  text: `WITH r AS (SELECT id FROM runs WHERE id = $1 AND epoch = $2 AND status = 'running' FOR SHARE)
    INSERT INTO run_sessions (run_id, epoch, database_id, account_id) SELECT id, $2, $3, $4 FROM r
    RETURNING id::int`,
};
const OPENED = {
  name: 'session-opened',
  text: `WITH r AS (SELECT id FROM runs WHERE id = $2 AND epoch = $3 AND status = 'running' FOR SHARE)
    UPDATE run_sessions SET backend_pid = $4, backend_start = $5, data_source_life = $6, backend_role = $7
    FROM r WHERE run_sessions.id = $1
    RETURNING run_sessions.id`,
};
const NOT_OPENED = {
  name: 'session-not-opened',
  text: `WITH ${WITHOUT_WAITING} UPDATE run_sessions SET closed_at = clock_timestamp(), ending = $2 FROM unhurried
    WHERE id = $1 AND closed_at IS NULL`,
};
const GONE = {
  name: 'sessions-gone',
  text: `UPDATE run_sessions SET closed_at = clock_timestamp(),
      ending = coalesce(ending, CASE WHEN backend_pid IS NULL THEN 'never_opened' ELSE 'gone' END)
    WHERE run_id = $1 AND closed_at IS NULL AND ($2::int IS NULL OR epoch < $2)`,
};

/** The kill handles of a run, committed before they are needed (architecture.md D6). */
@Injectable()
export class SessionLedger {
  constructor(private readonly orm: OrmDataSource) {}

  /** Before a session is opened. @throws RunFenced */
  async opening(run: ClaimedRun, databaseId: number, accountId: number): Promise<number> {
    const values = [run.runId, run.epoch, databaseId, accountId];
    const [row] = await queryPrepared<{ id: number }>(this.orm, OPENING, values);
    if (row === undefined) throw new RunFenced();
    return row.id;
  }

  /** Before its first statement. @throws RunFenced */
  async opened(
    run: ClaimedRun,
    sessionId: number,
    { handle, life }: Pick<RunSession, 'handle' | 'life'>,
  ): Promise<void> {
    const { pid, backendStart, roleId } = handle;
    const values = [sessionId, run.runId, run.epoch, pid, backendStart, life, roleId];
    const rows = await queryPrepared(this.orm, OPENED, values);
    if (rows.length === 0) throw new RunFenced();
  }

  /** It could not be opened. One that was refused needs no proof: nobody asks its place for it. */
  async notOpened(sessionId: number, ending: FailedOpening): Promise<void> {
    await queryPrepared(this.orm, NOT_OPENED, [sessionId, ending]);
  }

  /**
   * For all that are left of a run, when no session of it was seen any more and nobody acknowledges them.
   * @param before only sessions of earlier epochs: whoever takes a run up may have lost it since it looked, and then a later
   * worker has sessions that it never saw. Null when the run is being stopped: there are no later ones
   */
  async gone(runId: string, before: number | null): Promise<void> {
    await queryPrepared(this.orm, GONE, [runId, before]);
  }
}
