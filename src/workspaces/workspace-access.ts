import type { Viewer } from '../access/viewer.js';
import { PROJECT_MANAGER } from './member-roles.js';

/** What decides who may do what in a workspace (chorus-api.md 4.1). */
export interface WorkspaceStanding {
  readonly ownerId: number;
  readonly isMember: boolean;
  readonly public: boolean;
  readonly archived: boolean;
}

/** Rule *see*: administrators, owner, members; everybody when it is public. */
export function canSee(viewer: Viewer, workspace: WorkspaceStanding): boolean {
  return viewer.isAdmin || belongs(viewer, workspace) || workspace.public;
}

/** Rule *edit*: administrators; owner and members while the workspace is not archived. */
export function canEdit(viewer: Viewer, workspace: WorkspaceStanding): boolean {
  return viewer.isAdmin || (belongs(viewer, workspace) && !workspace.archived);
}

/** Owner and administrators: settings, deletion, whose workspace it is. */
export function canManage(viewer: Viewer, workspace: WorkspaceStanding): boolean {
  return viewer.isAdmin || viewer.id === workspace.ownerId;
}

/** Who may change its name and summary: whoever may manage it, and members while it is not archived. */
export function canRename(viewer: Viewer, workspace: WorkspaceStanding): boolean {
  return canManage(viewer, workspace) || canEdit(viewer, workspace);
}

/** @param role of the viewer as a member; null: none */
export function canSetMembers(
  viewer: Viewer,
  workspace: WorkspaceStanding,
  role: string | null,
): boolean {
  const leads = role === PROJECT_MANAGER && workspace.isMember && !workspace.archived;
  return canManage(viewer, workspace) || leads;
}

const CREATORS = ['analytics_developer', 'data_analyst'];

/** The `permission` list a workspace prints for its viewer (chorus-api.md 4.4). */
export function permissionsOf(viewer: Viewer, workspace: WorkspaceStanding): string[] {
  const mayCreate = workspace.isMember && CREATORS.includes(viewer.userType);
  return [...basicPermissions(viewer, workspace), ...(mayCreate ? ['create_workflow'] : [])];
}

function basicPermissions(viewer: Viewer, workspace: WorkspaceStanding): string[] {
  if (viewer.isAdmin || viewer.id === workspace.ownerId) return ['admin'];
  if (workspace.isMember) return ['read', 'commenting', 'update', 'duplicate_chorus_view'];
  return workspace.public ? ['read', 'commenting'] : [];
}

function belongs(viewer: Viewer, { ownerId, isMember }: WorkspaceStanding): boolean {
  return isMember || viewer.id === ownerId;
}
