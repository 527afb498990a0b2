import type { WorkfileKind } from './workfile.entity.js';
import type { WorkspaceStanding } from '../workspaces/workspace-access.js';

/** What authorization needs to know of a workfile. */
export interface WorkfileAccess extends WorkspaceStanding {
  readonly id: number;
  readonly kind: WorkfileKind;
  readonly workspaceId: number;
  readonly fileName: string;
  readonly fileType: string;
}
