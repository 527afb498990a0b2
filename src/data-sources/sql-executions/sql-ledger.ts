import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource as OrmDataSource } from 'typeorm';
import {
  NotAuthenticated,
  RecordNotFound,
  ValidationFailed,
} from '../../common/errors/domain-error.js';
import { settledWithin } from '../../common/settled-within.js';
import { onOneConnection, queryPrepared } from '../../common/sql/prepared.js';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { FROZEN_MS, GATE_MS, type OpenTransaction, READY_MS } from '../commit-gate.js';
import type { SessionIdentity } from '../connectors/connector.js';
import {
  CheckIdTaken,
  NOT_IN_USE,
  QueryInvalid,
  SqlInterrupted,
  TooManyExecutions,
} from './sql-errors.js';
import type { CancelReason, SqlOutcome } from './sql-execution.entity.js';

/** What an execution is about: an SQL file, or the preview of a dataset. */
export type SqlSubject = { readonly workfileId: number } | { readonly datasetId: number };

export interface BeginningSql {
  readonly checkId: string;
  readonly userId: number;
  readonly subject: SqlSubject;
  readonly databaseId: number;
  readonly accountId: number;
  readonly processId: string;
}

interface BegunRow extends Record<string, unknown> {
  readonly archived: boolean;
  readonly hasPerson: boolean;
  readonly hasAccount: boolean;
  readonly id: string | null;
}

const OPEN_GATE = `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${FROZEN_MS}`;

// Whoever archives or deletes the place, or the person, waits for this statement, and then finds the execution to stop.
// Locked in the order of everywhere: the workspace, people, accounts. Whoever forgets the account's password waits, too.
const BEGIN = {
  name: 'sql-begin',
  text: `WITH place AS (
      SELECT ws.archived_at IS NOT NULL AS archived FROM workfiles wf JOIN workspaces ws ON ws.id = wf.workspace_id
      WHERE wf.id = $4 AND wf.deleted_at IS NULL AND ws.deleted_at IS NULL FOR SHARE OF ws, wf
    ), seen AS (
      SELECT false AS archived FROM datasets WHERE id = $5 AND deleted_at IS NULL FOR SHARE
    ), subject AS (
      SELECT archived FROM place UNION ALL SELECT archived FROM seen
    ), person AS (
      SELECT id FROM users WHERE id = $3 AND deleted_at IS NULL AND EXISTS (SELECT FROM subject) FOR KEY SHARE
    ), account AS (
      SELECT id FROM data_source_accounts
      WHERE id = $7 AND db_password_encrypted IS NOT NULL AND EXISTS (SELECT FROM person) FOR SHARE
    ), begun AS (
      INSERT INTO sql_executions (id, check_id, user_id, workfile_id, dataset_id, database_id, account_id, process_id,
        lease_until)
      SELECT $1, $2, person.id, $4, $5, $6, account.id, $8, clock_timestamp() + make_interval(secs => $9)
      FROM person, account, subject WHERE NOT archived
        AND (SELECT count(*) FROM sql_executions mine WHERE mine.user_id = $3 AND mine.ended_at IS NULL) < $10
      RETURNING id
    )
    SELECT archived, EXISTS (SELECT FROM person) AS "hasPerson", EXISTS (SELECT FROM account) AS "hasAccount",
      (SELECT id FROM begun) AS id FROM subject`,
};
const GOES_ON = `ended_at IS NULL AND cancel_requested_at IS NULL`;
const OPENED = {
  name: 'sql-opened',
  text: `UPDATE sql_executions SET backend_pid = $2, backend_start = $3, backend_role = $4
    WHERE id = $1 AND ${GOES_ON} RETURNING id`,
};
const NEXT = {
  name: 'sql-next',
  text: `SELECT id FROM sql_executions WHERE id = $1 AND ${GOES_ON}`,
};
const GATE = {
  name: 'sql-gate',
  text: `SELECT id FROM sql_executions WHERE id = $1 AND ${GOES_ON} FOR NO KEY UPDATE`,
};
const RENEW = {
  name: 'sql-renew',
  text: `UPDATE sql_executions SET lease_until = clock_timestamp() + make_interval(secs => $2)
    WHERE id = ANY ($1::uuid[]) AND ended_at IS NULL RETURNING id`,
};
const ABANDON = {
  name: 'sql-abandon',
  text: `UPDATE sql_executions SET lease_until = clock_timestamp(), last_error = $2,
      cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
      cancel_reason = coalesce(cancel_reason, 'orphaned')
    WHERE id = $1 AND ended_at IS NULL`,
};
const END = {
  name: 'sql-end',
  text: `UPDATE sql_executions SET ended_at = clock_timestamp(), outcome = $2, last_error = NULL
    WHERE id = $1 AND ended_at IS NULL`,
};
const REASON = {
  name: 'sql-reason',
  text: `SELECT cancel_reason AS reason FROM sql_executions WHERE id = $1`,
};

/** The rows of executions, as their own process writes them; the fences that a cancel relies on. */
@Injectable()
export class SqlLedger {
  constructor(
    private readonly orm: OrmDataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * Before a session is opened. What was there when the request was checked may be gone meanwhile.
   * @returns its id
   * @throws RecordNotFound, NotAuthenticated; ValidationFailed in an archived workspace; QueryInvalid when the account is not
   *   in use any more; CheckIdTaken, TooManyExecutions
   */
  async begin(beginning: BeginningSql): Promise<string> {
    const { checkId, userId, subject, databaseId, accountId, processId } = beginning;
    const { sqlPerUser, leaseSeconds } = this.config;
    const about = 'workfileId' in subject ? [subject.workfileId, null] : [null, subject.datasetId];
    const place = [databaseId, accountId, processId, leaseSeconds, sqlPerUser];
    try {
      const values = [randomUUID(), checkId, userId, ...about, ...place];
      const [subject] = await queryPrepared<BegunRow>(this.orm, BEGIN, values);
      if (subject === undefined) throw new RecordNotFound();
      if (!subject.hasPerson) throw new NotAuthenticated();
      if (subject.archived) throw new ValidationFailed({ workspace: { ARCHIVED: {} } });
      if (!subject.hasAccount) throw new QueryInvalid(NOT_IN_USE);
      if (subject.id === null) throw new TooManyExecutions(sqlPerUser);
      return subject.id;
    } catch (error) {
      const { constraint } = error as { constraint?: string };
      throw constraint === 'sql_executions_active_check_id_key' ? new CheckIdTaken() : error;
    }
  }

  /** Before the first statement is sent. @throws SqlInterrupted when it was cancelled meanwhile */
  async opened(id: string, { pid, backendStart, roleId }: SessionIdentity): Promise<void> {
    const rows = await queryPrepared(this.orm, OPENED, [id, pid, backendStart, roleId]);
    if (rows.length === 0) throw new SqlInterrupted();
  }

  /** Before each further statement: a cancel between two of them hits nothing in the data source. @throws SqlInterrupted */
  async assertGoesOn(id: string): Promise<void> {
    const rows = await queryPrepared(this.orm, NEXT, [id]);
    if (rows.length === 0) throw new SqlInterrupted();
  }

  /**
   * The row stays locked while the data source commits: a cancel is accepted either before, and then nothing is committed,
   * or after (ADR 2). One that hangs is waited for without the lock, and without the connection: the cancel needs both.
   * @throws SqlInterrupted, nothing committed; or what `bind` or `commit` throws
   */
  async commit(id: string, { bind, commit }: OpenTransaction): Promise<void> {
    const sent: Promise<void>[] = [];
    try {
      while (sent.length === 0) {
        const bound: Promise<void>[] = [];
        await onOneConnection(this.orm, async (gate) => {
          const openedAt = performance.now();
          await gate.query(OPEN_GATE);
          const { rows } = await gate.query({ ...GATE, values: [id] });
          if (rows.length === 0) throw new SqlInterrupted();
          bound.push(bind());
          const readyInMs = openedAt + READY_MS - performance.now();
          const isBound = await settledWithin(Promise.all(bound), readyInMs);
          // Later the gate may be closed before the transaction is: the COMMIT would be sent behind it.
          if (isBound && performance.now() - openedAt < READY_MS) {
            await Promise.all(bound);
            sent.push(commit());
            await settledWithin(Promise.all(sent), GATE_MS);
          }
          await gate.query('COMMIT');
        });
        await Promise.all(bound);
      }
    } catch (error) {
      // Once it is sent the data source alone says what came of it, whatever has become of the gate.
      if (sent.length === 0) throw error;
    }
    await Promise.all(sent);
  }

  /** @returns those of them that are over: somebody else has ended them */
  async renew(ids: readonly string[]): Promise<readonly string[]> {
    const values = [ids, this.config.leaseSeconds];
    const renewed = await queryPrepared<{ id: string }>(this.orm, RENEW, values);
    return ids.filter((id) => !renewed.some((one) => one.id === id));
  }

  /** Its session could not be seen to end: whoever comes next goes on trying. */
  async abandon(id: string, why: string): Promise<void> {
    await queryPrepared(this.orm, ABANDON, [id, why]);
  }

  /** After its session was seen to be gone. */
  async end(id: string, outcome: SqlOutcome): Promise<void> {
    await queryPrepared(this.orm, END, [id, outcome]);
  }

  /** Why it was cancelled; null when it was not. */
  async cancelReason(id: string): Promise<CancelReason | null> {
    const [row] = await queryPrepared<{ reason: CancelReason | null }>(this.orm, REASON, [id]);
    return row?.reason ?? null;
  }
}
