import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Asking } from '../access/asking.js';
import { RunningWork, type StoppedWork } from '../access/running-work.js';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, type FieldErrors, ValidationFailed } from '../common/errors/domain-error.js';
import { LARGEST_ID } from '../common/http/attribute-rules.js';
import type { Attributes } from '../common/http/attributes.js';
import { violates } from '../common/sql/violation.js';
import { assertStillThere } from '../users/still-there.js';
import type { NewWorkspaceDto, WorkspaceChangesDto } from './dto/workspace-attributes.dto.js';
import { lockWorkspace, type LockedWorkspace } from './locked-workspace.js';
import { PROJECT_MANAGER } from './member-roles.js';
import { Membership } from './membership.entity.js';
import { canEdit, canManage, canRename } from './workspace-access.js';
import {
  activitiesOf,
  type Attribute,
  columnsOf,
  differences,
  MEMBERS_ATTRIBUTES,
  STATUS,
} from './workspace-differences.js';
import { Workspace } from './workspace.entity.js';

const OWNER_NOT_A_MEMBER: FieldErrors = { owner: { 'OWNER MUST BE A MEMBER': null } };

/** Creates and changes workspaces (chorus-api.md 8.2, 8.4). */
@Injectable()
export class WorkspaceChanges {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly running: RunningWork,
  ) {}

  /** The creator becomes owner and member. @returns the new workspace's id @throws ValidationFailed */
  async create(attributes: Attributes<NewWorkspaceDto>, creator: Viewer): Promise<number> {
    return this.named(async (tx) => {
      const stage = await stageOf(tx, attributes.sent.workspace_stage_id);
      const wanted = attributes.checked({
        ...(await taken(tx, attributes.sent.name, null)),
        ...stage.problems,
      });
      // Whoever deletes the creator at this moment waits, and then finds him owning a workspace.
      await assertStillThere(tx, creator);
      const id = await insert(tx, { ...wanted, ...stage.attributes }, creator.id);
      await tx.insert(Membership, { workspaceId: id, userId: creator.id, role: PROJECT_MANAGER });
      await recordActivity(tx, {
        action: wanted.public === true ? 'PublicWorkspaceCreated' : 'PrivateWorkspaceCreated',
        actorId: creator.id,
        workspaceId: id,
        targets: [{ type: 'workspace', id }],
      });
      return id;
    });
  }

  /**
   * Changes what is given and different; a whole document may be sent back. Members may change name and summary, in a
   * workspace that is not archived. Archiving stops what runs, once nothing more can be started.
   * @returns what was stopped
   * @throws RecordNotFound; AccessDenied when any difference is not for the sender to make; ValidationFailed
   */
  async update(
    id: number,
    attributes: Attributes<WorkspaceChangesDto>,
    asking: Asking,
  ): Promise<readonly StoppedWork[]> {
    const { viewer, requestId, address } = asking;
    const name = await this.named(async (tx) => {
      const locked = await lockWorkspace(tx, id, viewer);
      const { workspace_stage_id } = attributes.sent;
      const stage = await stageOf(tx, workspace_stage_id, locked.workspace.workspaceStageId);
      const sent = { ...attributes.sent, ...stage.attributes };
      const changed = differences(sent, locked);
      assertMayChange(viewer, locked, changed);
      const findings = await this.findings(tx, locked, changed, sent);
      const wanted = attributes.checked({ ...findings, ...stage.problems });
      await apply(tx, locked, changed, { ...wanted, ...stage.attributes }, viewer.id);
      return wanted.name ?? locked.workspace.name;
    });
    // Also when it was archived before: somebody who asks again may find what a broken answer left.
    if (attributes.sent.archived !== true) return [];
    const reason = `workspace ${name} was archived`;
    return this.running.stop(
      { workspaceId: id },
      { userId: viewer.id, reason, requestId, address },
    );
  }

  /** @throws RecordNotFound; AccessDenied by rule *edit* */
  async dismissQuickstart(id: number, viewer: Viewer): Promise<void> {
    await this.orm.transaction(async (tx) => {
      const { standing } = await lockWorkspace(tx, id, viewer);
      if (!canEdit(viewer, standing)) throw new AccessDenied();
      await tx.query(
        `UPDATE workspaces SET has_added_member = true, has_added_workfile = true, has_added_sandbox = true,
           has_changed_settings = true, updated_at = now() WHERE id = $1`,
        [id],
      );
    });
  }

  /** What only the database can say is wrong. */
  private async findings(
    tx: EntityManager,
    { workspace }: LockedWorkspace,
    changed: readonly Attribute[],
    sent: Partial<WorkspaceChangesDto>,
  ): Promise<FieldErrors> {
    const reason = changed.includes('project_status_reason')
      ? sent.project_status_reason
      : workspace.projectStatusReason;
    const statusChanged = changed.some((name) => STATUS.includes(name));
    return {
      ...(changed.includes('name') && (await taken(tx, sent.name, workspace.id))),
      ...(changed.includes('owner_id') && (await noMember(tx, workspace.id, sent.owner_id))),
      ...(statusChanged && isBlank(reason) && { reason: { BLANK: {} } }),
    };
  }

  /** A transaction in which the name may turn out to be taken in the meantime. */
  private async named<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.orm.transaction(work);
    } catch (error) {
      if (violates(error, 'workspaces_name_key'))
        throw new ValidationFailed({ name: { TAKEN: {} } });
      throw error;
    }
  }
}

function assertMayChange(
  viewer: Viewer,
  { standing }: LockedWorkspace,
  changed: readonly Attribute[],
): void {
  if (canManage(viewer, standing)) return;
  const within = changed.every((name) => MEMBERS_ATTRIBUTES.includes(name));
  if (!canRename(viewer, standing) || !within) throw new AccessDenied();
}

async function insert(
  tx: EntityManager,
  wanted: NewWorkspaceDto,
  ownerId: number,
): Promise<number> {
  const [created] = await tx.query<{ id: number }[]>(
    `INSERT INTO workspaces (name, summary, public, owner_id, is_project, project_status, project_status_reason,
       project_target_date, workspace_stage_id, show_sandbox_datasets, has_changed_settings)
     VALUES ($1, $2, $3, $4, coalesce($5, true), coalesce($6, 'on_track'), $7, $8,
       coalesce($9, (SELECT id FROM workspace_stages WHERE is_default)), coalesce($10, true), coalesce($11, false))
     RETURNING id`,
    [
      wanted.name,
      wanted.summary ?? null,
      wanted.public === true,
      ownerId,
      wanted.is_project ?? null,
      wanted.project_status ?? null,
      wanted.project_status_reason ?? null,
      wanted.project_target_date ?? null,
      wanted.workspace_stage_id ?? null,
      wanted.show_sandbox_datasets ?? null,
      wanted.has_changed_settings ?? null,
    ],
  );
  return created?.id ?? 0;
}

async function apply(
  tx: EntityManager,
  { workspace }: LockedWorkspace,
  changed: readonly Attribute[],
  wanted: WorkspaceChangesDto,
  changerId: number,
): Promise<void> {
  if (changed.length === 0) return;
  const { id } = workspace;
  const columns = columnsOf(changed, wanted, changerId);
  await tx.update(Workspace, { id }, { ...columns, updatedAt: () => 'now()' });
  for (const activity of activitiesOf(changed, workspace, { ...workspace, ...columns }))
    await recordActivity(tx, {
      ...activity,
      actorId: changerId,
      workspaceId: id,
      targets: [{ type: 'workspace', id }],
    });
}

/** What is wrong with a name that another workspace has. */
async function taken(
  tx: EntityManager,
  name: unknown,
  exceptId: number | null,
): Promise<FieldErrors> {
  if (typeof name !== 'string') return {};
  const rows = await tx.query<unknown[]>(
    'SELECT FROM workspaces WHERE lower(name) = lower($1) AND deleted_at IS NULL AND id IS DISTINCT FROM $2',
    [name, exceptId],
  );
  return rows.length === 0 ? {} : { name: { TAKEN: {} } };
}

/**
 * A stage by the id that it has here. An id that is none is taken as a number in the order of the stages: clients know
 * them as 1 to 5 (client-expectations.md 3), and the first one has another id beside demo data.
 */
async function stageOf(
  tx: EntityManager,
  sent: unknown,
  present: number | null = null,
): Promise<{ attributes: { workspace_stage_id?: number }; problems: FieldErrors }> {
  if (!isId(sent) || sent === present) return { attributes: {}, problems: {} };
  const [stage] = await tx.query<{ id: number }[]>(
    'SELECT id FROM workspace_stages WHERE id = $1 OR position = $1 - 1 ORDER BY id = $1 DESC LIMIT 1',
    [sent],
  );
  return stage === undefined
    ? { attributes: {}, problems: { workspace_stage: { INVALID: {} } } }
    : { attributes: { workspace_stage_id: stage.id }, problems: {} };
}

/** A new owner is a member who is there to stay: whoever deletes him waits, and then finds him owning it. */
async function noMember(tx: EntityManager, workspaceId: number, id: unknown): Promise<FieldErrors> {
  if (!isId(id)) return {};
  const rows = await tx.query<unknown[]>(
    `SELECT FROM users u JOIN memberships m ON m.user_id = u.id
     WHERE m.workspace_id = $1 AND u.id = $2 AND u.deleted_at IS NULL FOR SHARE OF u`,
    [workspaceId, id],
  );
  return rows.length > 0 ? {} : OWNER_NOT_A_MEMBER;
}

/** What is none is named as such already. */
function isId(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= LARGEST_ID;
}

function isBlank(text: unknown): boolean {
  return typeof text !== 'string' || text.trim() === '';
}
