import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { queryPrepared } from '../common/sql/prepared.js';
import type { VariableOverride } from '../runs/run-snapshot.js';
import type { StopWishDto } from './dto/stop-receipt.dto.js';
import { Run } from '../runs/run.entity.js';
import { decisiveFirst } from '../runs/step-order.js';
import { isoMs } from '../runs/stop-intent-statements.js';
import { RunStep } from '../runs/run-step.entity.js';
import { type ListedRun, listedRunOf, type ListedRunsRow } from './active-run-selection.js';
import { WorkfileStandings } from './workfile-standings.service.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { WorkspaceStanding } from '../workspaces/workspace-access.js';

export interface RunView {
  readonly run: Run;
  /** In the order of execution; of each operator the latest attempt. */
  readonly steps: readonly RunStep[];
  /** Overrides the run was asked for with. */
  readonly variables: readonly VariableOverride[];
  /** Place in the queue, counting from 1; null when it does not wait. */
  readonly queuePosition: number | null;
  /** Wishes to stop it, as the wire shows them. */
  readonly stopRequests: readonly StopWishDto[];
}

interface RunRow extends Record<string, unknown> {
  readonly run: object;
  readonly steps: readonly object[];
  readonly variables: readonly VariableOverride[];
  readonly queuePosition: number | null;
  readonly stopRequests: readonly StopWishDto[];
  readonly standing: WorkspaceStanding;
}

const QUEUE_POSITION = `CASE run.status WHEN 'queued' THEN (SELECT position::int FROM run_queue WHERE id = run.id) END`;
const RUN_VIEW = {
  name: 'run-view',
  text: `SELECT ${entityJson(Run, 'run')} AS run,
      (SELECT coalesce(json_agg(${entityJson(RunStep, 'step')} ORDER BY step.position), '[]')
        FROM (SELECT DISTINCT ON (position) * FROM run_steps WHERE run_id = run.id ORDER BY position, ${decisiveFirst()}) step
      ) AS steps,
      json_build_object('ownerId', ws.owner_id, 'public', ws.public, 'archived', ws.archived_at IS NOT NULL,
        'isMember', EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2)) AS standing,
      run.snapshot->'variables' AS variables,
      ${QUEUE_POSITION} AS "queuePosition",
      (SELECT coalesce(json_agg(json_build_object('requested_at', ${isoMs('asked.requested_at')},
          'requested_by', asked.requested_by, 'reason', asked.reason, 'forced', asked.forced) ORDER BY asked.id), '[]')
        FROM stop_requests asked WHERE asked.run_id = run.id) AS "stopRequests"
    FROM runs run JOIN workfiles wf ON wf.id = run.workfile_id JOIN workspaces ws ON ws.id = wf.workspace_id
    WHERE run.id = $1 AND wf.deleted_at IS NULL AND ws.deleted_at IS NULL`,
};

const RUN_STANDING = {
  name: 'run-standing',
  text: `SELECT ws.owner_id AS "ownerId", ws.public, ws.archived_at IS NOT NULL AS archived,
      EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isMember"
    FROM runs run JOIN workfiles wf ON wf.id = run.workfile_id JOIN workspaces ws ON ws.id = wf.workspace_id
    WHERE run.id = $1 AND wf.deleted_at IS NULL AND ws.deleted_at IS NULL`,
};
const RUN_HISTORY = {
  name: 'run-history',
  text: `SELECT (SELECT count(*) FROM runs WHERE workfile_id = $1) AS records,
      (SELECT coalesce(json_agg(json_build_object('run', ${entityJson(Run, 'run')}, 'position', ${QUEUE_POSITION})
          ORDER BY run.queued_at DESC, run.id), '[]')
        FROM (SELECT * FROM runs WHERE workfile_id = $1 ORDER BY queued_at DESC, id LIMIT $2 OFFSET $3) run) AS items`,
};

/** Runs as somebody may look at them. */
@Injectable()
export class RunsService {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
    private readonly standings: WorkfileStandings,
  ) {}

  /** @throws RecordNotFound; AccessDenied by rule *see* on the workfile */
  async get(id: string, viewer: Viewer): Promise<RunView> {
    const [row] = await queryPrepared<RunRow>(this.orm, RUN_VIEW, [id, viewer.id]);
    if (row === undefined) throw new RecordNotFound();
    this.workspaces.assertCanSee(viewer, row.standing);
    return {
      run: entityOf(Run, row.run),
      steps: row.steps.map((step) => entityOf(RunStep, step)),
      variables: row.variables,
      queuePosition: row.queuePosition,
      stopRequests: row.stopRequests,
    };
  }

  /** @throws RecordNotFound; AccessDenied by rule *see* on the run's workfile */
  async assertVisible(id: string, viewer: Viewer): Promise<void> {
    const [standing] = await queryPrepared<WorkspaceStanding & Record<string, unknown>>(
      this.orm,
      RUN_STANDING,
      [id, viewer.id],
    );
    if (standing === undefined) throw new RecordNotFound();
    this.workspaces.assertCanSee(viewer, standing);
  }

  /** The runs of a workfile, newest first, without their steps. @throws RecordNotFound, AccessDenied by rule *see* */
  async history(workfileId: number, viewer: Viewer, page: Page): Promise<Paged<ListedRun>> {
    this.workspaces.assertCanSee(viewer, await this.standings.of(workfileId, viewer));
    const values = [workfileId, page.perPage, (page.page - 1) * page.perPage];
    const [row] = await queryPrepared<ListedRunsRow>(this.orm, RUN_HISTORY, values);
    return { items: (row?.items ?? []).map(listedRunOf), records: Number(row?.records), page };
  }
}
