import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { type Activity, recordActivity } from '../access/activities.js';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { canEdit, type WorkspaceStanding } from '../workspaces/workspace-access.js';
import { STANDING_COLUMNS } from '../workspaces/workspaces.service.js';
import type { WantedVersion } from './dto/save-version.js';
import { insertVersion, overwriteVersion } from './file-contents.js';
import { newContents } from './new-contents.js';
import { savedJson, type SavedJson, VersionInfo } from './version-info.js';
import type { WorkfileAccess } from './workfile-access.js';
import { type DetailedWorkfile, WorkfileViews } from './workfile-views.service.js';
import type { WorkfileKind } from './workfile.entity.js';
import { WorkfilesService } from './workfiles.service.js';
import { WorkflowDocuments } from './workflow-documents.service.js';

const LIST = {
  name: 'workfile-versions',
  text: `SELECT (SELECT count(*) FROM workfile_versions WHERE workfile_id = $1) AS records,
      (SELECT coalesce(json_agg(${savedJson(0)} ORDER BY saved.version_num DESC), '[]')
        FROM (SELECT * FROM workfile_versions WHERE workfile_id = $1 ORDER BY version_num DESC LIMIT $2 OFFSET $3) saved
      ) AS versions`,
};

interface ListRow extends Record<string, unknown> {
  readonly records: string;
  readonly versions: readonly SavedJson[];
}

interface LatestRow {
  readonly fileName: string;
  readonly versionId: number;
  readonly versionNum: number;
}

/** The saved contents of files (chorus-api.md 9.12). */
@Injectable()
export class WorkfileVersions {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workfiles: WorkfilesService,
    private readonly views: WorkfileViews,
    private readonly documents: WorkflowDocuments,
  ) {}

  /** Newest first, without contents; of what is no file: none. @throws RecordNotFound; AccessDenied by rule *see* */
  async list(id: number, viewer: Viewer, page: Page): Promise<Paged<DetailedWorkfile>> {
    await this.workfiles.getVisible(id, viewer);
    const details = await this.views.detailsOf(id, viewer);
    const [row] = await queryPrepared<ListRow>(this.orm, LIST, [
      id,
      page.perPage,
      (page.page - 1) * page.perPage,
    ]);
    const { workfile } = details.view;
    const items = (row?.versions ?? []).map((saved) => ({
      ...details,
      version: VersionInfo.of(workfile, saved),
    }));
    return { items, records: Number(row?.records), page };
  }

  /** With its content. @throws RecordNotFound; AccessDenied by rule *see* */
  async show(id: number, versionId: number, viewer: Viewer): Promise<DetailedWorkfile> {
    await this.workfiles.getVisible(id, viewer);
    return this.views.versionOf(id, versionId, viewer);
  }

  /**
   * Saves a new version of a file; the viewer's draft is done with. Savers take turns, each gets the next number. What is
   * saved to a workflow becomes its document.
   * @param read gives what is to be saved; called once it is known that the viewer may
   * @returns the version's id; null for a workflow, which has none
   * @throws RecordNotFound also for what has no contents; AccessDenied by rule *edit*; ValidationFailed
   */
  async save(
    id: number,
    viewer: Viewer,
    read: (kind: WorkfileKind) => WantedVersion,
  ): Promise<number | null> {
    const workfile = await this.workfiles.getEditable(id, viewer);
    if (workfile.kind !== 'workflow') assertFile(workfile);
    const wanted = read(workfile.kind);
    if (workfile.kind !== 'workflow') return this.add(workfile, viewer, wanted);
    await this.documents.save(workfile, viewer, wanted);
    return null;
  }

  private async add(file: WorkfileAccess, viewer: Viewer, wanted: WantedVersion): Promise<number> {
    const made = await newContents(file.fileName, contentsOf(wanted));
    return this.orm.transaction(async (tx) => {
      const latest = await lockLatest(tx, file.id, viewer);
      const versionNum = latest.versionNum + 1;
      const versionId = await insertVersion(tx, {
        ...made,
        workfileId: file.id,
        versionNum,
        ownerId: viewer.id,
        commitMessage: wanted.commitMessage,
        fileName: latest.fileName,
      });
      await afterSaving(tx, file.id, viewer);
      const data = { version_num: versionNum, commit_message: wanted.commitMessage };
      await recordActivity(tx, {
        ...activity(file, viewer, 'WorkfileUpgradedVersion'),
        data: { ...data, version_id: versionId },
      });
      return versionId;
    });
  }

  /** Puts other contents into the latest version. @throws RecordNotFound; AccessDenied by rule *edit*; ValidationFailed */
  async overwrite(
    id: number,
    versionId: number,
    viewer: Viewer,
    read: () => WantedVersion,
  ): Promise<void> {
    const file = await this.workfiles.getEditable(id, viewer);
    assertFile(file);
    await this.assertVersion(id, versionId);
    const made = await newContents(file.fileName, contentsOf(read()));
    await this.orm.transaction(async (tx) => {
      const latest = await lockLatest(tx, id, viewer);
      if (latest.versionId !== versionId) throw new ValidationFailed({ version: { INVALID: {} } });
      await overwriteVersion(tx, versionId, { ...made, modifierId: viewer.id });
      await afterSaving(tx, id, viewer);
    });
  }

  /** The version before becomes the latest. @throws RecordNotFound; AccessDenied by rule *edit*; ValidationFailed */
  async delete(id: number, versionId: number, viewer: Viewer): Promise<void> {
    const file = await this.workfiles.getEditable(id, viewer);
    assertFile(file);
    await this.orm.transaction(async (tx) => {
      const latest = await lockLatest(tx, id, viewer);
      const versions = await tx.query<{ id: number; num: number }[]>(
        'SELECT id, version_num AS num FROM workfile_versions WHERE workfile_id = $1 ORDER BY version_num DESC',
        [id],
      );
      const doomed = versions.find((version) => version.id === versionId);
      if (doomed === undefined) throw new RecordNotFound();
      const [newest] = versions.filter((version) => version.id !== versionId);
      if (newest === undefined) throw new ValidationFailed({ base: { ONLY_ONE_VERSION: {} } });
      await tx.query('DELETE FROM workfile_versions WHERE id = $1', [versionId]);
      if (latest.versionId === versionId)
        await tx.query(
          `UPDATE workfiles SET latest_version_id = $2, user_modified_at = now(), updated_at = now() WHERE id = $1`,
          [id, newest.id],
        );
      await recordActivity(tx, {
        ...activity(file, viewer, 'WorkfileVersionDeleted'),
        data: { version_num: doomed.num },
      });
    });
  }

  private async assertVersion(id: number, versionId: number): Promise<void> {
    const found = await this.orm.query<unknown[]>(
      'SELECT FROM workfile_versions WHERE workfile_id = $1 AND id = $2',
      [id, versionId],
    );
    if (found.length === 0) throw new RecordNotFound();
  }
}

function assertFile({ kind }: WorkfileAccess): void {
  if (kind !== 'file') throw new RecordNotFound();
}

function contentsOf({ contents }: WantedVersion) {
  if (contents === null) throw new ValidationFailed({ content: { BLANK: {} } });
  return contents;
}

function activity(file: WorkfileAccess, viewer: Viewer, action: string): Activity {
  const targets = [{ type: 'workfile' as const, id: file.id }];
  return { action, actorId: viewer.id, workspaceId: file.workspaceId, targets };
}

/**
 * Locks the file, so that its latest version stays the latest, and before it the workspace, so that it is not archived
 * meanwhile. @throws RecordNotFound when it was deleted meanwhile; AccessDenied when the viewer may not edit any more
 */
async function lockLatest(tx: EntityManager, id: number, viewer: Viewer): Promise<LatestRow> {
  await tx.query(
    `SELECT FROM workfiles wf JOIN workspaces ws ON ws.id = wf.workspace_id
     WHERE wf.id = $1 AND wf.deleted_at IS NULL FOR SHARE OF ws FOR UPDATE OF wf`,
    [id],
  );
  // Looked up once it is locked: a joined row would be the one from before the wait.
  const [latest] = await tx.query<(LatestRow & WorkspaceStanding)[]>(
    `SELECT saved.file_name AS "fileName", saved.id AS "versionId", saved.version_num AS "versionNum", ${STANDING_COLUMNS}
     FROM workfiles wf JOIN workspaces ws ON ws.id = wf.workspace_id
     JOIN workfile_versions saved ON saved.id = wf.latest_version_id WHERE wf.id = $1 AND wf.deleted_at IS NULL`,
    [id, viewer.id],
  );
  if (latest === undefined) throw new RecordNotFound();
  if (!canEdit(viewer, latest)) throw new AccessDenied();
  return latest;
}

async function afterSaving(tx: EntityManager, id: number, viewer: Viewer): Promise<void> {
  await tx.query('DELETE FROM workfile_drafts WHERE workfile_id = $1 AND owner_id = $2', [
    id,
    viewer.id,
  ]);
  await tx.query(
    'UPDATE workfiles SET user_modified_at = now(), updated_at = now() WHERE id = $1',
    [id],
  );
}
