import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import { RUN_CHANNEL } from './run-signals.js';
import type { RunSnapshot } from './run-snapshot.js';

/** A run that this worker may execute, until its lease ends or somebody stops it. */
export interface ClaimedRun {
  readonly runId: string;
  readonly workfileId: number;
  readonly requestId: string | null;
  /** Counts the claims of this run: what an earlier owner still sends is refused. */
  readonly epoch: number;
  readonly snapshot: RunSnapshot;
}

const CLAIM = {
  name: 'run-claim',
  text: `UPDATE runs SET status = 'running', epoch = epoch + 1, worker_id = $2, started_at = clock_timestamp(),
      lease_until = clock_timestamp() + make_interval(secs => $3)
    WHERE id = $1 AND status = 'queued'
    RETURNING id AS "runId", workfile_id AS "workfileId", request_id AS "requestId", epoch, snapshot,
      pg_notify('${RUN_CHANNEL}', id || ' running')`,
};
const RENEW = {
  name: 'run-renew',
  text: `UPDATE runs SET lease_until = clock_timestamp() + make_interval(secs => $3)
    WHERE id = ANY ($1::uuid[]) AND worker_id = $2 AND status IN ('running', 'stopping')`,
};
const PLANNED = {
  name: 'run-planned',
  text: `UPDATE runs SET operator_names = $3 WHERE id = $1 AND epoch = $2`,
};

/** Who executes which run. */
@Injectable()
export class RunClaims {
  constructor(private readonly orm: OrmDataSource) {}

  /** Null when the run is no longer queued: stopped meanwhile, or taken (D2). */
  async claim(runId: string, workerId: string, leaseSeconds: number): Promise<ClaimedRun | null> {
    const values = [runId, workerId, leaseSeconds];
    const [run] = await queryPrepared<ClaimedRun & Record<string, unknown>>(
      this.orm,
      CLAIM,
      values,
    );
    return run ?? null;
  }

  async renew(runIds: readonly string[], workerId: string, leaseSeconds: number): Promise<void> {
    await queryPrepared(this.orm, RENEW, [runIds, workerId, leaseSeconds]);
  }

  /** Records what the flow consists of, for the receipt and for progress. */
  async planned(run: ClaimedRun, operatorNames: readonly string[]): Promise<void> {
    await queryPrepared(this.orm, PLANNED, [run.runId, run.epoch, operatorNames]);
  }
}
