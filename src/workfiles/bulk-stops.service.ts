import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { canManage, isOutOfUse } from '../data-sources/source-access.js';
import { StopRuns } from '../runs/commands/stop-runs.command.js';
import { isoMs } from '../runs/stop-intent-statements.js';
import type { RunStatus } from '../runs/run-status.js';
import { WorkflowRunner } from '../runs/workflow-runner.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { WorkspaceStanding } from '../workspaces/workspace-access.js';
import { ActiveRunSelection } from './active-run-selection.js';
import type { RunFilterDto, StopRunsDto } from './dto/stop.dto.js';
import type { StopItemOutcome, StoppedRunDto, StopRequestDto } from './dto/stopped-run.dto.js';

/** A request to stop several runs: who, from where, and how. */
export interface BulkStop {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly address: string;
  readonly reason: string | null;
  readonly force: boolean;
}

interface HideableSource extends Record<string, unknown> {
  readonly state: string;
  readonly ownerId: number;
}

const STATES = {
  name: 'bulk-stop-states',
  text: `SELECT id, status FROM runs WHERE id = ANY ($1::uuid[])`,
};
const WORKSPACE = {
  name: 'bulk-stop-workspace',
  text: `SELECT ws.owner_id AS "ownerId", ws.public, ws.archived_at IS NOT NULL AS archived,
      EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isMember"
    FROM workspaces ws WHERE ws.id = $1 AND ws.deleted_at IS NULL`,
};
const DATA_SOURCE = {
  name: 'bulk-stop-data-source',
  text: `SELECT state, owner_id AS "ownerId" FROM data_sources WHERE id = $1 AND deleted_at IS NULL`,
};
const REQUESTS = {
  name: 'stop-requests-list',
  text: `SELECT (SELECT count(*) FROM stop_requests) AS records,
      (SELECT coalesce(json_agg(json_build_object('id', asked.id, 'run_id', asked.run_id,
          'workfile_id', run.workfile_id, 'requested_at', ${isoMs('asked.requested_at')},
          'requested_by', asked.requested_by, 'reason', asked.reason, 'address', asked.address,
          'request_id', asked.request_id, 'forced', asked.forced, 'status', run.status,
          'method', run.stop_receipt->'method', 'latency_ms', run.stop_receipt->'latency_ms')
          ORDER BY asked.id DESC), '[]')
        FROM (SELECT * FROM stop_requests ORDER BY id DESC LIMIT $1 OFFSET $2) asked
        JOIN runs run ON run.id = asked.run_id) AS items`,
};

/** Stops for those who keep a place in order: many runs at once, each under its own rule. */
@Injectable()
export class BulkStops {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly selection: ActiveRunSelection,
    private readonly runner: WorkflowRunner,
    private readonly workspaces: WorkspacesService,
  ) {}

  /** @throws ValidationFailed without any condition */
  stopSelected(wanted: StopRunsDto, stop: BulkStop): Promise<StoppedRunDto[]> {
    const { user_id, workspace_id, data_source_id, older_than, ids, all } = wanted;
    const isNarrowed = [user_id, workspace_id, data_source_id, older_than, ids].some(
      (one) => one !== undefined,
    );
    if (!isNarrowed && all !== true) throw new ValidationFailed({ base: { BLANK: {} } });
    return this.stop(wanted, stop);
  }

  /** @throws RecordNotFound; AccessDenied by rule *edit* */
  async stopWorkspace(id: number, stop: BulkStop): Promise<StoppedRunDto[]> {
    const [standing] = await queryPrepared<WorkspaceStanding & Record<string, unknown>>(
      this.orm,
      WORKSPACE,
      [id, stop.viewer.id],
    );
    if (standing === undefined) throw new RecordNotFound();
    this.workspaces.assertCanEdit(stop.viewer, standing);
    return this.stop({ workspace_id: id }, stop);
  }

  /** @throws RecordNotFound also for one that is hidden from the viewer, unless runs that he may see are there */
  async stopDataSource(id: number, stop: BulkStop): Promise<StoppedRunDto[]> {
    const [source] = await queryPrepared<HideableSource>(this.orm, DATA_SOURCE, [id]);
    if (source === undefined) throw new RecordNotFound();
    const stopped = await this.stop({ data_source_id: id }, stop);
    const isHidden = isOutOfUse(source) && !canManage(stop.viewer, source);
    if (isHidden && stopped.length === 0) throw new RecordNotFound();
    return stopped;
  }

  /** Who asked for which stop, newest first. */
  async requests(page: Page): Promise<Paged<StopRequestDto>> {
    type Row = { records: string; items: StopRequestDto[] };
    const values = [page.perPage, (page.page - 1) * page.perPage];
    const [row] = await queryPrepared<Row>(this.orm, REQUESTS, values);
    return { items: row?.items ?? [], records: Number(row?.records), page };
  }

  private async stop(filter: RunFilterDto, wish: BulkStop): Promise<StoppedRunDto[]> {
    const { viewer, ...options } = wish;
    const selected = await this.selection.select(viewer, filter);
    const allowed = selected.filter(({ mayStop }) => mayStop).map(({ runId }) => runId);
    if (allowed.length > 0) await this.runner.stopRuns(new StopRuns(allowed, viewer.id, options));
    const states = await queryPrepared<{ id: string; status: RunStatus }>(this.orm, STATES, [
      allowed,
    ]);
    const statusOf = new Map(states.map(({ id, status }) => [id, status]));
    return selected.map(({ runId, workfileId, mayStop, ...before }) => {
      const status = statusOf.get(runId) ?? before.status;
      const outcome = mayStop ? outcomeOf(status) : 'denied';
      return { run_id: runId, workfile_id: workfileId, outcome, status };
    });
  }
}

function outcomeOf(status: RunStatus): StopItemOutcome {
  if (status === 'stopped') return 'stopped';
  return status === 'succeeded' || status === 'failed' ? 'already_over' : 'stopping';
}
