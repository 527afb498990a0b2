import { Injectable } from '@nestjs/common';
import { wireDeleted, wireTime } from '../common/wire/time.js';
import type { DataSource } from './data-source.entity.js';
import type { DatabaseDto, SchemaDto, SuccinctDataSourceDto } from './dto/data-source.dto.js';
import type { DatabasePlace, SchemaPlace } from './place.js';

/** Key order is contract (chorus-api.md 5.6 to 5.8). */
@Injectable()
export class DataSourceSerializer {
  succinct(source: DataSource): SuccinctDataSourceDto {
    return {
      id: source.id,
      name: source.name,
      entity_type: source.kind,
      is_deleted: wireDeleted(source.deletedAt),
      shared: source.shared,
      owner_id: source.ownerId,
      version: source.version,
      is_hawq: source.isHawq,
      state: source.state,
      public: source.public,
    };
  }

  database({ database, dataSource }: DatabasePlace): DatabaseDto {
    return {
      id: database.id,
      name: database.name,
      data_source: this.succinct(dataSource),
      entity_type: `${family(dataSource)}_database`,
      complete_json: true,
    };
  }

  /** The form of a workspace's sandbox: without `has_credentials`. */
  sandbox(place: SchemaPlace): SchemaDto {
    const { schema, dataSource } = place;
    return {
      id: schema.id,
      name: schema.name,
      dataset_count: schema.activeTablesAndViewsCount,
      refreshed_at: wireTime(schema.refreshedAt),
      entity_type: `${family(dataSource)}_schema`,
      is_deleted: wireDeleted(schema.deletedAt),
      stale: schema.staleAt !== null,
      database: this.database(place),
      complete_json: true,
    };
  }
}

/** `gpdb_data_source` → `gpdb` */
function family({ kind }: DataSource): string {
  return kind.replace(/_data_source$/, '');
}
