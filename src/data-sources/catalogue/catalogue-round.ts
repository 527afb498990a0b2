import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { DataSource } from '../data-source.entity.js';
import {
  DATABASE_JSON,
  type DatabasePlace,
  databaseOf,
  type DatabasePlaceJson,
  schemaJson,
  schemaOf,
  type SchemaPlaceJson,
} from '../place.js';
import { CatalogueLooks } from './catalogue-looks.js';

const BUDGET_MS = 300_000;
const MOST_DATABASES = 50;
const MOST_SCHEMAS = 200;

const OWNER = `SELECT a.id FROM data_sources ds JOIN data_source_accounts a ON a.data_source_id = ds.id
    AND a.owner_id = ds.owner_id AND a.deleted_at IS NULL AND NOT a.invalid_credentials
  WHERE ds.id = $1 AND ds.deleted_at IS NULL`;
const DATABASES = `SELECT ${DATABASE_JSON} AS place
  FROM catalogue_sights sight JOIN databases db ON db.id = ANY (sight.seen_ids)
  JOIN data_sources ds ON ds.id = db.data_source_id
  WHERE sight.account_id = $1 AND sight.place = 'data_source' AND sight.place_id = $2
    AND db.stale_at IS NULL AND db.deleted_at IS NULL
  ORDER BY db.name = ds.db_name DESC, db.id LIMIT ${MOST_DATABASES}`;
// Schemas that somebody uses: sandboxes, and those whose datasets were listed before.
const SCHEMAS = `SELECT ${schemaJson('s.id')} AS place
  FROM schemas s JOIN databases db ON db.id = s.database_id
  WHERE db.data_source_id = $1 AND s.deleted_at IS NULL AND s.stale_at IS NULL AND db.stale_at IS NULL
    AND (EXISTS (SELECT FROM workspaces ws WHERE ws.sandbox_id = s.id AND ws.deleted_at IS NULL)
      OR EXISTS (SELECT FROM datasets d WHERE d.schema_id = s.id AND d.deleted_at IS NULL))
  ORDER BY s.id LIMIT ${MOST_SCHEMAS}`;

/** Reads all that is worth knowing of one data source, with its owner's account, in bounded time. */
@Injectable()
export class CatalogueRound {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly looks: CatalogueLooks,
  ) {}

  async make(dataSourceId: number, signal: AbortSignal): Promise<void> {
    const source = await this.orm.getRepository(DataSource).findOneBy({ id: dataSourceId });
    const [account] = await this.orm.query<{ id: number }[]>(OWNER, [dataSourceId]);
    if (source === null || account === undefined) return;
    const deadline = performance.now() + BUDGET_MS;
    const goesOn = () => !signal.aborted && performance.now() < deadline;
    await this.looks.databases(source, account.id, 0);
    for (const place of await this.databases(account.id, dataSourceId))
      if (goesOn()) await this.looks.schemas(place, account.id, 0).catch(() => undefined);
    const rows = await this.orm.query<{ place: SchemaPlaceJson }[]>(SCHEMAS, [dataSourceId]);
    for (const { place } of rows)
      if (goesOn())
        await this.looks.datasets(schemaOf(place), account.id, 0).catch(() => undefined);
  }

  private async databases(accountId: number, dataSourceId: number): Promise<DatabasePlace[]> {
    const rows = await this.orm.query<{ place: DatabasePlaceJson }[]>(DATABASES, [
      accountId,
      dataSourceId,
    ]);
    return rows.map(({ place }) => databaseOf(place));
  }
}
