import { Injectable } from '@nestjs/common';
import { wireDeleted, wireTime } from '../common/wire/time.js';
import type { RelationStatistics } from '../data-sources/connectors/catalogue.js';
import type { Dataset } from '../data-sources/dataset.entity.js';
import { DataSourceSerializer } from '../data-sources/data-source.serializer.js';
import { TalkSerializer } from '../notes/talk.serializer.js';
import { TagSerializer } from '../tags/tag.serializer.js';
import type { DatasetView } from './dataset-view.js';
import type { DatasetDto, DatasetStatisticsDto, DatasetSubtype } from './dto/dataset.dto.js';

const OBJECT_TYPE: Readonly<Record<Dataset['kind'], string>> = {
  table: 'TABLE',
  view: 'VIEW',
  chorus_view: 'CHORUS_VIEW',
  hdfs: 'MASK',
};

/** The workspace in whose list a dataset is shown. */
export interface ListingWorkspace {
  readonly sandboxId: number | null;
  /** In its succinct form. */
  readonly printed: object;
}

/** Key order is contract (chorus-api.md 5.19). */
@Injectable()
export class DatasetSerializer {
  constructor(
    private readonly dataSources: DataSourceSerializer,
    private readonly talk: TalkSerializer,
    private readonly tags: TagSerializer,
  ) {}

  full(view: DatasetView, workspace: ListingWorkspace | null = null): DatasetDto {
    const { dataset, place } = view;
    const recent = this.talk.recent(view.talk);
    return {
      recent_comments: recent,
      comment_count: recent.length === 0 ? 0 : view.talk.count,
      id: dataset.id,
      object_name: dataset.name,
      schema: place && this.dataSources.sandbox(place),
      entity_type: 'dataset',
      entity_subtype: subtypeOf(dataset, workspace?.sandboxId ?? null),
      stale: dataset.staleAt !== null,
      stale_at: wireTime(dataset.staleAt),
      is_deleted: wireDeleted(dataset.deletedAt),
      associated_workspaces: view.workspaces.map(({ id, name }) => ({ id, name })),
      ...(workspace && { workspace: workspace.printed }),
      has_credentials: view.hasCredentials,
      tags: this.tags.list(view.tags),
      object_type: OBJECT_TYPE[dataset.kind],
      ...(dataset.kind === 'chorus_view' && { query: dataset.query ?? '' }),
      ...(dataset.kind === 'hdfs' && { file_mask: dataset.fileMask, hdfs_data_source: null }),
      complete_json: true,
    };
  }

  statistics(facts: RelationStatistics): DatasetStatisticsDto {
    return {
      object_type: OBJECT_TYPE[facts.kind],
      rows: facts.rows,
      columns: facts.columns,
      description: facts.description,
      last_analyzed_time: wireTime(facts.lastAnalyzed),
      on_disk_size: facts.sizeBytes,
      partitions: facts.partitions,
      definition: facts.definition,
      entity_type: 'dataset_statistics',
      complete_json: true,
    };
  }

  /** Of a saved query nothing is stored but its text. */
  queryStatistics(query: string, columns: number): DatasetStatisticsDto {
    return {
      object_type: OBJECT_TYPE.chorus_view,
      rows: null,
      columns,
      description: null,
      last_analyzed_time: null,
      on_disk_size: null,
      partitions: 0,
      definition: query,
      entity_type: 'dataset_statistics',
      complete_json: true,
    };
  }
}

function subtypeOf({ kind, schemaId }: Dataset, sandboxId: number | null): DatasetSubtype {
  if (kind === 'chorus_view') return 'CHORUS_VIEW';
  if (kind === 'hdfs') return 'HDFS';
  return schemaId !== null && schemaId === sandboxId ? 'SANDBOX_TABLE' : 'SOURCE_TABLE';
}
