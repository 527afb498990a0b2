import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, DomainError, RecordNotFound } from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import type { DataSourceKind } from './data-source-kinds.js';
import {
  assertVisible,
  forbiddenForm,
  InvalidCredentials,
  isOutOfUse,
  NotInUse,
} from './source-access.js';
import { sourceJson, sourceOf, type SourceView, type SourceViewJson } from './source-view.js';

/** A database in which a user may run things, and with which account. */
export interface UsableDatabase {
  readonly databaseId: number;
  readonly databaseName: string;
  readonly dataSourceId: number;
  readonly dataSourceName: string;
  readonly accountId: number;
}

interface Candidate extends Omit<UsableDatabase, 'accountId'> {
  readonly accountId: number | null;
  readonly kind: DataSourceKind;
  readonly shared: boolean;
  readonly state: string;
  readonly isDeleted: boolean;
  readonly ownerId: number;
  readonly invalidCredentials: boolean | null;
}

export interface SourceFilter {
  readonly kinds: readonly DataSourceKind[];
  /** Also those that the viewer has no access to. */
  readonly all: boolean;
  readonly withoutDisabled: boolean;
  /** Only HDFS with a job tracker. */
  readonly jobTracker: boolean;
}

interface SourceRow extends Record<string, unknown> {
  readonly view: SourceViewJson;
}

const GET = {
  name: 'data-source-view',
  text: `SELECT ${sourceJson('$2::int')} AS view FROM data_sources ds WHERE ds.id = $1 AND ds.deleted_at IS NULL`,
};

// $1 viewer, $2 whether he is an administrator, $3 kinds, $4 all, $5 without disabled, $6 with a job tracker.
const LISTED = `ds.deleted_at IS NULL AND ds.kind = ANY ($3::text[])
  AND (NOT $6 OR (ds.details->>'job_tracker_host' <> '' AND ds.details->>'job_tracker_port' IS NOT NULL))
  AND ($4 OR ds.shared OR ds.public OR ds.owner_id = $1 OR EXISTS (SELECT FROM data_source_accounts own
    WHERE own.data_source_id = ds.id AND own.owner_id = $1 AND own.deleted_at IS NULL))
  AND (ds.state NOT IN ('disabled', 'incomplete') OR (NOT $5 AND ($2 OR ds.owner_id = $1)))`;
const LIST = {
  name: 'data-source-list',
  text: `SELECT ${sourceJson('$1::int')} AS view FROM data_sources ds WHERE ${LISTED}
    ORDER BY lower(ds.name), ds.id LIMIT $7 OFFSET $8`,
};
const COUNT = {
  name: 'data-source-count',
  text: `SELECT count(*)::int AS records FROM data_sources ds WHERE ${LISTED}`,
};

@Injectable()
export class DataSourcesService {
  constructor(private readonly orm: OrmDataSource) {}

  /**
   * For anybody who is logged in; disabled and incomplete ones only for those who manage them.
   * @throws RecordNotFound
   */
  async show(id: number, viewer: Viewer, kinds: readonly DataSourceKind[]): Promise<SourceView> {
    const view = await this.get(id, viewer, kinds);
    assertVisible(viewer, view);
    return view;
  }

  /** A data source that is not deleted, whoever asks: the caller decides what he may. @throws RecordNotFound */
  async get(
    id: number,
    { id: viewerId }: Pick<Viewer, 'id'>,
    kinds?: readonly DataSourceKind[],
  ): Promise<SourceView> {
    const [row] = await queryPrepared<SourceRow>(this.orm, GET, [id, viewerId]);
    const view = row && sourceOf(row.view);
    if (view === undefined || kinds?.includes(view.source.kind) === false)
      throw new RecordNotFound();
    return view;
  }

  /** By name. What is disabled or incomplete is there only for those who manage it. */
  async list(viewer: Viewer, filter: SourceFilter, page: Page): Promise<Paged<SourceView>> {
    const { kinds, all, withoutDisabled, jobTracker } = filter;
    const values = [viewer.id, viewer.isAdmin, kinds, all, withoutDisabled, jobTracker];
    const { perPage } = page;
    const [rows, [count]] = await Promise.all([
      queryPrepared<SourceRow>(this.orm, LIST, [...values, perPage, (page.page - 1) * perPage]),
      queryPrepared<{ records: number }>(this.orm, COUNT, values),
    ]);
    return { items: rows.map(({ view }) => sourceOf(view)), records: count?.records ?? 0, page };
  }

  /**
   * The databases with the account that counts for the user: the owner's for a shared data source, else his own.
   * Stored knowledge only: no data source is asked.
   * @returns in the order of the ids
   * @throws AccessDenied with the data source when he has no account there, InvalidCredentials when it rejected the one he
   *   has (chorus-api.md 3); NotInUse when it is disabled or incomplete; DomainError `RUN_FAILED` when it was deleted
   */
  async usableBy(userId: number, databaseIds: readonly number[]): Promise<UsableDatabase[]> {
    const candidates = await this.orm.query<Candidate[]>(
      `SELECT db.id AS "databaseId", db.name AS "databaseName", ds.id AS "dataSourceId",
         ds.name AS "dataSourceName", ds.kind, ds.shared, ds.state, ds.owner_id AS "ownerId",
         ds.deleted_at IS NOT NULL OR db.deleted_at IS NOT NULL AS "isDeleted",
         account.id AS "accountId", account.invalid_credentials AS "invalidCredentials"
       FROM unnest($2::int[]) WITH ORDINALITY AS wanted (id, i)
       JOIN databases db ON db.id = wanted.id
       JOIN data_sources ds ON ds.id = db.data_source_id
       LEFT JOIN data_source_accounts account ON account.data_source_id = ds.id AND account.deleted_at IS NULL
         AND account.owner_id = CASE WHEN ds.shared THEN ds.owner_id ELSE $1 END
       ORDER BY wanted.i`,
      [userId, databaseIds],
    );
    return candidates.map((candidate) => {
      const { databaseId, databaseName, dataSourceId, dataSourceName, accountId } = candidate;
      if (candidate.isDeleted) throw new DeletedLocation(dataSourceName);
      if (isOutOfUse(candidate)) throw new NotInUse();
      const source = { ...candidate, id: dataSourceId, name: dataSourceName };
      if (accountId === null) throw new AccessDenied(forbiddenForm(source));
      if (candidate.invalidCredentials === true) throw new InvalidCredentials(source);
      return { databaseId, databaseName, dataSourceId, dataSourceName, accountId };
    });
  }
}

/** A workflow is to run where there is nothing any more: 422 `RUN_FAILED` (chorus-api.md 9.8). */
class DeletedLocation extends DomainError {
  constructor(name: string) {
    super('invalid', { record: 'RUN_FAILED', message: `the data source "${name}" was deleted` });
  }
}
