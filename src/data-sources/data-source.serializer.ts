import { Injectable } from '@nestjs/common';
import { wireDeleted, wireTime } from '../common/wire/time.js';
import { TagSerializer } from '../tags/tag.serializer.js';
import { UserSerializer } from '../users/user.serializer.js';
import type { DataSource } from './data-source.entity.js';
import { isJdbc, KIND_FACTS } from './data-source-kinds.js';
import type {
  DatabaseDto,
  DataSourceDto,
  SchemaDto,
  SuccinctDataSourceDto,
} from './dto/data-source.dto.js';
import type { HdfsDataSourceDto, SuccinctHdfsDataSourceDto } from './dto/hdfs-data-source.dto.js';
import type { DatabasePlace, SchemaPlace } from './place.js';
import type { SourceView } from './source-view.js';

/** Key order is contract (chorus-api.md 5.6 to 5.8). */
@Injectable()
export class DataSourceSerializer {
  constructor(
    private readonly users: UserSerializer,
    private readonly tags: TagSerializer,
  ) {}

  full(view: SourceView): DataSourceDto {
    const { source } = view;
    const { live, provider, hiddenSchemas } = KIND_FACTS[source.kind];
    return {
      ...this.plain(source),
      ...(live && { is_deleted: source.deletedAt !== null }),
      host: source.host,
      port: source.port,
      ssl: source.ssl,
      online: source.state === 'online',
      db_name: source.dbName,
      description: source.description,
      schema_blacklist: hiddenSchemas,
      db_username: view.dbUsername,
      owner: this.users.full(view.owner),
      tags: this.tags.list(view.tags),
      ...(provider !== null && { data_source_provider: provider }),
      ...this.hive(source),
      complete_json: true,
    };
  }

  succinct(source: DataSource): SuccinctDataSourceDto {
    return { ...this.plain(source), ...this.hive(source) };
  }

  /** As an execution location without a database. */
  location(source: DataSource): SuccinctDataSourceDto | SuccinctHdfsDataSourceDto {
    return source.kind === 'hdfs_data_source' ? this.succinctHdfs(source) : this.succinct(source);
  }

  fullHdfs(view: SourceView): HdfsDataSourceDto {
    const { source } = view;
    const { details } = source;
    return {
      ...this.succinctHdfs(source),
      host: source.host,
      port: source.port,
      online: source.state === 'online',
      description: source.description,
      version: source.version,
      username: details.username ?? null,
      group_list: details.group_list ?? null,
      job_tracker_host: details.job_tracker_host ?? null,
      job_tracker_port: details.job_tracker_port ?? null,
      high_availability: details.high_availability ?? false,
      connection_parameters: details.connection_parameters ?? [],
      owner: this.users.full(view.owner),
      tags: this.tags.list(view.tags),
      complete_json: true,
    };
  }

  succinctHdfs(source: DataSource): SuccinctHdfsDataSourceDto {
    const { details } = source;
    return {
      id: source.id,
      name: source.name,
      entity_type: source.kind,
      supports_work_flows: Boolean(details.job_tracker_host && details.job_tracker_port),
      hdfs_version: details.hdfs_version ?? null,
      is_hdfs_hive: details.is_hdfs_hive ?? false,
      hive_metastore_location: details.hive_metastore_location ?? null,
      is_deleted: wireDeleted(source.deletedAt),
      state: source.state,
    };
  }

  /** As execution locations and sandboxes nest it: the data source is succinct. */
  database({ database, dataSource }: DatabasePlace): DatabaseDto {
    return this.databaseIn(database, dataSource, this.succinct(dataSource));
  }

  /** With the full data source. */
  fullDatabase({ database, dataSource }: DatabasePlace, view: SourceView): DatabaseDto {
    return this.databaseIn(database, dataSource, this.full(view));
  }

  /** The form of a workspace's sandbox: without `has_credentials`. Datasets nest it, too. */
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

  fullSchema(place: SchemaPlace, view: SourceView): SchemaDto {
    const { database: _database, complete_json, ...schema } = this.sandbox(place);
    return {
      ...schema,
      has_credentials: view.account?.invalidCredentials === false,
      database: this.fullDatabase(place, view),
      complete_json,
    };
  }

  private plain(source: DataSource): SuccinctDataSourceDto {
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

  private hive({ kind, details }: DataSource): object {
    if (kind !== 'jdbc_hive_data_source') return {};
    return {
      hive: details.hive ?? true,
      hive_kerberos: details.hive_kerberos ?? false,
      hive_kerberos_principal: details.hive_kerberos_principal ?? null,
      hive_hadoop_version: details.hive_hadoop_version ?? null,
      hive_kerberos_keytab_location: details.hive_kerberos_keytab_location ?? null,
    };
  }

  private databaseIn(
    database: DatabasePlace['database'],
    dataSource: DataSource,
    printed: SuccinctDataSourceDto,
  ): DatabaseDto {
    return {
      id: database.id,
      name: database.name,
      data_source: printed,
      entity_type: `${family(dataSource)}_database`,
      complete_json: true,
    };
  }
}

/** `gpdb_data_source` → `gpdb` */
function family({ kind }: DataSource): string {
  return isJdbc(kind) ? 'jdbc' : kind.replace(/_data_source$/, '');
}
