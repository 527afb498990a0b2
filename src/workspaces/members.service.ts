import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Viewer } from '../access/viewer.js';
import {
  AccessDenied,
  NotAuthenticated,
  RecordNotFound,
  ValidationFailed,
} from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import { lockWorkspace } from './locked-workspace.js';
import { DEFAULT_ROLE } from './member-roles.js';
import { readWantedMembers, type WantedMembers } from './wanted-members.js';
import { canSee, canSetMembers, type WorkspaceStanding } from './workspace-access.js';
import { STANDING_COLUMNS } from './workspaces.service.js';

export interface Member {
  readonly person: Person;
  readonly role: string;
}

interface Row extends Record<string, unknown> {
  readonly standing: WorkspaceStanding;
  readonly records: string;
  readonly items: readonly { readonly person: PersonJson; readonly role: string }[];
}

const MEMBERS = `FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE m.workspace_id = $1 AND u.deleted_at IS NULL`;
const LIST = {
  name: 'workspace-members',
  text: `SELECT (SELECT row_to_json(rights) FROM (SELECT ${STANDING_COLUMNS}) rights) AS standing,
      (SELECT count(*) ${MEMBERS}) AS records,
      (SELECT coalesce(json_agg(json_build_object('person', ${personJson('part.user_id')}, 'role', part.role)
          ORDER BY part.key, part.user_id), '[]')
        FROM (SELECT m.user_id, m.role, lower(u.first_name) AS key ${MEMBERS}
          ORDER BY key, m.user_id LIMIT $3 OFFSET $4) part) AS items
    FROM workspaces ws WHERE ws.id = $1 AND ws.deleted_at IS NULL`,
};

/** Who belongs to a workspace (chorus-api.md 8.6). */
@Injectable()
export class Members {
  constructor(private readonly orm: OrmDataSource) {}

  /** By first name without case, then id. @throws RecordNotFound; AccessDenied by rule *see* */
  async list(workspaceId: number, viewer: Viewer, page: Page): Promise<Paged<Member>> {
    const row = await this.read(workspaceId, viewer, page.perPage, (page.page - 1) * page.perPage);
    if (!canSee(viewer, row.standing)) throw new AccessDenied();
    return { items: row.items.map(memberOf), records: Number(row.records), page };
  }

  /**
   * Replaces the list.
   * @param body the request's, read once it is known who asks
   * @returns all of them, as nobody else has changed them yet
   * @throws RecordNotFound for workspace or user; AccessDenied; ValidationFailed, without the owner above all
   */
  async set(workspaceId: number, viewer: Viewer, body: unknown): Promise<Member[]> {
    return this.orm.transaction(async (tx) => {
      const { standing, role } = await lockWorkspace(tx, workspaceId, viewer);
      if (!canSetMembers(viewer, standing, role)) throw new AccessDenied();
      const wanted = readWantedMembers(body);
      if (!wanted.has(standing.ownerId))
        throw new ValidationFailed({ owner: { 'OWNER MUST BE A MEMBER': null } });
      await assertLive(tx, [...wanted.keys()], viewer);
      const added = await replace(tx, workspaceId, wanted);
      await recordAdded(tx, workspaceId, viewer, added);
      const [row] = await tx.query<Row[]>(LIST.text, [workspaceId, viewer.id, null, 0]);
      return row?.items.map(memberOf) ?? [];
    });
  }

  private async read(
    workspaceId: number,
    viewer: Viewer,
    limit: number,
    offset: number,
  ): Promise<Row> {
    const [row] = await queryPrepared<Row>(this.orm, LIST, [workspaceId, viewer.id, limit, offset]);
    if (row === undefined) throw new RecordNotFound();
    return row;
  }
}

function memberOf({ person, role }: Row['items'][number]): Member {
  return { person: personOf(person), role };
}

/** Whoever deletes one of them at this moment waits, and then finds the new membership. @throws RecordNotFound, NotAuthenticated */
async function assertLive(
  tx: EntityManager,
  ids: readonly number[],
  viewer: Viewer,
): Promise<void> {
  const rows = await tx.query<{ id: number }[]>(
    'SELECT id FROM users WHERE id = ANY ($1::int[]) AND deleted_at IS NULL ORDER BY id FOR SHARE',
    [[...ids, viewer.id]],
  );
  const live = new Set(rows.map(({ id }) => id));
  // He is named behind the change, and whoever deletes him locks him before his memberships.
  if (!live.has(viewer.id)) throw new NotAuthenticated();
  if (!ids.every((id) => live.has(id))) throw new RecordNotFound();
}

/** One entry however many there are; none when nobody is new. */
async function recordAdded(
  tx: EntityManager,
  workspaceId: number,
  viewer: Viewer,
  added: readonly number[],
): Promise<void> {
  const [first] = added;
  if (first === undefined) return;
  await recordActivity(tx, {
    action: 'MembersAdded',
    actorId: viewer.id,
    workspaceId,
    targets: [
      { type: 'user', id: first },
      { type: 'workspace', id: workspaceId },
    ],
    data: { num_added: added.length },
  });
}

/** @returns who was none before, in the order of the list */
async function replace(
  tx: EntityManager,
  workspaceId: number,
  wanted: WantedMembers,
): Promise<number[]> {
  const ids = [...wanted.keys()];
  const roles = [...wanted.values()];
  await tx.query('DELETE FROM memberships WHERE workspace_id = $1 AND user_id <> ALL ($2::int[])', [
    workspaceId,
    ids,
  ]);
  await tx.query(
    `UPDATE memberships m SET role = wanted.role, updated_at = now()
     FROM unnest($2::int[], $3::text[]) AS wanted (user_id, role)
     WHERE m.workspace_id = $1 AND m.user_id = wanted.user_id AND m.role <> wanted.role`,
    [workspaceId, ids, roles],
  );
  const added = await tx.query<{ user_id: number }[]>(
    `INSERT INTO memberships (workspace_id, user_id, role)
     SELECT $1, user_id, coalesce(role, $4)
     FROM unnest($2::int[], $3::text[]) WITH ORDINALITY AS wanted (user_id, role, i) ORDER BY i
     ON CONFLICT DO NOTHING RETURNING user_id`,
    [workspaceId, ids, roles, DEFAULT_ROLE],
  );
  await tx.query(
    'UPDATE workspaces SET has_added_member = true, updated_at = now() WHERE id = $1',
    [workspaceId],
  );
  return added.map(({ user_id }) => user_id);
}
