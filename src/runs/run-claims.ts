import { Inject, Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { onOneConnection, queryPrepared } from '../common/sql/prepared.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { placeGoneSince } from './place-gone.js';
import { RUN_CHANNEL } from './run-signals.js';
import type { RunSnapshot } from './run-snapshot.js';

/** A run that this worker may execute, until its lease ends or somebody stops it. */
export interface ClaimedRun {
  readonly runId: string;
  readonly workfileId: number;
  readonly requestId: string | null;
  /** Counts the claims of this run: what an earlier owner still sends is refused. */
  readonly epoch: number;
  /** How often a worker vanished with it, or gave it back because the answer to a COMMIT was lost. */
  readonly workersLost: number;
  readonly snapshot: RunSnapshot;
}

const CLAIMED = `id AS "runId", workfile_id AS "workfileId", request_id AS "requestId", epoch,
  workers_lost AS "workersLost", snapshot`;
const LEASE = 'clock_timestamp() + make_interval(secs => $2)';
const BUSY = `SELECT FROM runs busy JOIN workfiles busy_file ON busy_file.id = busy.workfile_id
  WHERE busy.status IN ('running', 'stopping')`;

// The next in the queue for which there is room. Rows that another worker is claiming at this moment are passed over, and
// what waits where everything was archived or deleted: it is being stopped, or will be (stop-sweep.ts).
const CLAIM = {
  name: 'run-claim',
  text: `UPDATE runs SET status = 'running', epoch = epoch + 1, worker_id = $1, started_at = clock_timestamp(),
      lease_until = ${LEASE}
    WHERE status = 'queued' AND id = (
      SELECT r.id FROM run_queue next JOIN runs r ON r.id = next.id JOIN workfiles wf ON wf.id = r.workfile_id
      WHERE r.status = 'queued' AND ${placeGoneSince('r')} IS NULL
        AND ($3 = 0 OR (SELECT count(*) FROM (${BUSY} AND busy_file.workspace_id = wf.workspace_id) b) < $3)
        AND ($4 = 0 OR NOT EXISTS (SELECT FROM unnest(r.data_source_ids) AS source (id)
          WHERE (SELECT count(*) FROM (${BUSY} AND source.id = ANY (busy.data_source_ids)) b) >= $4))
      ORDER BY next.position LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED)
    RETURNING ${CLAIMED}, pg_notify('${RUN_CHANNEL}', id || ' running')`,
};
/** Whoever has the turn and sends nothing for so long loses it. */
const TURN_MS = 2000;
// Counting and claiming are one act only when workers take turns.
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtextextended('fermata run limits', 0))`;
// Should a part of it get lost on the way.
const BEGIN_TURN = `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${TURN_MS}`;
const TAKE_OVER = {
  name: 'run-take-over',
  text: `UPDATE runs SET epoch = epoch + 1, worker_id = $1, lease_until = ${LEASE},
      workers_lost = workers_lost + CASE WHEN worker_id IS NULL THEN 0 ELSE 1 END
    WHERE id = (SELECT id FROM runs WHERE status = 'running' AND lease_until < clock_timestamp() AND id <> ALL ($3::uuid[])
      ORDER BY lease_until LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING ${CLAIMED}`,
};
const RENEW = {
  name: 'run-renew',
  text: `UPDATE runs SET lease_until = ${LEASE} FROM unnest($3::uuid[], $4::int[]) AS mine (id, epoch)
    WHERE runs.id = mine.id AND runs.epoch = mine.epoch AND worker_id = $1 AND status IN ('running', 'stopping')
    RETURNING runs.id`,
};
const RELEASE = {
  name: 'run-release',
  text: `UPDATE runs SET worker_id = NULL, lease_until = clock_timestamp(), workers_lost = workers_lost + $3
    WHERE id = $1 AND epoch = $2 AND status = 'running'
    RETURNING id, pg_notify('${RUN_CHANNEL}', id || ' released')`,
};
const LATEST = {
  name: 'run-claim-is-latest',
  text: `SELECT FROM runs WHERE id = $1 AND epoch = $2`,
};
const PLANNED = {
  name: 'run-planned',
  text: `UPDATE runs SET operator_names = $3 WHERE id = $1 AND epoch = $2 AND operator_names IS DISTINCT FROM $3`,
};

/** Who executes which run. */
@Injectable()
export class RunClaims {
  constructor(
    private readonly orm: OrmDataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** The next queued run for which there is room (run_queue and the limits); null when there is none. */
  async claim(workerId: string): Promise<ClaimedRun | null> {
    const { leaseSeconds, runsPerWorkspace, runsPerDataSource } = this.config;
    const values = [workerId, leaseSeconds, runsPerWorkspace, runsPerDataSource];
    if (runsPerWorkspace === 0 && runsPerDataSource === 0) {
      const [run] = await queryPrepared<ClaimedRun & Record<string, unknown>>(
        this.orm,
        CLAIM,
        values,
      );
      return run ?? null;
    }
    return onOneConnection(this.orm, async (turn) => {
      // Sent together: a worker that stands still, or is cut off, has its turn behind it all the same.
      const [, , { rows }] = await Promise.all([
        turn.query(BEGIN_TURN),
        turn.query(TAKE_TURNS),
        turn.query<ClaimedRun & Record<string, unknown>>({ ...CLAIM, values }),
        turn.query('COMMIT'),
      ]);
      return rows[0] ?? null;
    });
  }

  /**
   * A run that lost its worker, or was handed over by it (architecture.md D9); null when there is none.
   * @param atWork ids of runs that this worker has lost itself and is still at: none of these, until they are over here
   */
  async takeOver(workerId: string, atWork: readonly string[] = []): Promise<ClaimedRun | null> {
    const values = [workerId, this.config.leaseSeconds, atWork];
    const [run] = await queryPrepared<ClaimedRun & Record<string, unknown>>(
      this.orm,
      TAKE_OVER,
      values,
    );
    return run ?? null;
  }

  /** @returns ids of those that are still this worker's */
  async renew(
    runs: readonly Pick<ClaimedRun, 'runId' | 'epoch'>[],
    workerId: string,
  ): Promise<string[]> {
    const ids = runs.map(({ runId }) => runId);
    const epochs = runs.map(({ epoch }) => epoch);
    const values = [workerId, this.config.leaseSeconds, ids, epochs];
    const rows = await queryPrepared<{ id: string }>(this.orm, RENEW, values);
    return rows.map(({ id }) => id);
  }

  /**
   * Gives a run to whoever takes it, at once. Its sessions must be gone.
   * @param isLoss whether it counts as one that lost its worker: a run that is given back again and again would never end
   */
  async release({ runId, epoch }: ClaimedRun, { isLoss }: { isLoss: boolean }): Promise<void> {
    await queryPrepared(this.orm, RELEASE, [runId, epoch, isLoss ? 1 : 0]);
  }

  /**
   * Whether nobody has taken the run over yet. To be asked between a look for its sessions and their end: what was seen before
   * is then none of a later worker's, for whoever asks may have stood still.
   */
  async isLatest({ runId, epoch }: ClaimedRun): Promise<boolean> {
    return (await queryPrepared(this.orm, LATEST, [runId, epoch])).length > 0;
  }

  /** Records what the flow consists of, for the receipt and for progress. */
  async planned(run: ClaimedRun, operatorNames: readonly string[]): Promise<void> {
    await queryPrepared(this.orm, PLANNED, [run.runId, run.epoch, operatorNames]);
  }
}
