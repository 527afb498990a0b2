import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { RecordNotFound, ValidationFailed } from '../../common/errors/domain-error.js';
import { queryPrepared } from '../../common/sql/prepared.js';
import { decisiveFirst } from '../../runs/step-order.js';
import { readAfm } from '../afm/read-afm.js';
import { FlowInvalid } from '../flow-plan.js';
import { flowImage, type OperatorState } from './flow-image.js';

interface Drawn {
  readonly [key: string]: unknown;
  readonly name: string;
  readonly afm: string | null;
  readonly states: readonly { readonly uuid: string; readonly status: OperatorState }[];
}

const STATES = (
  run: string,
) => `(SELECT coalesce(json_agg(json_build_object('uuid', operator_uuid, 'status', status)), '[]')
  FROM (SELECT DISTINCT ON (position) operator_uuid, status FROM run_steps WHERE run_id = ${run}
    ORDER BY position, ${decisiveFirst()}) step)`;
const OF_RUN = {
  name: 'image-of-run',
  text: `SELECT r.snapshot->>'flowName' AS name, r.snapshot->>'afm' AS afm, ${STATES('r.id')} AS states
    FROM runs r WHERE r.id = $1`,
};
// As its latest run left it, unless the document was changed since.
const OF_WORKFILE = {
  name: 'image-of-workfile',
  text: `SELECT wf.file_name AS name, flow.afm, ${STATES(
    `(SELECT id FROM runs WHERE workfile_id = wf.id AND snapshot->>'afm' = flow.afm ORDER BY queued_at DESC LIMIT 1)`,
  )} AS states
    FROM workfiles wf LEFT JOIN workfile_flows flow ON flow.workfile_id = wf.id WHERE wf.id = $1`,
};

/** Pictures of flows. Who may see them is decided before. */
@Injectable()
export class FlowImages {
  constructor(private readonly orm: OrmDataSource) {}

  /** What the run executes, as far as it is. @throws RecordNotFound, ValidationFailed */
  ofRun(runId: string): Promise<string> {
    return this.draw(OF_RUN, runId);
  }

  /** @throws RecordNotFound also for what is no workflow; ValidationFailed for an unreadable document */
  ofWorkfile(id: number): Promise<string> {
    return this.draw(OF_WORKFILE, id);
  }

  private async draw(statement: typeof OF_RUN, id: string | number): Promise<string> {
    const [row] = await queryPrepared<Drawn>(this.orm, statement, [id]);
    if (!row?.afm) throw new RecordNotFound();
    try {
      const states = new Map(row.states.map(({ uuid, status }) => [uuid, status]));
      return flowImage(readAfm(row.afm), row.name, states);
    } catch (error) {
      if (!(error instanceof FlowInvalid)) throw error;
      throw new ValidationFailed({ contents: { INVALID: { message: error.message } } });
    }
  }
}
