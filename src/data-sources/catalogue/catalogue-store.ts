import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { queryPrepared } from '../../common/sql/prepared.js';
import type { SeenDataset, SeenObject, SeenSchema } from '../connectors/catalogue.js';
import type { SightPlace } from './catalogue-sight.entity.js';

/** One place of the catalogue, as seen with an account. */
export interface Sight {
  readonly accountId: number;
  readonly place: SightPlace;
  readonly placeId: number;
}

const LONGEST_NAME = 256;

const FRESH = {
  name: 'catalogue-fresh',
  text: `SELECT FROM catalogue_sights WHERE account_id = $1 AND place = $2 AND place_id = $3
    AND seen_at > clock_timestamp() - make_interval(secs => $4)`,
};

// Those who write what they saw of a place take turns; nothing is written below a deleted data source.
const TURN = `SELECT pg_advisory_xact_lock(hashtextextended('catalogue ' || $1::text || $2::text, 0))`;
const LIVE_SOURCE: Readonly<Record<SightPlace, string>> = {
  data_source: `SELECT ds.id FROM data_sources ds WHERE ds.id = $1 AND ds.deleted_at IS NULL FOR SHARE`,
  database: `SELECT ds.id FROM databases db JOIN data_sources ds ON ds.id = db.data_source_id
    WHERE db.id = $1 AND ds.deleted_at IS NULL FOR SHARE OF ds`,
  schema: `SELECT ds.id FROM schemas s JOIN databases db ON db.id = s.database_id
    JOIN data_sources ds ON ds.id = db.data_source_id WHERE s.id = $1 AND ds.deleted_at IS NULL FOR SHARE OF ds`,
};

const NAMED = `unnest($2::text[]) AS seen (name)`;
const UPSERT_DATABASES = `INSERT INTO databases (data_source_id, name) SELECT $1, name FROM ${NAMED} ORDER BY name
  ON CONFLICT (data_source_id, name) DO UPDATE SET stale_at = NULL, deleted_at = NULL, updated_at = now()
    WHERE databases.stale_at IS NOT NULL OR databases.deleted_at IS NOT NULL`;
const UPSERT_SCHEMAS = `INSERT INTO schemas (database_id, name, active_tables_and_views_count, refreshed_at)
  SELECT $1, name, datasets, now() FROM unnest($2::text[], $3::int[]) AS seen (name, datasets) ORDER BY name
  ON CONFLICT (database_id, name) DO UPDATE SET stale_at = NULL, deleted_at = NULL, updated_at = now(),
    refreshed_at = now(), active_tables_and_views_count = excluded.active_tables_and_views_count`;
const UPSERT_DATASETS = `INSERT INTO datasets (schema_id, name, kind)
  SELECT $1, name, kind FROM unnest($2::text[], $3::text[]) AS seen (name, kind) ORDER BY name, kind
  ON CONFLICT (schema_id, name, kind) WHERE deleted_at IS NULL DO UPDATE SET stale_at = NULL, updated_at = now()
    WHERE datasets.stale_at IS NOT NULL`;
const COUNT_DATASETS = `UPDATE schemas SET active_tables_and_views_count = $2, refreshed_at = now(), updated_at = now()
  WHERE id = $1`;

const isGone = (row: string) =>
  `${row}.stale_at IS NULL AND ${row}.deleted_at IS NULL AND ${row}.name <> ALL ($2)`;
const STALE_DATABASES = `UPDATE databases db SET stale_at = now(), updated_at = now()
  WHERE db.data_source_id = $1 AND ${isGone('db')}`;
const STALE_SCHEMAS = `UPDATE schemas s SET stale_at = now(), updated_at = now()
  WHERE s.database_id = $1 AND ${isGone('s')}`;
const STALE_DATASETS = `UPDATE datasets d SET stale_at = now(), updated_at = now()
  WHERE d.schema_id = $1 AND d.kind IN ('table', 'view') AND d.stale_at IS NULL AND d.deleted_at IS NULL
    AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS seen (name, kind)
      WHERE seen.name = d.name AND seen.kind = d.kind)`;
// What is in a place that is gone is gone, too.
const STALE_BELOW = [
  `UPDATE schemas s SET stale_at = now(), updated_at = now() FROM databases db
    WHERE db.id = s.database_id AND db.data_source_id = $1 AND db.stale_at IS NOT NULL AND s.stale_at IS NULL`,
  `UPDATE datasets d SET stale_at = now(), updated_at = now() FROM schemas s JOIN databases db ON db.id = s.database_id
    WHERE s.id = d.schema_id AND db.data_source_id = $1 AND s.stale_at IS NOT NULL AND d.stale_at IS NULL`,
];
const SOURCE_OF_DATABASE = `SELECT data_source_id AS id FROM databases WHERE id = $1`;

const SEE = (
  table: string,
  parent: string,
) => `INSERT INTO catalogue_sights (account_id, place, place_id, seen_ids)
  SELECT $1::int, $2::varchar, $3::int, coalesce(array_agg(one.id), '{}') FROM ${table} one
  WHERE one.${parent} = $3 AND one.stale_at IS NULL AND one.deleted_at IS NULL AND one.name = ANY ($4::text[])
  ON CONFLICT (account_id, place, place_id) DO UPDATE SET seen_ids = excluded.seen_ids, seen_at = excluded.seen_at`;
const SEE_DATABASES = SEE('databases', 'data_source_id');
const SEE_SCHEMAS = SEE('schemas', 'database_id');
const SEE_DATASETS = SEE('datasets', 'schema_id');

/** Keeps what is known of the catalogues: rows of what exists, and for each account what it may see of it. */
@Injectable()
export class CatalogueStore {
  constructor(private readonly orm: OrmDataSource) {}

  async isFresh({ accountId, place, placeId }: Sight, maxAgeSeconds: number): Promise<boolean> {
    const values = [accountId, place, placeId, maxAgeSeconds];
    return (await queryPrepared(this.orm, FRESH, values)).length > 0;
  }

  databases(accountId: number, dataSourceId: number, seen: readonly SeenObject[]): Promise<void> {
    return this.write({ accountId, place: 'data_source', placeId: dataSourceId }, async (tx) => {
      const names = namesOf(seen);
      await tx.query(UPSERT_DATABASES, [dataSourceId, names]);
      await tx.query(STALE_DATABASES, [dataSourceId, names]);
      await this.staleBelow(tx, dataSourceId);
      await tx.query(SEE_DATABASES, [accountId, 'data_source', dataSourceId, visible(seen)]);
    });
  }

  schemas(accountId: number, databaseId: number, seen: readonly SeenSchema[]): Promise<void> {
    return this.write({ accountId, place: 'database', placeId: databaseId }, async (tx) => {
      const known = storable(seen);
      const names = known.map(({ name }) => name);
      const counts = known.map(({ datasets }) => datasets);
      await tx.query(UPSERT_SCHEMAS, [databaseId, names, counts]);
      await tx.query(STALE_SCHEMAS, [databaseId, names]);
      const [source] = await tx.query<{ id: number }[]>(SOURCE_OF_DATABASE, [databaseId]);
      if (source !== undefined) await this.staleBelow(tx, source.id);
      await tx.query(SEE_SCHEMAS, [accountId, 'database', databaseId, visible(seen)]);
    });
  }

  datasets(accountId: number, schemaId: number, seen: readonly SeenDataset[]): Promise<void> {
    return this.write({ accountId, place: 'schema', placeId: schemaId }, async (tx) => {
      const known = storable(seen);
      const values = [schemaId, known.map(({ name }) => name), known.map(({ kind }) => kind)];
      await tx.query(UPSERT_DATASETS, values);
      await tx.query(STALE_DATASETS, values);
      await tx.query(COUNT_DATASETS, [schemaId, seen.length]);
      await tx.query(SEE_DATASETS, [accountId, 'schema', schemaId, visible(seen)]);
    });
  }

  private async write(
    { place, placeId }: Sight,
    write: (tx: EntityManager) => Promise<void>,
  ): Promise<void> {
    await this.orm.transaction(async (tx) => {
      const live = await tx.query<unknown[]>(LIVE_SOURCE[place], [placeId]);
      if (live.length === 0) return;
      await tx.query(TURN, [place, placeId]);
      await write(tx);
    });
  }

  private async staleBelow(tx: EntityManager, dataSourceId: number): Promise<void> {
    for (const statement of STALE_BELOW) await tx.query(statement, [dataSourceId]);
  }
}

function storable<T extends SeenObject>(seen: readonly T[]): readonly T[] {
  return seen.filter(({ name }) => name.length <= LONGEST_NAME);
}

function namesOf(seen: readonly SeenObject[]): string[] {
  return storable(seen).map(({ name }) => name);
}

function visible(seen: readonly SeenObject[]): string[] {
  return seen.filter((one) => one.visible).map(({ name }) => name);
}
