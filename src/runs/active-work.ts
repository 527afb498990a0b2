import { Injectable } from '@nestjs/common';
import {
  RunningWork,
  type StoppedWork,
  type StopRequester,
  type WorkScope,
} from '../access/running-work.js';
import { SqlStops } from '../data-sources/sql-executions/sql-stops.js';
import { ActiveRuns } from './active-runs.js';

/** Runs and ad-hoc SQL under way, to those parts of the product that know nothing of either. */
@Injectable()
export class ActiveWork extends RunningWork {
  constructor(
    private readonly runs: ActiveRuns,
    private readonly sql: SqlStops,
  ) {
    super();
  }

  async stop(scope: WorkScope, requester: StopRequester): Promise<readonly StoppedWork[]> {
    const stopped = await Promise.all([
      this.runs.stop(scope, requester),
      this.sql.stop(scope, requester.userId),
    ]);
    return stopped.flat();
  }
}
