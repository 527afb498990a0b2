import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../../common/sql/prepared.js';
import { ACTIVE, type RunStatus } from '../../runs/run-status.js';
import { decisiveFirst } from '../../runs/step-order.js';
import { type ResultsDocument, resultsDocument, type RunRecord } from './results-document.js';

const RECORD = {
  name: 'run-record',
  text: `SELECT r.id, r.workfile_id AS "workfileId", r.snapshot->>'flowName' AS "flowName",
      r.requested_by AS "requestedBy", r.status, r.queued_at AS "queuedAt", r.started_at AS "startedAt",
      r.ended_at AS "endedAt", r.error
    FROM runs r WHERE r.id = $1 AND r.save_result`,
};
const STEPS = {
  name: 'run-record-steps',
  text: `SELECT DISTINCT ON (step.position) step.operator_name AS name, step.operator_type AS type, step.status,
      step.position, step.started_at AS "startedAt", step.ended_at AS "endedAt", step.report, step.statements,
      'jdbc:postgresql://' || ds.host || ':' || ds.port || '/' || db.name AS "databaseUrl",
      account.db_username AS "databaseUser"
    FROM run_steps step JOIN run_sessions place ON place.id = step.session_id
    JOIN databases db ON db.id = place.database_id JOIN data_sources ds ON ds.id = db.data_source_id
    JOIN data_source_accounts account ON account.id = place.account_id
    WHERE step.run_id = $1 ORDER BY step.position, ${decisiveFirst('step')}`,
};
const EVENTS = {
  name: 'run-record-events',
  text: `SELECT at, type, data FROM run_events WHERE run_id = $1 ORDER BY seq`,
};

/** The results documents of runs that are over. */
@Injectable()
export class RunResults {
  constructor(private readonly orm: OrmDataSource) {}

  /** Null for an unknown run, one that is not over, or one whose results were not to be kept. */
  async find(runId: string): Promise<ResultsDocument | null> {
    type Row = Omit<RunRecord, 'steps' | 'events'> &
      Record<string, unknown> & { status: RunStatus };
    const [run] = await queryPrepared<Row>(this.orm, RECORD, [runId]);
    if (run === undefined || ACTIVE.includes(run.status)) return null;
    const [steps, events] = await Promise.all([
      queryPrepared<RunRecord['steps'][number] & Record<string, unknown>>(this.orm, STEPS, [runId]),
      queryPrepared<RunRecord['events'][number] & Record<string, unknown>>(this.orm, EVENTS, [
        runId,
      ]),
    ]);
    return resultsDocument({ ...run, steps, events });
  }
}
