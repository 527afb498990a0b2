import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { StoppedRun, StopRequester, WorkScope } from '../access/running-work.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { StopRuns } from './commands/stop-runs.command.js';
import { WorkflowRunner } from './workflow-runner.js';

const ACTIVE_IN = {
  name: 'runs-active-in',
  text: `SELECT r.id AS "runId" FROM runs r JOIN workfiles wf ON wf.id = r.workfile_id
    WHERE r.status IN ('queued', 'running', 'stopping')
      AND ($1::int IS NULL OR wf.workspace_id = $1) AND ($2::int[] IS NULL OR wf.id = ANY ($2))
      AND ($3::int IS NULL OR $3 = ANY (r.data_source_ids))
      AND ($4::int IS NULL OR r.requested_by = $4)`,
};
const STATES = {
  name: 'runs-states',
  text: `SELECT id AS run_id, workfile_id, status FROM runs WHERE id = ANY ($1::uuid[]) ORDER BY queued_at`,
};

interface ActiveRun extends Record<string, unknown> {
  runId: string;
}

/** The runs under way below a scope. */
@Injectable()
export class ActiveRuns {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly runner: WorkflowRunner,
  ) {}

  /** As `RunningWork.stop`. */
  async stop(scope: WorkScope, requester: StopRequester): Promise<readonly StoppedRun[]> {
    const { workspaceId = null, workfileIds = null, dataSourceId = null, userId = null } = scope;
    const active = await queryPrepared<ActiveRun>(this.orm, ACTIVE_IN, [
      workspaceId,
      workfileIds,
      dataSourceId,
      userId,
    ]);
    if (active.length === 0) return [];
    const ids = active.map(({ runId }) => runId);
    await this.runner.stopRuns(new StopRuns(ids, requester.userId, requester));
    return queryPrepared<StoppedRun & Record<string, unknown>>(this.orm, STATES, [ids]);
  }
}
