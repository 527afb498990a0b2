import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource as OrmDataSource } from 'typeorm';
import type { StoppedSql, WorkScope } from '../../access/running-work.js';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import { queryPrepared } from '../../common/sql/prepared.js';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import type { CancelReason, SqlOutcome } from './sql-execution.entity.js';
import type { SqlSubject } from './sql-ledger.js';
import { SqlKiller, type SqlSessionState } from './sql-killer.js';

/** How a cancel stands. */
export interface SqlCancelling {
  readonly executionId: string;
  /** No session of it is left in the data source. */
  readonly confirmed: boolean;
  /** What stands in the way. */
  readonly lastError: string | null;
}

interface State extends SqlSessionState, Record<string, unknown> {
  /** Its account's password is wiped: that is so only where no session of it can have been opened, or all are over. */
  readonly hasNoWayIn: boolean;
  readonly endedOutcome: SqlOutcome | null;
  readonly cancelledMsAgo: number;
  readonly leaseIsOver: boolean;
  readonly lastError: string | null;
}

// Quick at first: most sessions are gone within milliseconds.
const FIRST_POLL_MS = 5;
const LONGEST_POLL_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** A living process closes its session within milliseconds. */
const OWNER_FIRST_MS = 1000;

const OWN = {
  name: 'sql-own',
  text: `SELECT id, ended_at IS NOT NULL AS ended FROM sql_executions
    WHERE user_id = $1 AND check_id = $2 AND (workfile_id = $3 OR dataset_id = $4)
    ORDER BY ended_at IS NULL DESC, started_at DESC LIMIT 1`,
};
const REQUEST = {
  name: 'sql-cancel',
  text: `UPDATE sql_executions SET cancel_requested_at = clock_timestamp(), cancel_reason = $2, cancel_requested_by = $3
    WHERE id = $1 AND ended_at IS NULL AND cancel_requested_at IS NULL`,
};
const STATE = {
  name: 'sql-state',
  text: `SELECT id, database_id AS "databaseId", account_id AS "accountId", backend_pid AS pid,
      to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "backendStart",
      backend_role AS "roleId", (SELECT db_password_encrypted IS NULL FROM data_source_accounts WHERE id = account_id) AS "hasNoWayIn",
      outcome AS "endedOutcome", lease_until < clock_timestamp() AS "leaseIsOver", last_error AS "lastError",
      coalesce(extract(epoch FROM clock_timestamp() - cancel_requested_at)::float8 * 1000, 0) AS "cancelledMsAgo"
    FROM sql_executions WHERE id = $1`,
};
const NOTE = {
  name: 'sql-note',
  text: `UPDATE sql_executions SET last_error = $2
    WHERE id = $1 AND ended_at IS NULL AND last_error IS DISTINCT FROM $2`,
};
const ACTIVE_IN = {
  name: 'sql-active-in',
  text: `SELECT x.id, x.workfile_id AS "workfileId", x.dataset_id AS "datasetId" FROM sql_executions x
    JOIN databases db ON db.id = x.database_id LEFT JOIN workfiles wf ON wf.id = x.workfile_id
    LEFT JOIN datasets seen ON seen.id = x.dataset_id
    WHERE x.ended_at IS NULL
      AND ($1::int IS NULL OR wf.workspace_id = $1 OR seen.workspace_id = $1 AND seen.deleted_at IS NOT NULL)
      AND ($2::int[] IS NULL OR x.workfile_id = ANY ($2)) AND ($3::int IS NULL OR db.data_source_id = $3)
      AND ($4::int IS NULL OR x.user_id = $4)`,
};
const END = {
  name: 'sql-end-proven',
  text: `UPDATE sql_executions SET ended_at = clock_timestamp(), last_error = NULL,
      outcome = CASE WHEN backend_pid IS NULL THEN 'never_started' ELSE 'unknown' END
    WHERE id = $1 AND ended_at IS NULL`,
};

/**
 * Cancels executions from any process, with no memory of who runs them: the wish is committed first, then their sessions
 * are cancelled again and again, terminated after `stopTerminateAfterMs`, and nothing is called ended before the data
 * source has no session of it any more.
 */
@Injectable()
export class SqlStops implements OnApplicationShutdown {
  private readonly logger = new Logger(SqlStops.name);
  private readonly driven = new Map<string, Promise<void>>();
  private readonly shutdown = new AbortController();

  constructor(
    private readonly orm: OrmDataSource,
    private readonly killer: SqlKiller,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * Cancels one's own execution. Returns when it is proven to be over, or after `stopReplyTimeoutMs`.
   * @throws RecordNotFound when the user has none of that name there
   */
  async cancelOwn(userId: number, checkId: string, subject: SqlSubject): Promise<SqlCancelling> {
    // No column holds a NUL, and so no execution has such a name.
    if (checkId.includes('\0')) throw new RecordNotFound();
    const about = 'workfileId' in subject ? [subject.workfileId, null] : [null, subject.datasetId];
    const values = [userId, checkId, ...about];
    const [own] = await queryPrepared<{ id: string; ended: boolean }>(this.orm, OWN, values);
    if (own === undefined) throw new RecordNotFound();
    if (!own.ended) await this.request(own.id, 'asked', userId);
    return this.awaited(own.id);
  }

  /** Everything below the scope; who may do so was decided before. */
  async stop(scope: WorkScope, userId: number): Promise<readonly StoppedSql[]> {
    const { workspaceId = null, workfileIds = null, dataSourceId = null } = scope;
    const active = await queryPrepared<{
      id: string;
      workfileId: number | null;
      datasetId: number | null;
    }>(this.orm, ACTIVE_IN, [workspaceId, workfileIds, dataSourceId, scope.userId ?? null]);
    return Promise.all(
      active.map(async ({ id, workfileId, datasetId }) => {
        await this.request(id, 'revoked', userId);
        await this.awaited(id);
        const outcome = (await this.state(id))?.endedOutcome ?? null;
        const ended = outcome === 'committed' ? 'succeeded' : 'stopped';
        const status = outcome === null ? 'stopping' : ended;
        return { execution_id: id, workfile_id: workfileId, dataset_id: datasetId, status };
      }),
    );
  }

  /** Commits the wish to cancel and sets to work. An earlier wish stays. @param userId null: nobody asked */
  async request(id: string, reason: CancelReason, userId: number | null = null): Promise<void> {
    await queryPrepared(this.orm, REQUEST, [id, reason, userId]);
    this.logger.log({ message: 'SQL cancel requested', executionId: id, reason, userId });
    void this.drive(id);
  }

  /** Until it has ended, or this process shuts down. A second call joins the first. Never throws. */
  drive(id: string): Promise<void> {
    const driving = this.driven.get(id) ?? this.loop(id).finally(() => this.driven.delete(id));
    this.driven.set(id, driving);
    return driving;
  }

  async onApplicationShutdown(): Promise<void> {
    this.shutdown.abort();
    await Promise.all(this.driven.values());
  }

  private async awaited(id: string): Promise<SqlCancelling> {
    const ended = await this.endedWithin(id, this.config.stopReplyTimeoutMs);
    const lastError = ended ? null : ((await this.state(id))?.lastError ?? null);
    return { executionId: id, confirmed: ended, lastError };
  }

  private async loop(id: string): Promise<void> {
    let failures = 0;
    while (!this.shutdown.signal.aborted) {
      try {
        const state = await this.state(id);
        if (state === undefined || state.endedOutcome !== null) return;
        await this.attempt(state);
        failures = 0;
      } catch (error) {
        failures++;
        await this.note(id, error);
      }
      const pauseMs = Math.min(this.config.stopRepeatMs * 2 ** failures, LONGEST_PAUSE_MS);
      if (await this.endedWithin(id, pauseMs).catch(() => this.paused(pauseMs))) return;
    }
  }

  /**
   * One round. A living process sees the end of its session first, and knows how it ended. It opens one session and no
   * other: so once that one is gone, no process is needed to say that all is over.
   */
  private async attempt(state: State): Promise<void> {
    const { id, pid, leaseIsOver, cancelledMsAgo, hasNoWayIn } = state;
    if (leaseIsOver && pid === null && hasNoWayIn) {
      await queryPrepared(this.orm, END, [id]);
      return;
    }
    const hard = leaseIsOver || cancelledMsAgo >= this.config.stopTerminateAfterMs;
    await this.killer.kill(state, hard ? 'terminate' : 'cancel');
    if (!leaseIsOver && (pid === null || cancelledMsAgo < OWNER_FIRST_MS)) return;
    if (!(await this.killer.isGone(state, { ending: leaseIsOver }))) return;
    await queryPrepared(this.orm, END, [id]);
    this.logger.log({ message: 'left-over SQL ended', executionId: id });
  }

  private async endedWithin(id: string, ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_POLL_MS)) {
      const state = await this.state(id);
      if (state === undefined || state.endedOutcome !== null) return true;
      const left = deadline - performance.now();
      if (left <= 0 || this.shutdown.signal.aborted) return false;
      await sleep(Math.min(pauseMs, left), undefined, { ref: false });
    }
  }

  /** For when nobody can be asked: nothing is known then. */
  private paused(ms: number): Promise<false> {
    const { signal } = this.shutdown;
    return sleep(ms, false as const, { ref: false, signal }).catch(() => false as const);
  }

  private async state(id: string): Promise<State | undefined> {
    const [state] = await queryPrepared<State>(this.orm, STATE, [id]);
    return state;
  }

  /** What stands in the way is on record for as long as it does. */
  private async note(id: string, error: unknown): Promise<void> {
    const { message } = error as Error;
    this.logger.warn({ message: 'SQL not ended yet', executionId: id, error });
    await queryPrepared(this.orm, NOTE, [id, message]).catch(() => undefined);
  }
}
