import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import type { WantedVersion } from './dto/save-version.js';
import { type ChosenPlace, FlowDocuments } from './flow-documents.js';
import type { WorkfileAccess } from './workfile-access.js';
import { whole } from './workfile-creation.service.js';

const PLACES = `SELECT db.id AS "databaseId", db.name AS "databaseName", ds.id AS "dataSourceId", ds.name AS "dataSourceName"
  FROM workfile_execution_locations place JOIN databases db ON db.id = place.database_id AND db.deleted_at IS NULL
  JOIN data_sources ds ON ds.id = db.data_source_id AND ds.deleted_at IS NULL
  WHERE place.workfile_id = $1 ORDER BY place.id`;

/** The documents of workflows, which keep no versions. */
@Injectable()
export class WorkflowDocuments {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly documents: FlowDocuments,
  ) {}

  /**
   * Replaces the document, checked and placed like an upload; a run under way goes on with the one it began with. Without
   * contents only the activity is recorded (chorus-api.md 9.12).
   * @throws RecordNotFound when it was deleted meanwhile; ValidationFailed with every problem of the document
   */
  async save(workflow: WorkfileAccess, viewer: Viewer, wanted: WantedVersion): Promise<void> {
    const { id, fileName, workspaceId } = workflow;
    const { contents, commitMessage } = wanted;
    const afm =
      contents &&
      this.documents.imported(
        await whole(contents),
        fileName,
        await this.orm.query<ChosenPlace[]>(PLACES, [id]),
      );
    await this.orm.transaction(async (tx) => {
      if (afm !== null) {
        const [, count] = await tx.query<[unknown[], number]>(
          `UPDATE workfiles SET user_modified_at = now(), updated_at = now() WHERE id = $1 AND deleted_at IS NULL`,
          [id],
        );
        if (count === 0) throw new RecordNotFound();
        await tx.query(
          `INSERT INTO workfile_flows (workfile_id, afm) VALUES ($1, $2)
           ON CONFLICT (workfile_id) DO UPDATE SET afm = excluded.afm, updated_at = now()`,
          [id, afm],
        );
      }
      await recordActivity(tx, {
        action: 'WorkFlowUpgradedVersion',
        actorId: viewer.id,
        workspaceId,
        targets: [{ type: 'workfile', id }],
        data: { commit_message: commitMessage },
      });
    });
  }
}
