import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import type { ClaimedRun } from './run-claims.js';
import { RunFenced } from './run-fenced.js';

// The step stays as it is while something is added: whoever ends it removes all of it, or comes first.
const STEP = `SELECT step.id FROM run_steps step JOIN runs r ON r.id = step.run_id
  WHERE step.id = $1 AND step.status = 'running' AND r.id = $2 AND r.epoch = $3 AND r.status = 'running' FOR SHARE`;
const BEGIN = {
  name: 'export-begin',
  text: `WITH step AS (${STEP})
    INSERT INTO run_exports (step_id, file_name) SELECT id, $4 FROM step RETURNING step_id`,
};
const ADD = {
  name: 'export-add',
  text: `WITH step AS (${STEP})
    INSERT INTO run_export_parts (step_id, position, contents) SELECT id, $4, $5 FROM step RETURNING step_id`,
};
const SEAL = {
  name: 'export-seal',
  text: `WITH step AS (${STEP})
    UPDATE run_exports SET size_bytes = $4 FROM step WHERE step_id = step.id RETURNING step_id`,
};

/** Files on their way into the metadata database, each belonging to the step that makes it. */
@Injectable()
export class ExportLedger {
  constructor(private readonly orm: OrmDataSource) {}

  /** @throws RunFenced */
  begin(run: ClaimedRun, stepId: number, fileName: string): Promise<void> {
    return this.write(BEGIN, run, stepId, [fileName]);
  }

  /** @param position from 0; @throws RunFenced */
  add(run: ClaimedRun, stepId: number, position: number, contents: Buffer): Promise<void> {
    return this.write(ADD, run, stepId, [position, contents]);
  }

  /** All of it is there. @throws RunFenced */
  seal(run: ClaimedRun, stepId: number, sizeBytes: number): Promise<void> {
    return this.write(SEAL, run, stepId, [sizeBytes]);
  }

  private async write(
    statement: typeof BEGIN,
    { runId, epoch }: ClaimedRun,
    stepId: number,
    values: readonly unknown[],
  ): Promise<void> {
    const rows = await queryPrepared(this.orm, statement, [stepId, runId, epoch, ...values]);
    if (rows.length === 0) throw new RunFenced();
  }
}
