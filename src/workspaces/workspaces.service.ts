import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { holdWorkspace } from './locked-workspace.js';
import { canEdit, canManage, canSee, type WorkspaceStanding } from './workspace-access.js';
import { standingOf } from './workspace.serializer.js';
import {
  workspaceJson,
  type WorkspaceView,
  type WorkspaceViewJson,
  workspaceViewOf,
} from './workspace-view.js';

/** SQL of what decides the rights of user `$2` in workspace `ws`, as columns of `WorkspaceStanding`. */
export const STANDING_COLUMNS = `ws.owner_id AS "ownerId", ws.public, ws.archived_at IS NOT NULL AS archived,
  EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isMember"`;

const STANDING = {
  name: 'workspace-rights',
  text: `SELECT ${STANDING_COLUMNS} FROM workspaces ws WHERE ws.id = $1 AND ws.deleted_at IS NULL`,
};
const view = (name: string, withTalk: boolean) => ({
  name,
  text: `SELECT ${workspaceJson('$2::int', withTalk)} AS workspace FROM workspaces ws
    WHERE ws.id = $1 AND ws.deleted_at IS NULL`,
});
const VIEW = view('workspace-view', false);
const VIEW_WITH_TALK = view('workspace-view-with-talk', true);

/** Single workspaces, and who may do what in them, as errors. */
@Injectable()
export class WorkspacesService {
  constructor(private readonly orm: OrmDataSource) {}

  /** @throws RecordNotFound; AccessDenied by rule *see* */
  async show(id: number, viewer: Viewer, { withTalk = false } = {}): Promise<WorkspaceView> {
    const view = await this.view(id, viewer, withTalk);
    this.assertCanSee(viewer, standingOf(view));
    return view;
  }

  /** For somebody who was found to have a right in it. @throws RecordNotFound */
  async view(id: number, viewer: Viewer, withTalk = false): Promise<WorkspaceView> {
    const [row] = await queryPrepared<{ workspace: WorkspaceViewJson }>(
      this.orm,
      withTalk ? VIEW_WITH_TALK : VIEW,
      [id, viewer.id],
    );
    if (row === undefined) throw new RecordNotFound();
    return workspaceViewOf(row.workspace);
  }

  /** @throws RecordNotFound */
  async standing(id: number, viewer: Viewer): Promise<WorkspaceStanding> {
    const [standing] = await queryPrepared<WorkspaceStanding & Record<string, unknown>>(
      this.orm,
      STANDING,
      [id, viewer.id],
    );
    if (standing === undefined) throw new RecordNotFound();
    return standing;
  }

  /**
   * For a transaction that changes something in it: judged behind its first lock, and good until its end.
   * @throws RecordNotFound; AccessDenied by rule *edit*
   */
  async holdEditable(
    tx: EntityManager,
    id: number,
    viewer: Viewer,
    strength: 'NO KEY UPDATE' | 'SHARE' = 'SHARE',
  ): Promise<void> {
    await holdWorkspace(tx, id, strength);
    this.assertCanEdit(viewer, await this.standingIn(tx, id, viewer));
  }

  /** As this transaction sees it. @throws RecordNotFound */
  async standingIn(tx: EntityManager, id: number, viewer: Viewer): Promise<WorkspaceStanding> {
    const [standing] = await tx.query<WorkspaceStanding[]>(STANDING.text, [id, viewer.id]);
    if (standing === undefined) throw new RecordNotFound();
    return standing;
  }

  /** @throws AccessDenied by rule *see* (chorus-api.md 4.2) */
  assertCanSee(viewer: Viewer, workspace: WorkspaceStanding): void {
    if (!canSee(viewer, workspace)) throw new AccessDenied();
  }

  /** @throws AccessDenied by rule *edit* (chorus-api.md 4.2) */
  assertCanEdit(viewer: Viewer, workspace: WorkspaceStanding): void {
    if (!canEdit(viewer, workspace)) throw new AccessDenied();
  }

  /** @throws AccessDenied to all but owner and administrators */
  assertCanManage(viewer: Viewer, workspace: WorkspaceStanding): void {
    if (!canManage(viewer, workspace)) throw new AccessDenied();
  }
}
