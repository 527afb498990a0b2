import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import { type Bytes, MemoryBytes } from '../common/http/spooled-file.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { holdWorkspace } from '../workspaces/locked-workspace.js';
import type { WorkspaceStanding } from '../workspaces/workspace-access.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { NewFile, NewLink, NewWorkfile, NewWorkflow } from './dto/create-workfile.js';
import { insertVersion } from './file-contents.js';
import { FlowDocuments } from './flow-documents.js';
import { drawnContents, newContents } from './new-contents.js';
import { WorkfilePlaces } from './workfile-places.service.js';
import { insertWorkfile } from './workfile-rows.js';

/** Of a version; a description that becomes one may be longer. */
const MAX_COMMIT_MESSAGE = 256;

export interface TargetWorkspace extends WorkspaceStanding {
  readonly id: number;
  readonly sandboxId: number | null;
}

const TARGET = {
  name: 'workspace-for-workfiles',
  text: `SELECT ws.id, ws.sandbox_id AS "sandboxId", ws.owner_id AS "ownerId", ws.public,
      ws.archived_at IS NOT NULL AS archived,
      EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isMember"
    FROM workspaces ws WHERE ws.id = $1 AND ws.deleted_at IS NULL`,
};

// The mark is made before the lock that creations share, or two of them would wait for each other.
const MARK = `UPDATE workspaces SET has_added_workfile = true
  WHERE id = $1 AND NOT has_added_workfile AND deleted_at IS NULL`;

/** Creates workfiles (chorus-api.md 9.2). Nothing is stored unless all of it is. */
@Injectable()
export class WorkfileCreation {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
    private readonly places: WorkfilePlaces,
    private readonly documents: FlowDocuments,
  ) {}

  /**
   * @param read gives what is wanted; called once it is known that the viewer may
   * @returns the new workfile's id
   * @throws RecordNotFound for workspace, place or dataset; AccessDenied by rule *edit*; ValidationFailed
   */
  async create(workspaceId: number, viewer: Viewer, read: () => NewWorkfile): Promise<number> {
    const target = await this.target(workspaceId, viewer);
    const wanted = read();
    if (wanted.kind === 'workflow') return this.createWorkflow(target, viewer, wanted);
    if (wanted.kind === 'link') return this.createLink(target, viewer, wanted);
    return this.createFile(target, viewer, wanted);
  }

  /** A workspace in which the viewer may create. @throws RecordNotFound; AccessDenied by rule *edit* */
  async target(workspaceId: number, viewer: Viewer): Promise<TargetWorkspace> {
    const [target] = await queryPrepared<TargetWorkspace & Record<string, unknown>>(
      this.orm,
      TARGET,
      [workspaceId, viewer.id],
    );
    if (target === undefined) throw new RecordNotFound();
    this.workspaces.assertCanEdit(viewer, target);
    return target;
  }

  /**
   * The same in the transaction that creates: until it ends the workspace is neither archived nor deleted. Its first lock,
   * as everywhere. @throws as `target`
   */
  async lockTarget(
    tx: EntityManager,
    workspaceId: number,
    viewer: Viewer,
  ): Promise<TargetWorkspace> {
    await tx.query(MARK, [workspaceId]);
    await holdWorkspace(tx, workspaceId, 'SHARE');
    const [target] = await tx.query<TargetWorkspace[]>(TARGET.text, [workspaceId, viewer.id]);
    if (target === undefined) throw new RecordNotFound();
    this.workspaces.assertCanEdit(viewer, target);
    return target;
  }

  private async createWorkflow(
    target: TargetWorkspace,
    viewer: Viewer,
    wanted: NewWorkflow,
  ): Promise<number> {
    assertTakesWorkflows(target);
    const start = await this.places.startingFrom(wanted.datasetIds, target.id, viewer);
    const chosen = await this.places.resolve(wanted.places);
    const places = chosen.length === 0 ? start.places : chosen;
    const databases = places.flatMap(({ database }) => (database === null ? [] : [database]));
    const { contents, fileName, renames } = wanted;
    const afm =
      contents === null
        ? this.documents.startingFrom(start.tables)
        : this.documents.imported(await whole(contents), fileName, databases);
    return this.orm.transaction(async (tx) => {
      assertTakesWorkflows(await this.lockTarget(tx, target.id, viewer));
      const datasetIds = wanted.datasetIds.filter((id) => id !== null);
      const row = { ...common(target, viewer, wanted), fileType: 'work_flow', datasetIds };
      const id = await insertWorkfile(tx, { ...row, kind: 'workflow' }, renames);
      await tx.query('INSERT INTO workfile_flows (workfile_id, afm) VALUES ($1, $2)', [id, afm]);
      await this.places.replace(tx, id, places);
      return id;
    });
  }

  private async createFile(
    target: TargetWorkspace,
    viewer: Viewer,
    wanted: NewFile,
  ): Promise<number> {
    const { fileName, svg, contents, description } = wanted;
    const made =
      svg === null
        ? await newContents(fileName, contents ?? new MemoryBytes(Buffer.alloc(0)))
        : await drawnContents(fileName, svg);
    return this.orm.transaction(async (tx) => {
      const { sandboxId } = await this.lockTarget(tx, target.id, viewer);
      const { fileType } = made;
      const executionSchemaId = fileType === 'sql' ? sandboxId : null;
      const row = { ...common(target, viewer, wanted), fileType, executionSchemaId };
      const id = await insertWorkfile(tx, { ...row, kind: 'file' }, wanted.renames);
      await insertVersion(tx, {
        ...made,
        workfileId: id,
        versionNum: 1,
        ownerId: viewer.id,
        commitMessage: description && [...description].slice(0, MAX_COMMIT_MESSAGE).join(''),
        fileName,
      });
      return id;
    });
  }

  private createLink(target: TargetWorkspace, viewer: Viewer, wanted: NewLink): Promise<number> {
    const { linkUrl, renames } = wanted;
    const row = { ...common(target, viewer, wanted), fileType: 'link', linkUrl };
    return this.orm.transaction(async (tx) => {
      await this.lockTarget(tx, target.id, viewer);
      return insertWorkfile(tx, { ...row, kind: 'link' }, renames);
    });
  }
}

/** @throws ValidationFailed for an archived workspace, in which administrators may still edit (entities.md 11.4) */
export function assertTakesWorkflows({ archived }: TargetWorkspace): void {
  if (archived) throw new ValidationFailed({ workspace: { ARCHIVED: null } });
}

function common(target: TargetWorkspace, viewer: Viewer, wanted: NewWorkfile) {
  const { fileName, description } = wanted;
  return { workspaceId: target.id, ownerId: viewer.id, fileName, description };
}

/** Documents are within a limit that fits into memory. */
export function whole(contents: Bytes): Promise<Buffer> {
  return contents.read(0, contents.sizeBytes);
}
