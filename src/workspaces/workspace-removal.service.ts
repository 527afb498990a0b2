import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Asking } from '../access/asking.js';
import { RunningWork, type StoppedWork } from '../access/running-work.js';
import { AccessDenied, ValidationFailed } from '../common/errors/domain-error.js';
import { lockWorkspace } from './locked-workspace.js';
import { canManage } from './workspace-access.js';

/** What goes with a workspace; members, events, notes and comments stay on record (entities.md 11.5). */
const CONTENT = [
  'UPDATE workfiles SET deleted_at = now() WHERE workspace_id = $1 AND deleted_at IS NULL',
  'UPDATE datasets SET deleted_at = now() WHERE workspace_id = $1 AND deleted_at IS NULL',
  'DELETE FROM associated_datasets WHERE workspace_id = $1',
  'DELETE FROM milestones WHERE workspace_id = $1',
];

/** Deletes workspaces with what is in them (chorus-api.md 8.5). */
@Injectable()
export class WorkspaceRemoval {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly running: RunningWork,
  ) {}

  /**
   * What runs is stopped once nothing more can be started.
   * @returns what was stopped
   * @throws RecordNotFound; AccessDenied to all but owner and administrators; ValidationFailed
   */
  async remove(id: number, asking: Asking): Promise<readonly StoppedWork[]> {
    const { viewer, requestId, address } = asking;
    const name = await this.orm.transaction((tx) => markDeleted(tx, id, asking));
    const reason = `workspace ${name} was deleted`;
    return this.running.stop(
      { workspaceId: id },
      { userId: viewer.id, reason, requestId, address },
    );
  }
}

async function markDeleted(tx: EntityManager, id: number, { viewer }: Asking): Promise<string> {
  const { workspace, standing } = await lockWorkspace(tx, id, viewer);
  if (!canManage(viewer, standing)) throw new AccessDenied();
  const published = await tx.query<unknown[]>(
    `SELECT FROM workfiles WHERE workspace_id = $1 AND kind = 'published_worklet' AND deleted_at IS NULL LIMIT 1`,
    [id],
  );
  if (published.length > 0)
    throw new ValidationFailed({ workfile: { PUBLISHED_WORKLET_ASSOCIATED: {} } });
  for (const statement of CONTENT) await tx.query(statement, [id]);
  await tx.query('UPDATE workspaces SET deleted_at = now(), updated_at = now() WHERE id = $1', [
    id,
  ]);
  await recordActivity(tx, {
    action: 'WorkspaceDeleted',
    actorId: viewer.id,
    workspaceId: id,
    targets: [{ type: 'workspace', id }],
  });
  return workspace.name;
}
