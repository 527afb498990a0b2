import type { Activity } from '../access/activities.js';
import { safeHtml } from '../common/wire/html.js';
import type { WorkspaceChangesDto } from './dto/workspace-attributes.dto.js';
import type { Workspace } from './workspace.entity.js';

export type Attribute = keyof WorkspaceChangesDto;

/** What members may change besides owner and administrators (chorus-api.md 4.3). */
export const MEMBERS_ATTRIBUTES: readonly Attribute[] = ['name', 'summary'];

/** A workspace as far as somebody may write it, in the words of the wire. */
export interface WrittenWorkspace {
  readonly workspace: Workspace;
  /** `YYYY-MM-DD`, as it is printed: of the latest milestone, if there is one. */
  readonly targetDate: string | null;
}

/**
 * Which of the attributes sent say something new. Clients send back whole documents, in which most say what is so already,
 * in the form in which it was printed. Values need not be valid.
 */
export function differences(
  sent: Partial<WorkspaceChangesDto>,
  written: WrittenWorkspace,
): Attribute[] {
  const now = valuesOf(written);
  return (Object.keys(now) as Attribute[]).filter((name) => {
    const value = sent[name];
    if (value === undefined || value === now[name]) return false;
    if (ONLY_SET.has(name)) return value !== false && value !== null;
    if (value === null) return NULLABLE.has(name);
    return !(name === 'summary' && value === safeHtml(now.summary ?? null));
  });
}

const ONLY_SET = new Set<Attribute>(['has_added_member', 'has_changed_settings']);
const NULLABLE = new Set<Attribute>(['summary', 'project_status_reason', 'project_target_date']);

function valuesOf({ workspace, targetDate }: WrittenWorkspace): Required<WorkspaceChangesDto> {
  return {
    name: workspace.name,
    summary: workspace.summary,
    public: workspace.public,
    archived: workspace.archivedAt !== null,
    owner_id: workspace.ownerId,
    is_project: workspace.isProject,
    project_status: workspace.projectStatus as Required<WorkspaceChangesDto>['project_status'],
    project_status_reason: workspace.projectStatusReason,
    project_target_date: targetDate,
    workspace_stage_id: workspace.workspaceStageId,
    show_sandbox_datasets: workspace.showSandboxDatasets,
    has_added_member: workspace.hasAddedMember,
    has_changed_settings: workspace.hasChangedSettings,
  };
}

/** The changes as columns. */
export function columnsOf(
  changed: readonly Attribute[],
  wanted: WorkspaceChangesDto,
  changerId: number,
): Partial<Workspace> {
  const all: { readonly [name in Attribute]: Partial<Workspace> } = {
    name: { name: wanted.name ?? '' },
    summary: { summary: wanted.summary ?? null },
    public: { public: wanted.public === true },
    archived:
      wanted.archived === true
        ? { archivedAt: new Date(), archiverId: changerId }
        : { archivedAt: null, archiverId: null },
    owner_id: { ownerId: wanted.owner_id ?? 0 },
    is_project: { isProject: wanted.is_project === true },
    project_status: { projectStatus: wanted.project_status ?? '' },
    project_status_reason: { projectStatusReason: wanted.project_status_reason ?? null },
    project_target_date: { projectTargetDate: wanted.project_target_date ?? null },
    workspace_stage_id: { workspaceStageId: wanted.workspace_stage_id ?? null },
    show_sandbox_datasets: { showSandboxDatasets: wanted.show_sandbox_datasets === true },
    has_added_member: { hasAddedMember: true },
    has_changed_settings: { hasChangedSettings: true },
  };
  return Object.assign({}, ...changed.map((name) => all[name])) as Partial<Workspace>;
}

/** What goes on record of the changes (chorus-api.md 8.4). */
export function activitiesOf(
  changed: readonly Attribute[],
  before: Workspace,
  after: Workspace,
): Pick<Activity, 'action' | 'data'>[] {
  const all: { readonly [name in Attribute]?: Pick<Activity, 'action' | 'data'> } = {
    name: { action: 'WorkspaceChangeName', data: { workspace_old_name: before.name } },
    public: { action: after.public ? 'WorkspaceMakePublic' : 'WorkspaceMakePrivate' },
    archived: { action: after.archivedAt ? 'WorkspaceArchived' : 'WorkspaceUnarchived' },
    show_sandbox_datasets: {
      action: after.showSandboxDatasets
        ? 'WorkspaceToShowSandboxDatasets'
        : 'WorkspaceToNoLongerShowSandboxDatasets',
    },
  };
  const statusChanged = changed.some((name) => STATUS.includes(name));
  const status = { status: after.projectStatus, reason: after.projectStatusReason };
  return [
    ...changed.flatMap((name) => all[name] ?? []),
    ...(statusChanged ? [{ action: 'ProjectStatusChanged', data: status }] : []),
  ];
}

/** A change of either is a change of status, which needs a reason. */
export const STATUS: readonly Attribute[] = ['project_status', 'project_status_reason'];
