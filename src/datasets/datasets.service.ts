import { Inject, Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import type { Attributes } from '../common/http/attributes.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { ident } from '../common/sql/sql.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import {
  CatalogueLists,
  DriverNotConfigured,
} from '../data-sources/catalogue/catalogue-lists.service.js';
import { CatalogueLooks } from '../data-sources/catalogue/catalogue-looks.js';
import type { ColumnFacts, RelationStatistics } from '../data-sources/connectors/catalogue.js';
import type { SqlResultDto } from '../data-sources/dto/sql-result.dto.js';
import type { SchemaPlace } from '../data-sources/place.js';
import { assertExplores, usableAccount } from '../data-sources/source-access.js';
import { DataSourcesService } from '../data-sources/data-sources.service.js';
import { SqlResults } from '../data-sources/sql-executions/sql-results.js';
import { type SqlCancelling, SqlStops } from '../data-sources/sql-executions/sql-stops.js';
import { DatasetRules } from './dataset-rules.js';
import type { DatasetView } from './dataset-view.js';
import { DatasetViews } from './dataset-views.service.js';
import type { PreviewBody } from './dto/dataset-requests.dto.js';
import { withoutSemicolon } from './without-semicolon.js';

export interface DatasetFilter {
  /** Part of the name, ignoring case. */
  readonly namePart: string | null;
  readonly tablesOnly: boolean;
}

/** A table, view or saved query that can be asked, and the account to ask with. */
interface Askable {
  readonly view: DatasetView;
  readonly place: SchemaPlace;
  readonly accountId: number;
  /** The text of a saved query; null for tables and views. */
  readonly query: string | null;
}

// $1 account, $2 schema, $3 pattern, $4 tables only.
const SEEN = `FROM catalogue_sights sight
  JOIN datasets d ON d.id = ANY (sight.seen_ids) AND d.stale_at IS NULL AND d.deleted_at IS NULL
  WHERE sight.account_id = $1 AND sight.place = 'schema' AND sight.place_id = $2
    AND ($3::text IS NULL OR d.name ILIKE $3) AND (NOT $4 OR d.kind = 'table')`;
const LIST = {
  name: 'dataset-list',
  text: `SELECT d.id ${SEEN} ORDER BY lower(d.name), d.id LIMIT $5 OFFSET $6`,
};
const COUNT = { name: 'dataset-count', text: `SELECT count(*)::int AS records ${SEEN}` };
const STALE = `UPDATE datasets SET stale_at = now(), updated_at = now() WHERE id = $1 AND stale_at IS NULL`;

/** Tables, views and saved queries of live data sources, as their viewers' accounts see them (chorus-api.md 10.3). */
@Injectable()
export class DatasetsService {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly views: DatasetViews,
    private readonly rules: DatasetRules,
    private readonly lists: CatalogueLists,
    private readonly looks: CatalogueLooks,
    private readonly sources: DataSourcesService,
    private readonly results: SqlResults,
    private readonly stops: SqlStops,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** @throws RecordNotFound, AccessDenied; as `CatalogueLooks.ask` */
  async ofSchema(
    schemaId: number,
    viewer: Viewer,
    { namePart, tablesOnly }: DatasetFilter,
    page: Page,
  ): Promise<Paged<DatasetView>> {
    const { place, view } = await this.lists.schema(schemaId, viewer);
    const account = usableAccount(view);
    await this.looks.datasets(place, account.id);
    const pattern = namePart === null ? null : `%${namePart.replace(/[\\%_]/g, '\\$&')}%`;
    const values = [account.id, schemaId, pattern, tablesOnly];
    const { perPage } = page;
    const [rows, [count]] = await Promise.all([
      queryPrepared<{ id: number }>(this.orm, LIST, [
        ...values,
        perPage,
        (page.page - 1) * perPage,
      ]),
      queryPrepared<{ records: number }>(this.orm, COUNT, values),
    ]);
    const ids = rows.map(({ id }) => id);
    return { items: await this.views.list(ids, viewer), records: count?.records ?? 0, page };
  }

  /** @throws RecordNotFound also when a table or view is gone from the database */
  async show(id: number, viewer: Viewer): Promise<DatasetView> {
    const view = await this.views.get(id, viewer);
    await this.rules.assertSees(view, viewer);
    // What is not in a live database cannot have gone from there.
    if (view.dataset.kind !== 'table' && view.dataset.kind !== 'view') return view;
    await this.columnsOf(await this.askable(view, viewer));
    return view;
  }

  /** In their order. @throws RecordNotFound; DriverNotConfigured for HDFS */
  async columns(id: number, viewer: Viewer): Promise<readonly ColumnFacts[]> {
    return this.columnsOf(await this.askable(await this.views.get(id, viewer), viewer));
  }

  /** @returns of a saved query, its text and the number of its columns */
  async statistics(
    id: number,
    viewer: Viewer,
  ): Promise<RelationStatistics | { readonly query: string; readonly columns: number }> {
    const askable = await this.askable(await this.views.get(id, viewer), viewer);
    const { place, accountId, query, view } = askable;
    if (query !== null) return { query, columns: (await this.columnsOf(askable)).length };
    const facts = await this.looks.ask(
      place.dataSource,
      accountId,
      place.database.id,
      (catalogue) => catalogue.statistics(place.schema.name, view.dataset.name),
    );
    return facts ?? this.gone(view);
  }

  /** The first rows, in a transaction that can write nothing. @throws as `SqlResults.show`; MissingObject */
  async preview(
    id: number,
    viewer: Viewer,
    attributes: Attributes<PreviewBody>,
    gone: AbortSignal,
  ): Promise<SqlResultDto> {
    const { place, accountId, query, view } = await this.askable(
      await this.views.get(id, viewer),
      viewer,
    );
    const { check_id: checkId } = attributes.checked();
    const rowLimit = this.config.sqlRowLimit;
    const from =
      query === null
        ? ident(place.schema.name, view.dataset.name).text
        : `(${query}\n) AS saved_query`;
    return this.results.show(
      {
        checkId,
        userId: viewer.id,
        subject: { datasetId: id },
        databaseId: place.database.id,
        accountId,
        schema: query === null ? null : place.schema.name,
        script: {
          statements: [`SELECT * FROM ${from} LIMIT ${rowLimit}`],
          readOnly: true,
          rowLimit,
        },
        isOurs: query === null,
      },
      gone,
    );
  }

  /** One's own, whatever has become of one's rights. @throws RecordNotFound */
  cancelPreview(id: number, checkId: string, viewer: Viewer): Promise<SqlCancelling> {
    return this.stops.cancelOwn(viewer.id, checkId, { datasetId: id });
  }

  private async askable(view: DatasetView, viewer: Viewer): Promise<Askable> {
    await this.rules.assertSees(view, viewer);
    const { dataset, place } = view;
    if (dataset.kind === 'hdfs') throw new DriverNotConfigured('hdfs_data_source');
    if (place === null) throw new RecordNotFound();
    const source = await this.sources.get(place.dataSource.id, viewer);
    assertExplores(viewer, source);
    const query = dataset.kind === 'chorus_view' ? withoutSemicolon(dataset.query ?? '') : null;
    return { view, place, accountId: usableAccount(source).id, query };
  }

  private async columnsOf({
    view,
    place,
    accountId,
    query,
  }: Askable): Promise<readonly ColumnFacts[]> {
    const columns = await this.looks.ask(
      place.dataSource,
      accountId,
      place.database.id,
      (catalogue) =>
        query === null
          ? catalogue.columns(place.schema.name, view.dataset.name)
          : catalogue.queryColumns(query),
    );
    return columns ?? this.gone(view);
  }

  /** Remembers that it is gone. @throws RecordNotFound */
  private async gone({ dataset }: DatasetView): Promise<never> {
    await this.orm.query(STALE, [dataset.id]);
    throw new RecordNotFound();
  }
}
