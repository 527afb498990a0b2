import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import { Controls } from '../data-sources/controls.js';
import type { RunError } from './run-ending.js';

interface Interrupted extends Record<string, unknown> {
  id: string;
  name: string;
  /** Null when the operator stores nothing: then nothing of it can have taken effect. */
  transactionId: string | null;
  databaseId: number;
  accountId: number;
  life: string | null;
}

const INTERRUPTED = {
  name: 'steps-interrupted',
  text: `SELECT step.id, step.operator_name AS name, step.data_transaction_id AS "transactionId",
      place.database_id AS "databaseId", place.account_id AS "accountId", place.data_source_life AS life
    FROM run_steps step JOIN run_sessions place ON place.id = step.session_id
    WHERE step.run_id = $1 AND step.status = 'running' AND ($2::int IS NULL OR step.epoch <= $2) ORDER BY step.position`,
};
const DECIDED = {
  name: 'step-decided',
  text: `UPDATE run_steps SET status = $2, ended_at = clock_timestamp(), error_message = $3
    WHERE id = $1 AND status = 'running'`,
};

/** What became of operators whose worker is not there to tell: the data source knows (I9). */
@Injectable()
export class StepOutcomes {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly controls: Controls,
  ) {}

  /**
   * Decides every step that is recorded as running. No session of the run may be left: only then is the answer final.
   * @param epoch only steps of this one and earlier ones: a later one is another worker's
   * @param why nobody has recorded how they ended
   * @returns an error when a data source cannot tell whether an operator took effect
   * @throws ConnectionFailed when one cannot be asked
   */
  async decide(
    runId: string,
    epoch: number | null = null,
    why = 'its worker was lost',
  ): Promise<RunError | null> {
    let unknown: RunError | null = null;
    for (const step of await queryPrepared<Interrupted>(this.orm, INTERRUPTED, [runId, epoch])) {
      const outcome = await this.outcomeOf(step);
      // Its session was seen gone, so this is a matter of moments.
      if (outcome === 'in progress') throw new Error(`the transaction of ${step.name} is not over`);
      if (outcome === 'committed') await this.record(step, 'finished', null);
      else if (outcome === 'aborted') await this.record(step, 'rolled_back', `${why}; rolled back`);
      else {
        const message = `${why}, and the data source cannot tell whether it took effect`;
        await this.record(step, 'failed', message);
        unknown = { message, operator: step.name, sqlstate: null };
      }
    }
    return unknown;
  }

  private async outcomeOf({ transactionId, databaseId, accountId, life }: Interrupted) {
    if (transactionId === null) return 'aborted';
    const control = await this.controls.of(databaseId, accountId);
    return control.outcomeOf(transactionId, life);
  }

  private async record(
    { id }: Interrupted,
    status: 'finished' | 'rolled_back' | 'failed',
    message: string | null,
  ): Promise<void> {
    await queryPrepared(this.orm, DECIDED, [id, status, message]);
  }
}
