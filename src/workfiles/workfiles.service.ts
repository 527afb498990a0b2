import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { DataSourcesService } from '../data-sources/data-sources.service.js';
import { RunWorkflow } from '../runs/commands/run-workflow.command.js';
import { type StopOptions, StopWorkflow } from '../runs/commands/stop-workflow.command.js';
import { NotRunnable, RunFailed } from '../runs/run.errors.js';
import type { RunSnapshot, VariableOverride } from '../runs/run-snapshot.js';
import { WorkflowRunner } from '../runs/workflow-runner.js';
import { standingOf } from '../workspaces/workspace.serializer.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { LATEST_VERSION_JSON, type SavedJson, VersionInfo } from './version-info.js';
import { WORKFILE_ACCESS, type WorkfileAccess } from './workfile-access.js';
import type { WorkfileKind } from './workfile.entity.js';
import {
  WORKFILE_VIEW,
  type WorkfileView,
  workfileViewOf,
  type WorkfileViewRow,
} from './workfile-view.js';

const TOUCHPOINTS: readonly WorkfileKind[] = ['worklet', 'published_worklet'];
const OPENS_KEPT = 15;

// Records the opening and gives the latest version in one statement: opening is part of showing.
const OPEN = {
  name: 'workfile-open',
  text: `WITH opened AS (
      INSERT INTO workfile_opens (user_id, workfile_id) VALUES ($2, $1)
      ON CONFLICT (user_id, workfile_id) DO UPDATE SET opened_at = now()
    ), forgotten AS (
      DELETE FROM workfile_opens WHERE user_id = $2 AND workfile_id IN (
        SELECT workfile_id FROM workfile_opens WHERE user_id = $2 AND workfile_id <> $1
        ORDER BY opened_at DESC OFFSET ${OPENS_KEPT - 1})
    )
    SELECT ${LATEST_VERSION_JSON} AS saved FROM workfiles wf WHERE wf.id = $1`,
};
const FLOW = {
  name: 'workfile-flow',
  text: `SELECT wf.file_name AS "flowName", flow.afm,
      ARRAY(SELECT place.database_id FROM workfile_execution_locations place
        WHERE place.workfile_id = wf.id AND place.database_id IS NOT NULL ORDER BY place.id) AS "databaseIds"
    FROM workfiles wf LEFT JOIN workfile_flows flow ON flow.workfile_id = wf.id WHERE wf.id = $1`,
};

const CONTENTS = {
  name: 'workfile-contents',
  text: `SELECT wf.file_name AS "fileName", flow.afm, saved.contents, saved.content_type AS "contentType"
    FROM workfiles wf LEFT JOIN workfile_flows flow ON flow.workfile_id = wf.id
    LEFT JOIN workfile_versions saved ON saved.id = wf.latest_version_id WHERE wf.id = $1`,
};

export interface Download {
  readonly fileName: string;
  readonly contentType: string;
  readonly contents: Buffer;
}

/** A request of somebody, as far as a run or stop is concerned. */
export interface Asking {
  readonly viewer: Viewer;
  readonly requestId: string;
  /** Network address it came from. */
  readonly address: string;
}

export interface StartOptions {
  readonly variables?: readonly VariableOverride[];
  readonly origin?: 'manual' | 'api';
  readonly saveResult?: boolean;
}

/** What a run or stop answers: the workfile as it is now, and the run it was about. */
export interface RunAnswer {
  readonly view: WorkfileView;
  readonly runId: string | null;
}

@Injectable()
export class WorkfilesService {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly runner: WorkflowRunner,
    private readonly workspaces: WorkspacesService,
    private readonly dataSources: DataSourcesService,
  ) {}

  /**
   * The workfile for somebody who may see it; remembers that he opened it (chorus-api.md 9.3).
   * @throws RecordNotFound, AccessDenied
   */
  async show(
    id: number,
    viewer: Viewer,
  ): Promise<{ readonly view: WorkfileView; readonly version: VersionInfo }> {
    const view = await this.view(id, viewer);
    this.workspaces.assertCanSee(viewer, standingOf(view.workspace));
    const [row] = await queryPrepared<{ saved: SavedJson | null }>(this.orm, OPEN, [id, viewer.id]);
    return { view, version: VersionInfo.of(view.workfile, row?.saved ?? null) };
  }

  /**
   * What a workfile holds: a workflow's document, or a file's latest version (chorus-api.md 9.7).
   * @throws RecordNotFound also for a link; AccessDenied by rule *see*
   */
  async download(id: number, viewer: Viewer): Promise<Download> {
    await this.assertVisible(id, viewer);
    const [row] = await queryPrepared<{
      fileName: string;
      afm: string | null;
      contents: Buffer | null;
      contentType: string | null;
    }>(this.orm, CONTENTS, [id]);
    if (row?.afm)
      return {
        fileName: `${row.fileName}.afm`,
        contentType: 'application/xml; charset=utf-8',
        contents: Buffer.from(row.afm),
      };
    if (!row?.contents) throw new RecordNotFound();
    const { fileName, contentType, contents } = row;
    return { fileName, contentType: contentType ?? 'application/octet-stream', contents };
  }

  /**
   * Starts the workflow with the account of whoever asks (chorus-api.md 9.8).
   * @throws RecordNotFound, AccessDenied, NotRunnable, RunFailed
   */
  async run(id: number, asking: Asking): Promise<RunAnswer> {
    const { kind } = await this.getEditable(id, asking.viewer);
    if (kind !== 'workflow') throw new NotRunnable();
    const runId = await this.start(id, asking);
    return { view: await this.view(id, asking.viewer), runId };
  }

  /**
   * Starts a workflow that the caller may run: `getEditable` was asked.
   * @returns the run's id
   * @throws AccessDenied without an account, NotRunnable, RunFailed
   */
  async start(
    id: number,
    { viewer, requestId }: Asking,
    { variables = [], ...options }: StartOptions = {},
  ): Promise<string> {
    const snapshot = { ...(await this.snapshot(id, viewer)), variables };
    return this.runner.run(new RunWorkflow(id, viewer.id, snapshot, { requestId, ...options }));
  }

  /**
   * Stops the workfile's active run, whoever started it. Returns once it is dead in the data source, or after
   * `stopReplyTimeoutMs`: then the workfile is still `stopping`. An idle one is left as it is (chorus-api.md 9.9).
   * @throws RecordNotFound, AccessDenied, NotRunnable, StopFailed
   */
  async stop(id: number, viewer: Viewer, wish: StopOptions): Promise<RunAnswer> {
    const { kind } = await this.getEditable(id, viewer);
    // A touchpoint stops the caller's own run of it, and he can have none yet.
    if (TOUCHPOINTS.includes(kind)) return { view: await this.view(id, viewer), runId: null };
    if (kind !== 'workflow') throw new NotRunnable();
    const { runId } = await this.runner.stop(new StopWorkflow(id, viewer.id, wish));
    return { view: await this.view(id, viewer), runId };
  }

  /** @throws RecordNotFound; AccessDenied by rule *edit* */
  async getEditable(id: number, viewer: Viewer): Promise<WorkfileAccess> {
    const access = await this.access(id, viewer);
    this.workspaces.assertCanEdit(viewer, access);
    return access;
  }

  /** @throws RecordNotFound; AccessDenied by rule *see* */
  async assertVisible(id: number, viewer: Viewer): Promise<void> {
    this.workspaces.assertCanSee(viewer, await this.access(id, viewer));
  }

  private async access(id: number, viewer: Viewer): Promise<WorkfileAccess> {
    const [access] = await queryPrepared<WorkfileAccess & Record<string, unknown>>(
      this.orm,
      WORKFILE_ACCESS,
      [id, viewer.id],
    );
    if (access === undefined) throw new RecordNotFound();
    return access;
  }

  private async view(id: number, viewer: Viewer): Promise<WorkfileView> {
    const [row] = await queryPrepared<WorkfileViewRow>(this.orm, WORKFILE_VIEW, [id, viewer.id]);
    if (row === undefined) throw new RecordNotFound();
    return workfileViewOf(row);
  }

  private async snapshot(id: number, viewer: Viewer): Promise<RunSnapshot> {
    const [flow] = await queryPrepared<{
      flowName: string;
      afm: string | null;
      databaseIds: number[];
    }>(this.orm, FLOW, [id]);
    if (!flow?.afm) throw new RunFailed('the workflow has no document');
    return {
      afm: flow.afm,
      flowName: flow.flowName,
      workfileId: id,
      userId: viewer.id,
      userName: viewer.username,
      locations: await this.dataSources.usableBy(viewer.id, flow.databaseIds),
      variables: [],
    };
  }
}
