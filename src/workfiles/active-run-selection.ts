import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import type { Page, Paged } from '../common/http/page.js';
import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { Run } from '../runs/run.entity.js';
import type { RunFilterDto } from './dto/stop.dto.js';

export interface ListedRun {
  readonly run: Run;
  /** Place in the queue, counting from 1; null when it does not wait. */
  readonly queuePosition: number | null;
}

export interface ListedRunsRow extends Record<string, unknown> {
  readonly records: string;
  readonly items: readonly { readonly run: object; readonly position: number | null }[];
}

export function listedRunOf({ run, position }: ListedRunsRow['items'][number]): ListedRun {
  return { run: entityOf(Run, run), queuePosition: position };
}

/** An active run that somebody may see. */
export interface SelectedRun extends Record<string, unknown> {
  readonly runId: string;
  readonly workfileId: number;
  readonly status: Run['status'];
  /** By rule *edit*, or because it burns a data source of theirs. */
  readonly mayStop: boolean;
}

/** More are stopped with further calls. */
export const STOPPED_AT_ONCE = 1000;

// $1 viewer, $2 administrator, $3 user, $4 workspace, $5 data source, $6 seconds, $7 ids
const VISIBLE = `FROM runs run JOIN workfiles wf ON wf.id = run.workfile_id JOIN workspaces ws ON ws.id = wf.workspace_id
    CROSS JOIN LATERAL (SELECT
      ws.owner_id = $1 OR EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $1) AS belongs,
      EXISTS (SELECT FROM data_sources ds WHERE ds.id = ANY (run.data_source_ids) AND ds.owner_id = $1) AS owns_source
    ) may
  WHERE run.status IN ('queued', 'running', 'stopping')
    AND ($2 OR ws.public OR may.belongs OR may.owns_source OR run.requested_by = $1)
    AND ($3::int IS NULL OR run.requested_by = $3) AND ($4::int IS NULL OR wf.workspace_id = $4)
    AND ($5::int IS NULL OR $5 = ANY (run.data_source_ids))
    AND ($6::int IS NULL OR run.queued_at < clock_timestamp() - make_interval(secs => $6))
    AND ($7::uuid[] IS NULL OR run.id = ANY ($7))`;
const LIST = {
  name: 'runs-active-list',
  text: `SELECT (SELECT count(*) ${VISIBLE}) AS records,
      (SELECT coalesce(json_agg(json_build_object('run', ${entityJson(Run, 'run')}, 'position', next.position)
          ORDER BY run.queued_at, run.id), '[]')
        FROM (SELECT run.* ${VISIBLE} ORDER BY run.queued_at, run.id LIMIT $8 OFFSET $9) run
        LEFT JOIN run_queue next ON next.id = run.id) AS items`,
};
// What cannot be ended, or is being ended already, must not keep a call from the rest.
const SELECTED = {
  name: 'runs-active-selected',
  text: `SELECT run.id AS "runId", run.workfile_id AS "workfileId", run.status,
      $2 OR (may.belongs AND ws.archived_at IS NULL) OR may.owns_source AS "mayStop"
    ${VISIBLE} ORDER BY "mayStop" DESC, run.status = 'stopping', run.queued_at, run.id LIMIT ${STOPPED_AT_ONCE}`,
};

/** The runs that are queued, executed or being stopped, as far as somebody may see them. */
@Injectable()
export class ActiveRunSelection {
  constructor(private readonly orm: OrmDataSource) {}

  /** Oldest first. */
  async list(viewer: Viewer, filter: RunFilterDto, page: Page): Promise<Paged<ListedRun>> {
    const values = [...valuesOf(viewer, filter), page.perPage, (page.page - 1) * page.perPage];
    const [row] = await queryPrepared<ListedRunsRow>(this.orm, LIST, values);
    return { items: (row?.items ?? []).map(listedRunOf), records: Number(row?.records), page };
  }

  /** At most `STOPPED_AT_ONCE`: those that the viewer may stop first, of them those that nobody stops yet; oldest first. */
  select(viewer: Viewer, filter: RunFilterDto): Promise<SelectedRun[]> {
    return queryPrepared<SelectedRun>(this.orm, SELECTED, valuesOf(viewer, filter));
  }
}

function valuesOf(viewer: Viewer, filter: RunFilterDto): unknown[] {
  const { user_id, workspace_id, data_source_id, older_than, ids } = filter;
  const conditions = [user_id, workspace_id, data_source_id, older_than, ids];
  return [viewer.id, viewer.isAdmin, ...conditions.map((one) => one ?? null)];
}
