import { Injectable } from '@nestjs/common';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied } from '../common/errors/domain-error.js';
import { canEdit, canSee, type WorkspaceStanding } from './workspace-access.js';

/** Who may do what in a workspace, as errors. */
@Injectable()
export class WorkspacesService {
  /** @throws AccessDenied by rule *see* (chorus-api.md 4.2) */
  assertCanSee(viewer: Viewer, workspace: WorkspaceStanding): void {
    if (!canSee(viewer, workspace)) throw new AccessDenied();
  }

  /** @throws AccessDenied by rule *edit* (chorus-api.md 4.2) */
  assertCanEdit(viewer: Viewer, workspace: WorkspaceStanding): void {
    if (!canEdit(viewer, workspace)) throw new AccessDenied();
  }
}
