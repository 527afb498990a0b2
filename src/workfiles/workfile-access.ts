import type { WorkfileKind } from './workfile.entity.js';
import type { WorkspaceStanding } from '../workspaces/workspace-access.js';

/** What authorization needs to know, in one small statement: a stop must not wait for the wide one. */
export interface WorkfileAccess extends WorkspaceStanding {
  readonly id: number;
  readonly kind: WorkfileKind;
  readonly workspaceId: number;
  readonly fileName: string;
  readonly fileType: string;
}

/** $1 workfile, $2 viewer; nothing for a deleted workfile or one of a deleted workspace. */
export const WORKFILE_ACCESS = {
  name: 'workfile-access',
  text: `SELECT wf.id, wf.kind, wf.workspace_id AS "workspaceId", wf.file_name AS "fileName",
      wf.file_type AS "fileType", ws.owner_id AS "ownerId", ws.public, ws.archived_at IS NOT NULL AS archived,
      EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isMember"
    FROM workfiles wf JOIN workspaces ws ON ws.id = wf.workspace_id
    WHERE wf.id = $1 AND wf.deleted_at IS NULL AND ws.deleted_at IS NULL`,
};
