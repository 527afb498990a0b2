import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { DomainError, RecordNotFound } from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { CatalogueLooks } from '../data-sources/catalogue/catalogue-looks.js';
import { DataSourcesService } from '../data-sources/data-sources.service.js';
import type { WorkspaceView } from '../workspaces/workspace-view.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { DatasetView } from './dataset-view.js';
import { DatasetViews } from './dataset-views.service.js';

export const SUBTYPE_FILTERS = [
  'SANDBOX_TABLE',
  'SANDBOX_DATASET',
  'CHORUS_VIEW',
  'SOURCE_TABLE',
  'NON_CHORUS_VIEW',
  'HDFS',
] as const;

export interface WorkspaceDatasetFilter {
  readonly subtype: (typeof SUBTYPE_FILTERS)[number] | null;
  /** Part of the name, ignoring case. */
  readonly namePart: string | null;
  readonly databaseId: number | null;
}

export interface WorkspaceDatasetList extends Paged<DatasetView> {
  readonly workspace: WorkspaceView;
}

// $1 workspace, $2 account that sees the sandbox (null: the viewer has none), $3 subtype, $4 pattern, $5 database.
const FOUND = `FROM (SELECT d.*,
      EXISTS (SELECT FROM associated_datasets used WHERE used.workspace_id = ws.id AND used.dataset_id = d.id) AS is_used,
      d.kind IN ('table', 'view') AND d.schema_id = ws.sandbox_id AND ws.show_sandbox_datasets AND $2::int IS NOT NULL
        AND d.stale_at IS NULL AND coalesce(d.id = ANY (sight.seen_ids), true) AS is_sandbox,
      d.schema_id = ws.sandbox_id AND d.kind = 'chorus_view' AS is_sandbox_query
    FROM workspaces ws
    JOIN datasets d ON d.deleted_at IS NULL AND (d.workspace_id = ws.id OR d.schema_id = ws.sandbox_id
      OR d.id IN (SELECT used.dataset_id FROM associated_datasets used WHERE used.workspace_id = ws.id))
    LEFT JOIN catalogue_sights sight ON sight.account_id = $2 AND sight.place = 'schema'
      AND sight.place_id = ws.sandbox_id
    WHERE ws.id = $1) d
  LEFT JOIN schemas sch ON sch.id = d.schema_id
  WHERE (d.workspace_id = $1 OR d.is_used OR d.is_sandbox)
    AND CASE $3::text WHEN 'SANDBOX_TABLE' THEN d.is_sandbox
      WHEN 'SANDBOX_DATASET' THEN d.is_sandbox OR d.is_sandbox_query
      WHEN 'CHORUS_VIEW' THEN d.kind = 'chorus_view' WHEN 'SOURCE_TABLE' THEN d.is_used
      WHEN 'NON_CHORUS_VIEW' THEN d.kind <> 'chorus_view' WHEN 'HDFS' THEN d.kind = 'hdfs' ELSE true END
    AND ($4::text IS NULL OR d.name ILIKE $4) AND ($5::int IS NULL OR sch.database_id = $5)`;
const LIST = {
  name: 'workspace-dataset-list',
  text: `SELECT d.id ${FOUND} ORDER BY lower(replace(d.name, '_', '')), d.id LIMIT $6 OFFSET $7`,
};
const COUNT = {
  name: 'workspace-dataset-count',
  text: `SELECT count(*)::int AS records ${FOUND}`,
};

/** What a workspace has to work with: datasets that it uses, that it owns, and its sandbox (chorus-api.md 10.3). */
@Injectable()
export class WorkspaceDatasets {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
    private readonly sources: DataSourcesService,
    private readonly looks: CatalogueLooks,
    private readonly views: DatasetViews,
  ) {}

  /** By name, ignoring case and underscores. @throws RecordNotFound; AccessDenied by rule *see* */
  async list(
    workspaceId: number,
    viewer: Viewer,
    { subtype, namePart, databaseId }: WorkspaceDatasetFilter,
    page: Page,
  ): Promise<WorkspaceDatasetList> {
    const workspace = await this.workspaces.show(workspaceId, viewer);
    const accountId = await this.sandboxAccount(workspace, viewer);
    const pattern = namePart === null ? null : `%${namePart.replace(/[\\%_]/g, '\\$&')}%`;
    const values = [workspaceId, accountId, subtype, pattern, databaseId];
    const { perPage } = page;
    const [rows, [count]] = await Promise.all([
      queryPrepared<{ id: number }>(this.orm, LIST, [
        ...values,
        perPage,
        (page.page - 1) * perPage,
      ]),
      queryPrepared<{ records: number }>(this.orm, COUNT, values),
    ]);
    const items = await this.views.list(
      rows.map(({ id }) => id),
      viewer,
    );
    return { workspace, items, records: count?.records ?? 0, page };
  }

  /** The account that sees the sandbox, which is read with it if it can be. Null: the viewer has none there. */
  private async sandboxAccount(
    { workspace, sandbox }: WorkspaceView,
    viewer: Viewer,
  ): Promise<number | null> {
    if (sandbox === null || !workspace.showSandboxDatasets) return null;
    try {
      const { account } = await this.sources.get(sandbox.dataSource.id, viewer);
      if (account === null || account.invalidCredentials) return null;
      // Without an answer, what is known is shown.
      await this.looks.datasets(sandbox, account.id).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
      });
      return account.id;
    } catch (error) {
      if (error instanceof RecordNotFound) return null;
      throw error;
    }
  }
}
