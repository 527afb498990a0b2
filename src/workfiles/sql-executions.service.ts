import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import type { Attributes } from '../common/http/attributes.js';
import { queryPrepared } from '../common/sql/prepared.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { DataSourcesService } from '../data-sources/data-sources.service.js';
import type { SqlResultDto } from '../data-sources/dto/sql-result.dto.js';
import { usableAccount } from '../data-sources/source-access.js';
import { splitStatements } from '../data-sources/sql-executions/split-statements.js';
import type { SqlTask } from '../data-sources/sql-executions/sql-executor.js';
import { SqlResults } from '../data-sources/sql-executions/sql-results.js';
import { type SqlCancelling, SqlStops } from '../data-sources/sql-executions/sql-stops.js';
import { NotRunnable } from '../runs/run.errors.js';
import { canEdit } from '../workspaces/workspace-access.js';
import type { SqlExecutionBody } from './dto/sql-execution.dto.js';
import { WorkfileStandings } from './workfile-standings.service.js';

interface Place extends Record<string, unknown> {
  readonly schemaName: string;
  readonly databaseId: number;
  readonly dataSourceId: number;
}

/** SQL that is ready to be executed, or to be sent as a file. */
export interface PreparedSql {
  readonly task: SqlTask;
  /** Of the CSV file, without `.csv`; null: the rows are to be shown. */
  readonly fileName: string | null;
}

const PLACE = {
  name: 'execution-schema-place',
  text: `SELECT sch.name AS "schemaName", db.id AS "databaseId", ds.id AS "dataSourceId"
    FROM workfiles wf JOIN schemas sch ON sch.id = wf.execution_schema_id AND sch.deleted_at IS NULL
    JOIN databases db ON db.id = sch.database_id AND db.deleted_at IS NULL
    JOIN data_sources ds ON ds.id = db.data_source_id AND ds.deleted_at IS NULL WHERE wf.id = $1`,
};

/** Ad-hoc SQL in the execution schema of an SQL file (chorus-api.md 9.11). */
@Injectable()
export class SqlExecutions {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly standings: WorkfileStandings,
    private readonly dataSources: DataSourcesService,
    private readonly results: SqlResults,
    private readonly stops: SqlStops,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * Checks everything that can be checked without the data source.
   * @throws RecordNotFound; AccessDenied by rule *edit*, or with the data source without an account there; NotRunnable;
   *   ValidationFailed, also in an archived workspace, whoever asks
   */
  async prepare(
    id: number,
    viewer: Viewer,
    attributes: Attributes<SqlExecutionBody>,
  ): Promise<PreparedSql> {
    const access = await this.standings.of(id, viewer);
    if (!canEdit(viewer, { ...access, archived: false })) throw new AccessDenied();
    if (access.archived) throw new ValidationFailed({ workspace: { ARCHIVED: {} } });
    if (access.kind !== 'file') throw new NotRunnable();
    const [place] = await queryPrepared<Place>(this.orm, PLACE, [id]);
    const { sql } = attributes.sent;
    const statements = typeof sql === 'string' ? splitStatements(sql) : [];
    const wanted = attributes.checked({
      ...(place === undefined && { execution_schema: { BLANK: {} } }),
      ...(statements.length === 0 && { sql: { BLANK: {} } }),
    });
    if (place === undefined) throw new RecordNotFound();
    const { schemaName, databaseId, dataSourceId } = place;
    const account = usableAccount(await this.dataSources.get(dataSourceId, viewer));
    const isDownload = 'download' in attributes.sent;
    const task: SqlTask = {
      checkId: wanted.check_id,
      userId: viewer.id,
      subject: { workfileId: id },
      databaseId,
      accountId: account.id,
      schema: schemaName,
      script: {
        statements,
        readOnly: false,
        rowLimit: isDownload ? (wanted.num_of_rows ?? null) : this.config.sqlRowLimit,
      },
    };
    const fileName = wanted.file_name?.trim() || access.fileName.replace(/\.sql$/i, '');
    return { task, fileName: isDownload ? fileName : null };
  }

  /** @throws as `SqlResults.show` */
  show({ task }: PreparedSql, gone: AbortSignal): Promise<SqlResultDto> {
    return this.results.show(task, gone);
  }

  /** @throws as `SqlResults.download` */
  download({ task }: PreparedSql, gone: AbortSignal): Promise<Readable> {
    return this.results.download(task, gone);
  }

  /** One's own, whatever has become of one's rights: what was begun can be ended. @throws RecordNotFound */
  cancel(id: number, checkId: string, viewer: Viewer): Promise<SqlCancelling> {
    return this.stops.cancelOwn(viewer.id, checkId, { workfileId: id });
  }
}
