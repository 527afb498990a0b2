import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import { Controls } from '../data-sources/controls.js';
import type { Control, KillHandle, SessionIdentity } from '../data-sources/connectors/connector.js';
import { openingTag, runTag } from './run-tag.js';

/** A place where a run has had sessions. */
export interface RunPlace {
  readonly databaseId: number;
  readonly accountId: number;
  /** Those of them whose handle is known, closed or not. */
  readonly sessions: readonly SessionIdentity[];
}

/** A session that is still there, admitted or not, with the connection that can end it. */
export interface Survivor {
  readonly control: Control;
  readonly handle: KillHandle;
}

const PLACES = {
  name: 'run-places',
  text: `SELECT database_id AS "databaseId", account_id AS "accountId",
      coalesce(json_agg(json_build_object('pid', backend_pid, 'backendStart', backend_start,
        'roleId', backend_role::text)) FILTER (WHERE backend_pid IS NOT NULL), '[]') AS sessions
    FROM run_sessions WHERE run_id = $1 AND ending IS DISTINCT FROM 'refused' GROUP BY database_id, account_id`,
};

/** Step 3 of the stop protocol: looks in the data sources themselves for what is left of a run (I1). */
@Injectable()
export class SessionProof {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly controls: Controls,
  ) {}

  /** Every place where the run has opened a session, or was about to, unless it was refused. */
  places(runId: string): Promise<RunPlace[]> {
    return queryPrepared<RunPlace & Record<string, unknown>>(this.orm, PLACES, [runId]);
  }

  /**
   * The run's live sessions in these places; none is the proof.
   * @param end called with what is left in one place, whatever becomes of the others
   * @throws ConnectionFailed when a data source cannot be asked: then nothing is proven
   */
  async survivors(
    runId: string,
    places: readonly RunPlace[],
    end?: (some: readonly Survivor[]) => Promise<void>,
  ): Promise<Survivor[]> {
    const looks = await Promise.allSettled(
      places.map(async ({ databaseId, accountId, sessions }) => {
        const control = await this.controls.of(databaseId, accountId);
        const handles = await control.find([runTag(runId), openingTag(runId)], sessions);
        const some = handles.map((handle) => ({ control, handle }));
        if (some.length > 0) await end?.(some);
        return some;
      }),
    );
    return looks.flatMap((look) => {
      if (look.status === 'rejected') throw look.reason;
      return look.value;
    });
  }
}
