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
import type { WorkfileAccess } from './workfile-access.js';
import { WorkfileStandings } from './workfile-standings.service.js';
import type { WorkfileKind } from './workfile.entity.js';
import type { WorkfileView } from './workfile-view.js';
import { type DetailedWorkfile, WorkfileViews } from './workfile-views.service.js';

const TOUCHPOINTS: readonly WorkfileKind[] = ['worklet', 'published_worklet'];

const FLOW = {
  name: 'workfile-flow',
  text: `SELECT wf.file_name AS "flowName", flow.afm,
      ARRAY(SELECT place.database_id FROM workfile_execution_locations place
        WHERE place.workfile_id = wf.id AND place.database_id IS NOT NULL ORDER BY place.id) AS "databaseIds"
    FROM workfiles wf LEFT JOIN workfile_flows flow ON flow.workfile_id = wf.id
    WHERE wf.id = $1 AND wf.deleted_at IS NULL`,
};

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
    private readonly standings: WorkfileStandings,
    private readonly views: WorkfileViews,
  ) {}

  /**
   * The workfile for somebody who may see it; remembers that he opened it (chorus-api.md 9.3).
   * @throws RecordNotFound, AccessDenied
   */
  async show(id: number, viewer: Viewer): Promise<DetailedWorkfile> {
    const view = await this.views.get(id, viewer);
    // A published touchpoint is for everybody (chorus-api.md 4.3).
    if (view.workfile.kind !== 'published_worklet')
      this.workspaces.assertCanSee(viewer, standingOf(view.workspace));
    return this.views.opened(view, viewer);
  }

  /**
   * Starts the workflow with the account of whoever asks (chorus-api.md 9.8).
   * @throws RecordNotFound, AccessDenied, NotRunnable, RunFailed
   */
  async run(id: number, asking: Asking): Promise<RunAnswer> {
    const { kind } = await this.getRunnable(id, asking.viewer);
    if (kind !== 'workflow') throw new NotRunnable();
    const runId = await this.start(id, asking);
    return { view: await this.views.get(id, asking.viewer), runId };
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
    const { kind } = await this.getRunnable(id, viewer);
    // A touchpoint stops the caller's own run of it, and he can have none yet.
    if (TOUCHPOINTS.includes(kind)) return { view: await this.views.get(id, viewer), runId: null };
    if (kind !== 'workflow') throw new NotRunnable();
    const { runId } = await this.runner.stop(new StopWorkflow(id, viewer.id, wish));
    return { view: await this.views.get(id, viewer), runId };
  }

  /**
   * A workfile to be run or stopped. A touchpoint that everybody may see is not checked: users have runs of their own there,
   * and stop no other (chorus-api.md 4.3, 9.9).
   * @throws RecordNotFound; AccessDenied by rule *edit*
   */
  private async getRunnable(id: number, viewer: Viewer): Promise<WorkfileAccess> {
    const access = await this.standings.of(id, viewer);
    const isOpen =
      access.kind === 'published_worklet' || (access.kind === 'worklet' && access.public);
    if (!isOpen) this.workspaces.assertCanEdit(viewer, access);
    return access;
  }

  /** @throws RecordNotFound; AccessDenied by rule *edit* */
  async getEditable(id: number, viewer: Viewer): Promise<WorkfileAccess> {
    const access = await this.standings.of(id, viewer);
    this.workspaces.assertCanEdit(viewer, access);
    return access;
  }

  /** @throws RecordNotFound; AccessDenied by rule *see* */
  async assertVisible(id: number, viewer: Viewer): Promise<void> {
    this.workspaces.assertCanSee(viewer, await this.standings.of(id, viewer));
  }

  /** A workfile to be looked at, read or copied. @throws RecordNotFound; AccessDenied by rule *see* */
  async getVisible(id: number, viewer: Viewer): Promise<WorkfileAccess> {
    const access = await this.standings.of(id, viewer);
    // A published touchpoint is for everybody (chorus-api.md 4.3).
    if (access.kind !== 'published_worklet') this.workspaces.assertCanSee(viewer, access);
    return access;
  }

  private async snapshot(id: number, viewer: Viewer): Promise<RunSnapshot> {
    const [flow] = await queryPrepared<{
      flowName: string;
      afm: string | null;
      databaseIds: number[];
    }>(this.orm, FLOW, [id]);
    if (flow === undefined) throw new RecordNotFound();
    if (!flow.afm) throw new RunFailed('the workflow has no document');
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
