import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../auth/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { Run } from '../runs/run.entity.js';
import { RunStep } from '../runs/run-step.entity.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { WorkspaceStanding } from '../workspaces/workspace-access.js';

export interface RunView {
  readonly run: Run;
  /** In the order of execution; of each operator the latest attempt. */
  readonly steps: readonly RunStep[];
}

interface RunRow extends Record<string, unknown> {
  readonly run: object;
  readonly steps: readonly object[];
  readonly standing: WorkspaceStanding;
}

const RUN_VIEW = {
  name: 'run-view',
  text: `SELECT ${entityJson(Run, 'run')} AS run,
      (SELECT coalesce(json_agg(${entityJson(RunStep, 'step')} ORDER BY step.position), '[]')
        FROM (SELECT DISTINCT ON (position) * FROM run_steps WHERE run_id = run.id ORDER BY position, epoch DESC) step
      ) AS steps,
      json_build_object('ownerId', ws.owner_id, 'public', ws.public, 'archived', ws.archived_at IS NOT NULL,
        'isMember', EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2)) AS standing
    FROM runs run JOIN workfiles wf ON wf.id = run.workfile_id JOIN workspaces ws ON ws.id = wf.workspace_id
    WHERE run.id = $1 AND wf.deleted_at IS NULL AND ws.deleted_at IS NULL`,
};

/** Runs as somebody may look at them. */
@Injectable()
export class RunsService {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
  ) {}

  /** @throws RecordNotFound; AccessDenied by rule *see* on the workfile */
  async get(id: string, viewer: Viewer): Promise<RunView> {
    const [row] = await queryPrepared<RunRow>(this.orm, RUN_VIEW, [id, viewer.id]);
    if (row === undefined) throw new RecordNotFound();
    this.workspaces.assertCanSee(viewer, row.standing);
    return {
      run: entityOf(Run, row.run),
      steps: row.steps.map((step) => entityOf(RunStep, step)),
    };
  }
}
