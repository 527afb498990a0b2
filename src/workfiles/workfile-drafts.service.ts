import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { WorkfileDraft } from './workfile-draft.entity.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { WorkfilesService } from './workfiles.service.js';

interface DraftRow extends Record<string, unknown> {
  readonly draft: object;
}

const OWN = {
  name: 'workfile-draft',
  text: `SELECT ${entityJson(WorkfileDraft, 'draft')} AS draft FROM workfile_drafts draft
    WHERE draft.workfile_id = $1 AND draft.owner_id = $2`,
};
// The file is locked against deletion meanwhile.
const SAVE = `WITH file AS (
      SELECT wf.id, (SELECT version_num FROM workfile_versions saved WHERE saved.id = wf.latest_version_id) AS base
      FROM workfiles wf WHERE wf.id = $1 AND wf.deleted_at IS NULL FOR KEY SHARE OF wf)
    INSERT INTO workfile_drafts AS draft (workfile_id, owner_id, base_version, content) SELECT id, $2, base, $3 FROM file
    ON CONFLICT (workfile_id, owner_id) DO UPDATE SET content = excluded.content, updated_at = now()
    RETURNING ${entityJson(WorkfileDraft, 'draft')} AS draft`;
// As a SELECT, whose rows TypeORM gives as they are.
const written = (statement: string) => `WITH draft AS (${statement} RETURNING *)
  SELECT ${entityJson(WorkfileDraft, 'draft')} AS draft FROM draft`;
const CHANGE = written(
  'UPDATE workfile_drafts SET content = $3, updated_at = now() WHERE workfile_id = $1 AND owner_id = $2',
);
const DROP = written('DELETE FROM workfile_drafts WHERE workfile_id = $1 AND owner_id = $2');

/** What somebody is writing in a file: one draft for each user, which only he sees (chorus-api.md 9.13). */
@Injectable()
export class WorkfileDrafts {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
    private readonly workfiles: WorkfilesService,
  ) {}

  /** @throws RecordNotFound also without a draft; AccessDenied by rule *see* */
  async get(id: number, viewer: Viewer): Promise<WorkfileDraft> {
    await this.workfiles.getVisible(id, viewer);
    return draftOf(await queryPrepared<DraftRow>(this.orm, OWN, [id, viewer.id]));
  }

  /** Begins a draft, or replaces the one there is. @throws RecordNotFound for what is no file; AccessDenied by rule *edit* */
  save(id: number, viewer: Viewer, read: () => string): Promise<WorkfileDraft> {
    return this.write(SAVE, id, viewer, () => [read()]);
  }

  /** @throws RecordNotFound also without a draft; AccessDenied by rule *edit* */
  change(id: number, viewer: Viewer, read: () => string): Promise<WorkfileDraft> {
    return this.write(CHANGE, id, viewer, () => [read()]);
  }

  /** @throws RecordNotFound also without a draft; AccessDenied by rule *edit* */
  async drop(id: number, viewer: Viewer): Promise<void> {
    await this.write(DROP, id, viewer, () => []);
  }

  /** @param read called once it is known that the viewer may */
  private async write(
    sql: string,
    id: number,
    viewer: Viewer,
    read: () => readonly string[],
  ): Promise<WorkfileDraft> {
    const { kind, workspaceId } = await this.workfiles.getEditable(id, viewer);
    if (kind !== 'file') throw new RecordNotFound();
    const values = [id, viewer.id, ...read()];
    return this.orm.transaction(async (tx) => {
      await this.workspaces.holdEditable(tx, workspaceId, viewer);
      return draftOf(await tx.query<readonly DraftRow[]>(sql, values));
    });
  }
}

function draftOf([row]: readonly DraftRow[]): WorkfileDraft {
  if (row === undefined) throw new RecordNotFound();
  return entityOf(WorkfileDraft, row.draft);
}
