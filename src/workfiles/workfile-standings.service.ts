import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { inOrder, LANES, Together } from '../common/together.js';
import type { WorkfileAccess } from './workfile-access.js';

interface Asked {
  readonly id: number;
  readonly viewerId: number;
}

// $1 workfiles, $2 the viewer of each; nothing for a deleted workfile or one of a deleted workspace. Small: a stop must not
// wait for the statement that presents a workfile.
const WORKFILE_ACCESS = {
  name: 'workfile-access',
  text: `SELECT asked.place::int - 1 AS place, wf.id, wf.kind, wf.workspace_id AS "workspaceId",
      wf.file_name AS "fileName", wf.file_type AS "fileType", ws.owner_id AS "ownerId", ws.public,
      ws.archived_at IS NOT NULL AS archived,
      EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = asked.viewer_id) AS "isMember"
    FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS asked (workfile_id, viewer_id, place)
    JOIN workfiles wf ON wf.id = asked.workfile_id AND wf.deleted_at IS NULL
    JOIN workspaces ws ON ws.id = wf.workspace_id AND ws.deleted_at IS NULL`,
};

/** What a viewer is to a workfile and its workspace; many requests at once are a few statements. */
@Injectable()
export class WorkfileStandings {
  private readonly asked = new Together<Asked, WorkfileAccess | null>(
    (all) => this.findAll(all),
    LANES,
  );

  constructor(private readonly orm: OrmDataSource) {}

  /** @throws RecordNotFound */
  async of(id: number, viewer: Viewer): Promise<WorkfileAccess> {
    const found = await this.asked.ask({ id, viewerId: viewer.id });
    if (found === null) throw new RecordNotFound();
    return found;
  }

  private async findAll(all: readonly Asked[]): Promise<(WorkfileAccess | null)[]> {
    const rows = await queryPrepared<WorkfileAccess & { readonly place: number }>(
      this.orm,
      WORKFILE_ACCESS,
      [all.map(({ id }) => id), all.map(({ viewerId }) => viewerId)],
    );
    return inOrder(all, rows);
  }
}
