import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../../access/viewer.js';
import { DomainError, RecordNotFound } from '../../common/errors/domain-error.js';
import type { Page, Paged } from '../../common/http/page.js';
import { queryPrepared } from '../../common/sql/prepared.js';
import { type DataSourceKind, isJdbc, KIND_FACTS } from '../data-source-kinds.js';
import { DataSourcesService } from '../data-sources.service.js';
import {
  DATABASE_JSON,
  type DatabasePlace,
  databaseOf,
  type DatabasePlaceJson,
  schemaJson,
  schemaOf,
  type SchemaPlace,
  type SchemaPlaceJson,
} from '../place.js';
import { assertExplores, usableAccount } from '../source-access.js';
import type { SourceView } from '../source-view.js';
import { CatalogueLooks } from './catalogue-looks.js';

/** A part of a data source's catalogue, with what its viewer has there. */
export interface Seen<Place> {
  readonly place: Place;
  readonly view: SourceView;
}

interface Row<Json> extends Record<string, unknown> {
  readonly place: Json | null;
}

/** $1 account, $2 place. What the account saw there and is still there. */
const sight = (place: string, table: string) => `FROM catalogue_sights sight
  JOIN ${table} one ON one.id = ANY (sight.seen_ids) AND one.stale_at IS NULL AND one.deleted_at IS NULL
  WHERE sight.account_id = $1 AND sight.place = '${place}' AND sight.place_id = $2`;
const count = (name: string, from: string) => ({
  name,
  text: `SELECT count(*)::int AS records ${from}`,
});

const DATABASE = {
  name: 'database-place',
  text: `SELECT ${DATABASE_JSON} AS place FROM databases db JOIN data_sources ds ON ds.id = db.data_source_id
    WHERE db.id = $1 AND db.deleted_at IS NULL AND ds.deleted_at IS NULL`,
};
const SCHEMA = { name: 'schema-place', text: `SELECT ${schemaJson('$1::int')} AS place` };
const DATABASES = {
  name: 'database-list',
  text: `SELECT ${DATABASE_JSON} AS place FROM (SELECT one.* ${sight('data_source', 'databases')}) db
    JOIN data_sources ds ON ds.id = db.data_source_id ORDER BY lower(db.name), db.id LIMIT $3 OFFSET $4`,
};
const DATABASE_COUNT = count('database-count', sight('data_source', 'databases'));
const SCHEMAS = {
  name: 'schema-list',
  text: `SELECT ${schemaJson('one.id')} AS place ${sight('database', 'schemas')}
    ORDER BY lower(one.name), one.id LIMIT $3 OFFSET $4`,
};
const SCHEMA_COUNT = count('schema-count', sight('database', 'schemas'));

/**
 * Databases and schemas for those who may explore their data source, as their account sees them. Lists are read from the
 * live server when they are older than `catalogueMaxAgeSeconds` (chorus-api.md 10.3).
 */
@Injectable()
export class CatalogueLists {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sources: DataSourcesService,
    private readonly looks: CatalogueLooks,
  ) {}

  /** @throws RecordNotFound for a kind without databases; as `CatalogueLooks.ask` */
  async databases(
    dataSourceId: number,
    viewer: Viewer,
    page: Page,
  ): Promise<Paged<DatabasePlace> & { readonly view: SourceView }> {
    const view = await this.explored(dataSourceId, viewer);
    const { source } = view;
    if (!KIND_FACTS[source.kind].live) throw new RecordNotFound();
    const account = usableAccount(view);
    await this.looks.databases(source, account.id);
    const [rows, records] = await this.page<DatabasePlaceJson>(
      [DATABASES, DATABASE_COUNT],
      [account.id, source.id],
      page,
    );
    return { items: rows.map(databaseOf), records, page, view };
  }

  async database(id: number, viewer: Viewer): Promise<Seen<DatabasePlace>> {
    const [row] = await queryPrepared<Row<DatabasePlaceJson>>(this.orm, DATABASE, [id]);
    if (!row?.place) throw new RecordNotFound();
    const place = databaseOf(row.place);
    return { place, view: await this.explored(place.dataSource.id, viewer) };
  }

  async schemas(
    databaseId: number,
    viewer: Viewer,
    page: Page,
  ): Promise<Paged<SchemaPlace> & { readonly view: SourceView }> {
    const { place, view } = await this.database(databaseId, viewer);
    const account = usableAccount(view);
    await this.looks.schemas(place, account.id);
    const [rows, records] = await this.page<SchemaPlaceJson>(
      [SCHEMAS, SCHEMA_COUNT],
      [account.id, databaseId],
      page,
    );
    return { items: rows.map(schemaOf), records, page, view };
  }

  async schema(id: number, viewer: Viewer): Promise<Seen<SchemaPlace>> {
    const [row] = await queryPrepared<Row<SchemaPlaceJson>>(this.orm, SCHEMA, [id]);
    const place = row?.place ? schemaOf(row.place) : null;
    if (place === null || place.dataSource.deletedAt !== null) throw new RecordNotFound();
    return { place, view: await this.explored(place.dataSource.id, viewer) };
  }

  /**
   * Schemas without databases above them, of Oracle and JDBC, which this server cannot read.
   * @throws RecordNotFound for other kinds; else DriverNotConfigured
   */
  async schemasOfSource(dataSourceId: number, viewer: Viewer): Promise<never> {
    const { source } = await this.explored(dataSourceId, viewer);
    const hasSchemas = source.kind === 'oracle_data_source' || isJdbc(source.kind);
    throw hasSchemas ? new DriverNotConfigured(source.kind) : new RecordNotFound();
  }

  private async explored(dataSourceId: number, viewer: Viewer): Promise<SourceView> {
    const view = await this.sources.get(dataSourceId, viewer);
    assertExplores(viewer, view);
    return view;
  }

  private async page<Json>(
    [list, countOf]: readonly [typeof DATABASES, typeof DATABASE_COUNT],
    values: readonly unknown[],
    { page, perPage }: Page,
  ): Promise<readonly [readonly Json[], number]> {
    const [rows, [total]] = await Promise.all([
      queryPrepared<Row<Json>>(this.orm, list, [...values, perPage, (page - 1) * perPage]),
      queryPrepared<{ records: number }>(this.orm, countOf, values),
    ]);
    return [
      rows.flatMap(({ place }) => (place === null ? [] : [place])),
      total?.records ?? 0,
    ] as const;
  }
}

/** This server has no driver for the kind: 422 `DATA_SOURCE_DRIVER_NOT_CONFIGURED` (chorus-api.md 3). */
export class DriverNotConfigured extends DomainError {
  constructor(kind: DataSourceKind) {
    const { label } = KIND_FACTS[kind];
    super('invalid', {
      record: 'DATA_SOURCE_DRIVER_NOT_CONFIGURED',
      data_source: label,
      message: `This server can list ${label} data sources, but not look into them or run anything there.`,
    });
  }
}
