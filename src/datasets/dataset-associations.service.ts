import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import { LARGEST_ID } from '../common/http/attribute-rules.js';
import type { Attributes } from '../common/http/attributes.js';
import type { Dataset } from '../data-sources/dataset.entity.js';
import { canEdit, type WorkspaceStanding } from '../workspaces/workspace-access.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { DatasetRules } from './dataset-rules.js';
import type { DatasetView } from './dataset-view.js';
import { DatasetViews } from './dataset-views.service.js';
import type { DatasetIdsBody } from './dto/dataset-requests.dto.js';

interface LockedWorkspace {
  readonly name: string;
  readonly sandboxId: number | null;
  readonly archived: boolean;
}

// An archiving and an association do not pass each other, nor do two associations: each touches the workspace in the end.
// Whoever removes some takes it first as well.
const LOCK = `SELECT name, sandbox_id AS "sandboxId", archived_at IS NOT NULL AS archived FROM workspaces
  WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`;
const ASSOCIATE = `INSERT INTO associated_datasets (workspace_id, dataset_id) SELECT $1, id FROM unnest($2::int[]) AS one (id)
  ON CONFLICT (workspace_id, dataset_id) DO NOTHING RETURNING dataset_id AS id`;
const TOUCH = `UPDATE workspaces SET updated_at = now() WHERE id = $1`;
const REMOVE = `DELETE FROM associated_datasets WHERE workspace_id = $1 AND dataset_id = ANY ($2::int[]) RETURNING id`;

/** Which source datasets a workspace uses (chorus-api.md 10.3). */
@Injectable()
export class DatasetAssociations {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
    private readonly rules: DatasetRules,
    private readonly views: DatasetViews,
  ) {}

  /**
   * One that is there already is an error when it is the only one, and skipped among several.
   * @throws RecordNotFound; AccessDenied by rule *edit*, or with the data source of a dataset; ValidationFailed, also in
   *   an archived workspace, whoever asks
   */
  async add(
    workspaceId: number,
    viewer: Viewer,
    attributes: Attributes<DatasetIdsBody>,
  ): Promise<void> {
    assertTakes(viewer, await this.workspaces.standing(workspaceId, viewer));
    const ids = idsOf(attributes);
    const views = await this.views.list(ids, viewer);
    if (views.length < ids.length) throw new RecordNotFound();
    for (const view of views) await this.rules.assertSees(view, viewer);
    await this.orm.transaction((tx) => this.associate(tx, workspaceId, viewer, views));
  }

  /** Those that are not there are skipped. @throws RecordNotFound; AccessDenied by rule *edit* */
  async remove(
    workspaceId: number,
    viewer: Viewer,
    attributes: Attributes<DatasetIdsBody>,
  ): Promise<void> {
    this.workspaces.assertCanEdit(viewer, await this.workspaces.standing(workspaceId, viewer));
    await this.delete(workspaceId, viewer, idsOf(attributes));
  }

  /** @throws RecordNotFound also when the workspace does not use it */
  async removeOne(workspaceId: number, id: number, viewer: Viewer): Promise<void> {
    this.workspaces.assertCanEdit(viewer, await this.workspaces.standing(workspaceId, viewer));
    if ((await this.delete(workspaceId, viewer, [id])) === 0) throw new RecordNotFound();
  }

  private async associate(
    tx: EntityManager,
    workspaceId: number,
    viewer: Viewer,
    views: readonly DatasetView[],
  ): Promise<void> {
    const workspace = await lock(tx, workspaceId);
    assertTakes(viewer, await this.workspaces.standingIn(tx, workspaceId, viewer));
    if (workspace.archived) throw new ValidationFailed({ dataset: { ARCHIVED: null } });
    const datasets = views.map(({ dataset }) => dataset);
    if (datasets.some((dataset) => !isSource(dataset)))
      throw new ValidationFailed({ dataset: { INVALID_TYPE: {} } });
    const wanted = datasets
      .filter(({ schemaId }) => schemaId !== workspace.sandboxId)
      .map(({ id }) => id);
    const added = await tx.query<{ id: number }[]>(ASSOCIATE, [workspaceId, wanted]);
    if (added.length === 0 && datasets.length === 1)
      throw new ValidationFailed({
        dataset: { ALREADY_ASSOCIATED: { workspace_name: workspace.name } },
      });
    if (added.length === 0) return;
    await tx.query(TOUCH, [workspaceId]);
    for (const { id } of added)
      await recordActivity(tx, {
        action: 'SourceTableCreated',
        actorId: viewer.id,
        workspaceId,
        targets: [
          { type: 'dataset', id },
          { type: 'workspace', id: workspaceId },
        ],
      });
  }

  private async delete(
    workspaceId: number,
    viewer: Viewer,
    ids: readonly number[],
  ): Promise<number> {
    return this.orm.transaction(async (tx) => {
      await this.workspaces.holdEditable(tx, workspaceId, viewer, 'NO KEY UPDATE');
      const [removed] = await tx.query<[unknown[], number]>(REMOVE, [workspaceId, ids]);
      if (removed.length > 0) await tx.query(TOUCH, [workspaceId]);
      return removed.length;
    });
  }
}

/** That it is archived is an error of its own. @throws AccessDenied by rule *edit* */
function assertTakes(viewer: Viewer, standing: WorkspaceStanding): void {
  if (!canEdit(viewer, { ...standing, archived: false })) throw new AccessDenied();
}

/** @throws RecordNotFound */
async function lock(tx: EntityManager, workspaceId: number): Promise<LockedWorkspace> {
  const [workspace] = await tx.query<LockedWorkspace[]>(LOCK, [workspaceId]);
  if (workspace === undefined) throw new RecordNotFound();
  return workspace;
}

function isSource({ kind }: Dataset): boolean {
  return kind === 'table' || kind === 'view';
}

/** What cannot be an id names no dataset. @throws ValidationFailed, RecordNotFound */
function idsOf(attributes: Attributes<DatasetIdsBody>): number[] {
  const ids = attributes.checked().dataset_ids.map((one) => {
    const id =
      typeof one === 'string' && /^\d{1,10}$/.test(one) ? Number(one) : (one as number | null);
    if (!Number.isInteger(id) || Number(id) < 1 || Number(id) > LARGEST_ID)
      throw new RecordNotFound();
    return Number(id);
  });
  return [...new Set(ids)];
}
