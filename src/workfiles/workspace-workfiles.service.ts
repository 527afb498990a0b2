import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import {
  workspaceJson,
  type WorkspaceView,
  type WorkspaceViewJson,
  workspaceViewOf,
} from '../workspaces/workspace-view.js';
import type { WorkspaceStanding } from '../workspaces/workspace-access.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { standingOf } from '../workspaces/workspace.serializer.js';
import type { NewWorkflow } from './dto/create-workfile.js';
import { type ChosenPlace, FlowDocuments } from './flow-documents.js';
import { latestVersionJson, type SavedJson, VersionInfo } from './version-info.js';
import { partsJson, partsOf, type WorkfileParts, type WorkfilePartsJson } from './workfile-view.js';

export interface WorkfileFilter {
  /** By date of change instead of name. */
  readonly newestFirst: boolean;
  readonly fileType: string | null;
  /** Substring of the name. */
  readonly namePart: string | null;
  readonly withoutPublishedWorklets: boolean;
}

export interface WorkfileList extends Paged<WorkfileParts & { readonly version: VersionInfo }> {
  readonly workspace: WorkspaceView;
}

const STANDING = {
  name: 'workspace-standing',
  text: `SELECT ws.owner_id AS "ownerId", ws.public, ws.archived_at IS NOT NULL AS archived,
      EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isMember"
    FROM workspaces ws WHERE ws.id = $1 AND ws.deleted_at IS NULL`,
};
const WORKSPACE = {
  name: 'workspace-of-workfiles',
  text: `SELECT ${workspaceJson('$2::int')} AS workspace FROM workspaces ws
    WHERE ws.id = $1 AND ws.deleted_at IS NULL`,
};
const MATCHING = `wf.workspace_id = $1 AND wf.deleted_at IS NULL AND ($2::text IS NULL OR wf.file_type = $2)
  AND ($3::text IS NULL OR strpos(wf.file_name, $3) > 0) AND NOT ($4 AND wf.kind = 'published_worklet')`;
const listIn = (name: string, order: string) => ({
  name,
  text: `SELECT (SELECT count(*) FROM workfiles wf WHERE ${MATCHING}) AS records,
      (SELECT coalesce(json_agg(json_build_object('parts', ${partsJson('wf')}, 'saved', ${latestVersionJson(0)})
          ORDER BY ${order}), '[]')
        FROM (SELECT * FROM workfiles wf WHERE ${MATCHING} ORDER BY ${order} LIMIT $5 OFFSET $6) wf) AS items`,
});
const BY_NAME = listIn('workfile-list-by-name', 'lower(wf.file_name), wf.id');
const BY_DATE = listIn('workfile-list-by-date', 'wf.user_modified_at DESC, wf.id DESC');

const NAME_TAKEN = 'workfiles_workspace_id_file_name_key';
// Concurrent uploads of one name take the next number each; more losers than this are not expected.
const NAME_ATTEMPTS = 100;

/** The workfiles of a workspace. */
@Injectable()
export class WorkspaceWorkfilesService {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
    private readonly documents: FlowDocuments,
  ) {}

  /** @throws RecordNotFound; AccessDenied by rule *see* */
  async list(
    workspaceId: number,
    viewer: Viewer,
    filter: WorkfileFilter,
    page: Page,
  ): Promise<WorkfileList> {
    const [found] = await queryPrepared<{ workspace: WorkspaceViewJson }>(this.orm, WORKSPACE, [
      workspaceId,
      viewer.id,
    ]);
    if (found === undefined) throw new RecordNotFound();
    const workspace = workspaceViewOf(found.workspace);
    this.workspaces.assertCanSee(viewer, standingOf(workspace));
    type Row = {
      records: string;
      items: { parts: WorkfilePartsJson; saved: SavedJson | null }[];
    };
    const [row] = await queryPrepared<Row>(this.orm, filter.newestFirst ? BY_DATE : BY_NAME, [
      workspaceId,
      filter.fileType,
      filter.namePart,
      filter.withoutPublishedWorklets,
      page.perPage,
      (page.page - 1) * page.perPage,
    ]);
    const items = (row?.items ?? []).map(({ parts, saved }) => {
      const workfile = partsOf(parts);
      return { ...workfile, version: VersionInfo.of(workfile.workfile, saved) };
    });
    return { workspace, items, records: Number(row?.records), page };
  }

  /**
   * Creates a workflow, from an uploaded document or empty (chorus-api.md 9.2). Nothing is stored unless all of it is.
   * @returns its id
   * @throws RecordNotFound for workspace or place, AccessDenied by rule *edit*, ValidationFailed
   */
  async createWorkflow(workspaceId: number, viewer: Viewer, wanted: NewWorkflow): Promise<number> {
    const [standing] = await queryPrepared<WorkspaceStanding & Record<string, unknown>>(
      this.orm,
      STANDING,
      [workspaceId, viewer.id],
    );
    if (standing === undefined) throw new RecordNotFound();
    this.workspaces.assertCanEdit(viewer, standing);
    if (standing.archived) throw new ValidationFailed({ workspace: { ARCHIVED: null } });
    const places = await this.places(wanted.databaseIds);
    const { contents, fileName } = wanted;
    const afm =
      contents === null
        ? this.documents.empty()
        : this.documents.imported(contents, fileName, places);
    for (let attempt = 0; ; attempt += 1)
      try {
        return await this.orm.transaction((tx) => insert(tx, workspaceId, viewer.id, wanted, afm));
      } catch (error) {
        if (!isNameTaken(error)) throw error;
        if (!wanted.renames || attempt >= NAME_ATTEMPTS)
          throw new ValidationFailed({ file_name: { TAKEN: {} } });
      }
  }

  private async places(databaseIds: readonly number[]): Promise<ChosenPlace[]> {
    const places = await this.orm.query<ChosenPlace[]>(
      `SELECT db.id AS "databaseId", db.name AS "databaseName", ds.id AS "dataSourceId", ds.name AS "dataSourceName"
       FROM unnest($1::int[]) WITH ORDINALITY AS wanted (id, i)
       JOIN databases db ON db.id = wanted.id AND db.deleted_at IS NULL
       JOIN data_sources ds ON ds.id = db.data_source_id AND ds.deleted_at IS NULL ORDER BY wanted.i`,
      [databaseIds],
    );
    if (places.length < databaseIds.length) throw new RecordNotFound();
    return places;
  }
}

async function insert(
  tx: EntityManager,
  workspaceId: number,
  userId: number,
  { fileName, description, renames, databaseIds }: NewWorkflow,
  afm: string,
): Promise<number> {
  const name = renames ? await freeName(tx, workspaceId, fileName) : fileName;
  const [created] = await tx.query<{ id: number }[]>(
    `INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type, description)
     VALUES ('workflow', $1, $2, $3, 'work_flow', $4) RETURNING id`,
    [workspaceId, userId, name, description],
  );
  const id = created?.id ?? 0;
  await tx.query('INSERT INTO workfile_flows (workfile_id, afm) VALUES ($1, $2)', [id, afm]);
  await tx.query(
    'INSERT INTO workfile_execution_locations (workfile_id, database_id) SELECT $1, unnest($2::int[])',
    [id, databaseIds],
  );
  await recordActivity(tx, {
    action: 'WorkfileCreated',
    actorId: userId,
    workspaceId,
    targets: [{ type: 'workfile', id }],
    data: { commit_message: description },
  });
  await tx.query('UPDATE workspaces SET has_added_workfile = true WHERE id = $1', [workspaceId]);
  return id;
}

/** The name itself, or with the lowest `_n` that is free. */
async function freeName(tx: EntityManager, workspaceId: number, name: string): Promise<string> {
  const rows = await tx.query<{ file_name: string }[]>(
    `SELECT file_name FROM workfiles WHERE workspace_id = $1 AND deleted_at IS NULL
     AND kind <> 'published_worklet' AND starts_with(file_name, $2)`,
    [workspaceId, name],
  );
  const taken = new Set(rows.map(({ file_name }) => file_name));
  if (!taken.has(name)) return name;
  for (let n = 1; ; n += 1) if (!taken.has(`${name}_${n}`)) return `${name}_${n}`;
}

function isNameTaken(error: unknown): boolean {
  return (
    error instanceof QueryFailedError &&
    (error.driverError as { constraint?: string }).constraint === NAME_TAKEN
  );
}
