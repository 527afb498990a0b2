import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import type { Asking } from '../access/asking.js';
import { RunningWork, type StoppedWork } from '../access/running-work.js';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import { violates } from '../common/sql/violation.js';
import { holdWorkspace } from '../workspaces/locked-workspace.js';
import { canEdit, type WorkspaceStanding } from '../workspaces/workspace-access.js';
import { STANDING_COLUMNS, WorkspacesService } from '../workspaces/workspaces.service.js';
import type { WorkfileChanges } from './dto/update-workfile.js';
import type { WorkfileAccess } from './workfile-access.js';
import { WorkfileCreation } from './workfile-creation.service.js';
import type { WorkfileKind } from './workfile.entity.js';
import { WorkfilePlaces } from './workfile-places.service.js';
import { NameTaken } from './workfile-rows.js';
import { WorkfilesService } from './workfiles.service.js';

const NAME_KEYS = ['workfiles_workspace_id_file_name_key', 'workfiles_published_file_name_key'];
const DELETED = 'workfile deleted';

interface Doomed extends WorkspaceStanding {
  readonly id: number;
  readonly kind: WorkfileKind;
  /** A touchpoint that is published. */
  readonly published: boolean;
  /** Touchpoints built on it that are not deleted together with it. */
  readonly used: boolean;
}

/** Changes and deletes workfiles (chorus-api.md 9.4, 9.5). */
@Injectable()
export class WorkfileChanging {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workfiles: WorkfilesService,
    private readonly workspaces: WorkspacesService,
    private readonly creation: WorkfileCreation,
    private readonly places: WorkfilePlaces,
    private readonly running: RunningWork,
  ) {}

  /**
   * @param read gives the changes for a kind of workfile; called once it is known that the viewer may
   * @throws RecordNotFound for workfile, schema, place or dataset; AccessDenied by rule *edit*; ValidationFailed
   */
  async update(
    id: number,
    viewer: Viewer,
    read: (kind: WorkfileKind) => WorkfileChanges,
  ): Promise<void> {
    const workfile = await this.workfiles.getEditable(id, viewer);
    const changes = read(workfile.kind);
    const places = changes.places && (await this.places.resolve(changes.places));
    if (changes.datasetIds !== undefined)
      await this.places.startingFrom(changes.datasetIds, workfile.workspaceId, viewer);
    if (changes.executionSchema) await this.assertSchema(changes.executionSchema.id);
    try {
      await this.orm.transaction(async (tx) => {
        await this.workspaces.holdEditable(tx, workfile.workspaceId, viewer);
        await store(tx, workfile, changes);
        if (places !== undefined) await this.places.replace(tx, id, places);
      });
    } catch (error) {
      if (NAME_KEYS.some((key) => violates(error, key))) throw new NameTaken();
      throw error;
    }
  }

  /**
   * Deletes a workfile, and then ends what still runs of it.
   * @returns the runs that were under way, and what became of them
   * @throws RecordNotFound; AccessDenied by rule *edit*; ValidationFailed while touchpoints need it
   */
  async delete(id: number, asking: Asking): Promise<readonly StoppedWork[]> {
    const { workspaceId } = await this.workfiles.getEditable(id, asking.viewer);
    const deleted = await this.orm.transaction((tx) =>
      remove(tx, workspaceId, [id], asking.viewer),
    );
    if (deleted.length === 0) throw new RecordNotFound();
    return this.stop(deleted, asking);
  }

  /**
   * Deletes several workfiles of a workspace, or none of them; others' ids are skipped.
   * @throws RecordNotFound for the workspace; AccessDenied by rule *edit*; ValidationFailed
   */
  async deleteAll(
    workspaceId: number,
    asking: Asking,
    read: () => readonly number[],
  ): Promise<readonly StoppedWork[]> {
    await this.creation.target(workspaceId, asking.viewer);
    const ids = read();
    const deleted = await this.orm.transaction((tx) => remove(tx, workspaceId, ids, asking.viewer));
    return this.stop(deleted, asking);
  }

  /** The deletion is committed: nothing can begin there any more, so what is found now is all there is. */
  private async stop(
    workfileIds: readonly number[],
    { viewer, requestId, address }: Asking,
  ): Promise<readonly StoppedWork[]> {
    if (workfileIds.length === 0) return [];
    const requester = { userId: viewer.id, reason: DELETED, requestId, address };
    return this.running.stop({ workfileIds }, requester);
  }

  private async assertSchema(id: number | null): Promise<void> {
    const found = await this.orm.query<unknown[]>(
      'SELECT FROM schemas WHERE id = $1 AND deleted_at IS NULL',
      [id],
    );
    if (found.length === 0) throw new RecordNotFound();
  }
}

/** `user_modified_at` stays: it moves with contents only (entities.md 4.1). */
async function store(
  tx: EntityManager,
  workfile: WorkfileAccess,
  changes: WorkfileChanges,
): Promise<void> {
  const { id, kind, fileType } = workfile;
  const { fileName, description, linkUrl, executionSchema, datasetIds } = changes;
  // Clients send a whole workfile back, and a binary file that is called `.txt` has not become text by that.
  const isRenamed = fileName !== undefined && fileName !== workfile.fileName;
  const columns: Record<string, unknown> = {
    ...(fileName !== undefined && { file_name: fileName }),
    ...(isRenamed && kind === 'file' && renamedType(fileName, fileType)),
    ...(description !== undefined && { description }),
    ...(linkUrl !== undefined && { link_url: linkUrl }),
    ...(executionSchema !== undefined && { execution_schema_id: executionSchema?.id ?? null }),
    ...(datasetIds !== undefined && { chosen_dataset_ids: datasetIds }),
  };
  const names = Object.keys(columns);
  if (names.length === 0 && changes.places === undefined) return;
  const sets = names.map((name, i) => `${name} = $${i + 2}`);
  const updated = await tx.query<[unknown[], number]>(
    `UPDATE workfiles SET ${[...sets, 'updated_at = now()'].join(', ')} WHERE id = $1 AND deleted_at IS NULL`,
    [id, ...Object.values(columns)],
  );
  if (updated[1] === 0) throw new RecordNotFound();
}

/** A new name can make it SQL or text; a picture stays one (chorus-api.md 9.4). */
function renamedType(fileName: string, fileType: string): object {
  const extension = /\.(sql|txt)$/i.exec(fileName)?.[1]?.toLowerCase();
  if (extension === undefined || fileType === 'image') return {};
  return { file_type: extension === 'sql' ? 'sql' : 'text' };
}

/**
 * Soft deletion with all that belongs to the workfile alone; contents, drafts and marks of opening are gone for good
 * (entities.md 11.6). @returns ids of what was there to delete
 * @throws RecordNotFound when the workspace was deleted meanwhile; AccessDenied when the viewer may not edit any more
 */
async function remove(
  tx: EntityManager,
  workspaceId: number,
  ids: readonly number[],
  viewer: Viewer,
): Promise<number[]> {
  // As a copy of one of its touchpoints does, and a deletion of the workspace: whatever they leave is found below.
  await holdWorkspace(tx, workspaceId, 'NO KEY UPDATE');
  const doomed = await tx.query<Doomed[]>(
    `SELECT wf.id, wf.kind, coalesce(touch.state = 'published', false) AS published, ${STANDING_COLUMNS},
       EXISTS (SELECT FROM worklets built JOIN workfiles other ON other.id = built.workfile_id
         WHERE built.workflow_id = wf.id AND other.deleted_at IS NULL AND other.id <> ALL ($3::int[])) AS used
     FROM workfiles wf JOIN workspaces ws ON ws.id = wf.workspace_id LEFT JOIN worklets touch ON touch.workfile_id = wf.id
     WHERE wf.workspace_id = $1 AND wf.id = ANY ($3::int[]) AND wf.deleted_at IS NULL
     ORDER BY wf.id FOR UPDATE OF wf`,
    [workspaceId, viewer.id, ids],
  );
  if (doomed.some((one) => !canEdit(viewer, one))) throw new AccessDenied();
  if (doomed.some(({ kind, published }) => kind === 'worklet' && published))
    throw new ValidationFailed({ workfile: { PUBLISHED_WORKLET_ASSOCIATED: {} } });
  if (doomed.some(({ used }) => used))
    throw new ValidationFailed({ workfile: { WORKLET_ASSOCIATED: {} } });
  const found = doomed.map(({ id }) => id);
  if (found.length === 0) return [];
  await tx.query(
    'UPDATE workfiles SET deleted_at = now(), updated_at = now(), latest_version_id = NULL WHERE id = ANY ($1::int[])',
    [found],
  );
  for (const table of ['workfile_drafts', 'workfile_versions', 'workfile_opens', 'workfile_flows'])
    await tx.query(`DELETE FROM ${table} WHERE workfile_id = ANY ($1::int[])`, [found]);
  return found;
}
