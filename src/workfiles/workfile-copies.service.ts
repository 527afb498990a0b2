import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import type { WantedCopy } from './dto/copy-workfile.js';
import { assertTakesWorkflows, WorkfileCreation } from './workfile-creation.service.js';
import type { WorkfileKind } from './workfile.entity.js';
import { insertWorkfile } from './workfile-rows.js';
import { WorkfilesService } from './workfiles.service.js';

interface Original {
  readonly kind: WorkfileKind;
  readonly workspaceId: number;
  readonly fileName: string;
  readonly fileType: string;
  readonly description: string | null;
  readonly linkUrl: string | null;
  readonly executionSchemaId: number | null;
}

/** Copies workfiles (chorus-api.md 9.6). */
@Injectable()
export class WorkfileCopies {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workfiles: WorkfilesService,
    private readonly creation: WorkfileCreation,
  ) {}

  /**
   * Copies what is stored, within the database; the copy is the viewer's.
   * @returns its id
   * @throws RecordNotFound for original or workspace; AccessDenied without *see* on the one and *edit* on the other;
   * ValidationFailed
   */
  async copy(id: number, viewer: Viewer, read: () => WantedCopy): Promise<number> {
    const { workspaceId } = await this.workfiles.getVisible(id, viewer);
    const wanted = read();
    if (wanted.workspaceId === null) throw new RecordNotFound();
    return this.orm.transaction(async (tx) => {
      // Before the original: a deletion of the workspace takes them in this order too.
      const target = await this.creation.lockTarget(tx, wanted.workspaceId ?? workspaceId, viewer);
      const original = await load(tx, id);
      const isTouchpoint = original.kind === 'worklet' || original.kind === 'published_worklet';
      if (isTouchpoint || original.kind === 'workflow') assertTakesWorkflows(target);
      // It would run a workflow of another workspace, past the rules of that one.
      if (isTouchpoint && target.id !== original.workspaceId)
        throw new ValidationFailed({ workspace_id: { INVALID: { value: String(target.id) } } });
      const kind = isTouchpoint ? 'worklet' : original.kind;
      const copyId = await insertWorkfile(
        tx,
        {
          kind,
          workspaceId: target.id,
          ownerId: viewer.id,
          fileName: wanted.fileName ?? original.fileName,
          fileType: isTouchpoint ? 'worklet' : original.fileType,
          description: original.description,
          ...(original.linkUrl !== null && { linkUrl: original.linkUrl }),
          executionSchemaId: original.executionSchemaId,
        },
        wanted.fileName === null,
      );
      await copyContents(tx, { from: id, to: copyId, userId: viewer.id });
      return copyId;
    });
  }
}

async function load(tx: EntityManager, id: number): Promise<Original> {
  // Locked, so that it is there until the copy is: a deletion waits.
  const [original] = await tx.query<Original[]>(
    `SELECT kind, workspace_id AS "workspaceId", file_name AS "fileName", file_type AS "fileType", description,
       link_url AS "linkUrl", execution_schema_id AS "executionSchemaId"
     FROM workfiles WHERE id = $1 AND deleted_at IS NULL FOR SHARE`,
    [id],
  );
  if (original === undefined) throw new RecordNotFound();
  return original;
}

interface Copying {
  readonly from: number;
  readonly to: number;
  readonly userId: number;
}

/** Each kind has some of these. The latest version becomes version 1; chosen datasets stay behind. */
async function copyContents(tx: EntityManager, { from, to, userId }: Copying): Promise<void> {
  await tx.query(
    `INSERT INTO workfile_flows (workfile_id, afm) SELECT $2, afm FROM workfile_flows WHERE workfile_id = $1`,
    [from, to],
  );
  await tx.query(
    `INSERT INTO workfile_execution_locations (workfile_id, database_id, data_source_id)
     SELECT $2, database_id, data_source_id FROM workfile_execution_locations WHERE workfile_id = $1 ORDER BY id`,
    [from, to],
  );
  await tx.query(
    `WITH latest AS (
       SELECT saved.* FROM workfile_versions saved JOIN workfiles wf ON wf.latest_version_id = saved.id WHERE wf.id = $1
     ), copied AS (
       INSERT INTO workfile_versions (workfile_id, version_num, owner_id, modifier_id, commit_message, file_name,
         content_type, size_bytes, contents, icon)
       SELECT $2, 1, $3, $3, '', file_name, content_type, size_bytes, contents, icon FROM latest RETURNING id
     )
     UPDATE workfiles SET latest_version_id = copied.id FROM copied WHERE workfiles.id = $2`,
    [from, to, userId],
  );
  await tx.query(
    `INSERT INTO workfile_version_parts (version_id, position, contents)
     SELECT copied.latest_version_id, part.position, part.contents
     FROM workfiles original JOIN workfile_version_parts part ON part.version_id = original.latest_version_id,
       workfiles copied
     WHERE original.id = $1 AND copied.id = $2`,
    [from, to],
  );
  await tx.query(
    `INSERT INTO worklets (workfile_id, workflow_id, run_persona, output_table)
     SELECT $2, workflow_id, run_persona, output_table FROM worklets WHERE workfile_id = $1`,
    [from, to],
  );
  await tx.query(
    `INSERT INTO worklet_parameters (workfile_id, variable_name, label, description, data_type, required, use_default,
       options, validations)
     SELECT $2, variable_name, label, description, data_type, required, use_default, options, validations
     FROM worklet_parameters WHERE workfile_id = $1 ORDER BY id`,
    [from, to],
  );
}
