import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import {
  workspaceJson,
  type WorkspaceView,
  type WorkspaceViewJson,
  workspaceViewOf,
} from './workspace-view.js';

export interface WorkspaceFilter {
  /** Without archived ones. */
  readonly active: boolean;
  /** Only those of which this user is a member; null: all. */
  readonly memberId: number | null;
  /** The ten with most events, the most active first, instead of all by name. */
  readonly mostActive: boolean;
  readonly withTalk: boolean;
}

interface Row extends Record<string, unknown> {
  readonly records: string;
  readonly known: boolean;
  readonly items: readonly WorkspaceViewJson[];
}

const MOST_ACTIVE = 10;
const LIVE = `ws.deleted_at IS NULL AND NOT ($2 AND ws.archived_at IS NOT NULL)`;
const OF = (
  user: string,
) => `ws.id = ANY (ARRAY(SELECT m.workspace_id FROM memberships m WHERE m.user_id = ${user}
  UNION SELECT own.id FROM workspaces own WHERE own.owner_id = ${user}))`;
const MEMBER_OF = `ws.id = ANY (ARRAY(SELECT m.workspace_id FROM memberships m WHERE m.user_id = $3))`;

/**
 * SQL of the workspaces to list: `id` and `key`, their place in the order. $1 viewer, $2 active, $3 member. Public ones
 * and one's own are two parts, so that each is found by an index of its own.
 */
function listed({ isAdmin }: Viewer, { memberId }: WorkspaceFilter): string {
  const filter = memberId === null ? LIVE : `${LIVE} AND ${MEMBER_OF}`;
  const all = `SELECT ws.id, lower(ws.name) AS key FROM workspaces ws WHERE ${filter}`;
  return isAdmin ? all : `${all} AND ws.public UNION ALL ${all} AND NOT ws.public AND ${OF('$1')}`;
}

/** Which workspaces there are for somebody (chorus-api.md 8.1). */
@Injectable()
export class WorkspaceList {
  constructor(private readonly orm: OrmDataSource) {}

  /** By name without case. @throws RecordNotFound when the member does not exist */
  async list(viewer: Viewer, filter: WorkspaceFilter, page: Page): Promise<Paged<WorkspaceView>> {
    const [row] = await queryPrepared<Row>(this.orm, statement(viewer, filter), [
      viewer.id,
      filter.active,
      filter.memberId,
      page.perPage,
      (page.page - 1) * page.perPage,
    ]);
    if (row === undefined || !row.known) throw new RecordNotFound();
    return { items: row.items.map(workspaceViewOf), records: Number(row.records), page };
  }
}

function statement(viewer: Viewer, filter: WorkspaceFilter): { name: string; text: string } {
  const { memberId, mostActive, withTalk } = filter;
  const all = listed(viewer, filter);
  const wanted = mostActive ? busiest(all) : all;
  const order = mostActive ? 'key DESC, id' : 'key, id';
  // Named after everything that its text depends on.
  const name = ['workspaces', viewer.isAdmin, memberId === null, mostActive, withTalk].join('-');
  return {
    name,
    text: `SELECT (SELECT count(*) FROM (${wanted}) counted) AS records,
      ($3::int IS NULL OR EXISTS (SELECT FROM users WHERE id = $3 AND deleted_at IS NULL)) AS known,
      (SELECT coalesce(json_agg(${workspaceJson('$1::int', withTalk)} ORDER BY part.key ${mostActive ? 'DESC' : ''}, part.id), '[]')
        FROM (SELECT id, key FROM (${wanted}) candidates ORDER BY ${order} LIMIT $4 OFFSET $5) part
        JOIN workspaces ws ON ws.id = part.id) AS items`,
  };
}

function busiest(all: string): string {
  return `SELECT candidate.id, count(*) AS key FROM (${all}) candidate
    JOIN events act ON act.workspace_id = candidate.id AND act.deleted_at IS NULL
    GROUP BY candidate.id ORDER BY count(*) DESC, candidate.id LIMIT ${MOST_ACTIVE}`;
}
