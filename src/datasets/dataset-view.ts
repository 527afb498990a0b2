import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { Dataset } from '../data-sources/dataset.entity.js';
import {
  type SchemaPlace,
  type SchemaPlaceJson,
  schemaJson,
  schemaOf,
  usableBy,
} from '../data-sources/place.js';
import { type Talk, type TalkJson, talkJson, talkOf } from '../notes/talk.js';
import { tagsJson, type TagView } from '../tags/tag-view.js';

export interface AssociatedWorkspace {
  readonly id: number;
  readonly name: string;
}

/** Everything a dataset prints (chorus-api.md 5.19). */
export interface DatasetView {
  readonly dataset: Dataset;
  /** Null: it lies in no database. */
  readonly place: SchemaPlace | null;
  readonly talk: Talk;
  readonly tags: readonly TagView[];
  /** Those of them that the viewer may see. */
  readonly workspaces: readonly AssociatedWorkspace[];
  /** The viewer may use the data source. */
  readonly hasCredentials: boolean;
}

export interface DatasetViewRow extends Record<string, unknown> {
  readonly dataset: object;
  readonly place: SchemaPlaceJson | null;
  readonly talk: TalkJson;
  readonly tags: readonly TagView[];
  readonly workspaces: readonly AssociatedWorkspace[];
  readonly hasCredentials: boolean;
}

/** $1 ids, $2 viewer, $3 whether he is an administrator; in the order of the ids, deleted ones left out. */
export const DATASET_VIEWS = {
  name: 'dataset-views',
  text: `SELECT ${entityJson(Dataset, 'd')} AS dataset, ${schemaJson('d.schema_id')} AS place,
      ${talkJson('dataset', 'd.id')} AS talk, ${tagsJson('dataset', 'd.id')} AS tags,
      (SELECT coalesce(json_agg(json_build_object('id', ws.id, 'name', ws.name) ORDER BY ws.id), '[]')
        FROM associated_datasets used JOIN workspaces ws ON ws.id = used.workspace_id AND ws.deleted_at IS NULL
        WHERE used.dataset_id = d.id AND ($3 OR ws.public OR ws.owner_id = $2
          OR EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = $2))) AS workspaces,
      EXISTS (SELECT FROM schemas sch JOIN databases db ON db.id = sch.database_id
        JOIN data_sources ds ON ds.id = db.data_source_id
        WHERE sch.id = d.schema_id AND ${usableBy('$2::int')}) AS "hasCredentials"
    FROM unnest($1::int[]) WITH ORDINALITY AS wanted (id, i)
    JOIN datasets d ON d.id = wanted.id AND d.deleted_at IS NULL ORDER BY wanted.i`,
};

export function datasetViewOf(row: DatasetViewRow): DatasetView {
  const { dataset, place, talk, tags, workspaces, hasCredentials } = row;
  return {
    dataset: entityOf(Dataset, dataset),
    place: place && schemaOf(place),
    talk: talkOf(talk),
    tags,
    workspaces,
    hasCredentials,
  };
}
