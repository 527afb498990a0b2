import type { EntityManager } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { entityJson, entityOf } from '../common/sql/entity-json.js';
import type { WorkspaceStanding } from './workspace-access.js';
import { Workspace } from './workspace.entity.js';

/** A workspace that nobody else changes until the transaction ends, with what decides the viewer's rights in it. */
export interface LockedWorkspace {
  readonly workspace: Workspace;
  readonly standing: WorkspaceStanding;
  /** The viewer's role as a member; null: none. */
  readonly role: string | null;
  /** `YYYY-MM-DD`, as it is printed. */
  readonly targetDate: string | null;
}

/**
 * Always the first lock of a transaction that changes something in a workspace. A statement of its own: one that waits for
 * the row finds everything else, memberships too, as it was before the wait.
 * @param strength SHARE: others may have it as well, and nobody changes it
 * @throws RecordNotFound
 */
export async function holdWorkspace(
  tx: EntityManager,
  id: number,
  strength: 'NO KEY UPDATE' | 'SHARE',
): Promise<void> {
  const held = await tx.query<unknown[]>(
    `SELECT FROM workspaces WHERE id = $1 AND deleted_at IS NULL FOR ${strength}`,
    [id],
  );
  if (held.length === 0) throw new RecordNotFound();
}

/** Takes it, and then reads it. @throws RecordNotFound */
export async function lockWorkspace(
  tx: EntityManager,
  id: number,
  viewer: Viewer,
): Promise<LockedWorkspace> {
  await holdWorkspace(tx, id, 'NO KEY UPDATE');
  const [row] = await tx.query<
    { workspace: object; role: string | null; target_date: string | null }[]
  >(
    `SELECT ${entityJson(Workspace, 'ws')} AS workspace,
       (SELECT m.role FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS role,
       coalesce((SELECT max(goal.target_date) FROM milestones goal WHERE goal.workspace_id = ws.id),
         ws.project_target_date)::text AS target_date
     FROM workspaces ws WHERE ws.id = $1`,
    [id, viewer.id],
  );
  if (row === undefined) throw new RecordNotFound();
  const workspace = entityOf(Workspace, row.workspace);
  return {
    workspace,
    standing: {
      ownerId: workspace.ownerId,
      isMember: row.role !== null,
      public: workspace.public,
      archived: workspace.archivedAt !== null,
    },
    role: row.role,
    targetDate: row.target_date,
  };
}
