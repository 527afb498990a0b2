import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { DataSource } from './data-source.entity.js';
import { Database } from './database.entity.js';
import { Schema } from './schema.entity.js';

/** A database with the data source it is in. */
export interface DatabasePlace {
  readonly database: Database;
  readonly dataSource: DataSource;
}

export interface SchemaPlace extends DatabasePlace {
  readonly schema: Schema;
}

export interface DatabasePlaceJson {
  readonly database: object;
  readonly dataSource: object;
}

export interface SchemaPlaceJson extends DatabasePlaceJson {
  readonly schema: object;
}

/** SQL of database `db` of data source `ds` as `DatabasePlaceJson`. */
export const DATABASE_JSON = `json_build_object('database', ${entityJson(Database, 'db')},
  'dataSource', ${entityJson(DataSource, 'ds')})`;

/** SQL of one schema with its surroundings as `SchemaPlaceJson`, or NULL. @param id SQL expression */
export function schemaJson(id: string): string {
  return `(SELECT json_build_object('schema', ${entityJson(Schema, 'sch')},
      'database', ${entityJson(Database, 'db')}, 'dataSource', ${entityJson(DataSource, 'ds')})
    FROM schemas sch JOIN databases db ON db.id = sch.database_id JOIN data_sources ds ON ds.id = db.data_source_id
    WHERE sch.id = ${id} AND sch.deleted_at IS NULL)`;
}

export function databaseOf({ database, dataSource }: DatabasePlaceJson): DatabasePlace {
  return { database: entityOf(Database, database), dataSource: entityOf(DataSource, dataSource) };
}

export function schemaOf(json: SchemaPlaceJson): SchemaPlace {
  return { ...databaseOf(json), schema: entityOf(Schema, json.schema) };
}

/** SQL condition: the user may use data source `ds`: it is shared, or he has an account that works. */
export function usableBy(user: string): string {
  return `(ds.deleted_at IS NULL AND ds.state NOT IN ('disabled', 'incomplete') AND EXISTS (
    SELECT FROM data_source_accounts account WHERE account.data_source_id = ds.id AND account.deleted_at IS NULL
      AND account.owner_id = CASE WHEN ds.shared THEN ds.owner_id ELSE ${user} END
      AND NOT account.invalid_credentials))`;
}
