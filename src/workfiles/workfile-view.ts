import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { Database } from '../data-sources/database.entity.js';
import { DataSource } from '../data-sources/data-source.entity.js';
import { type Talk, type TalkJson, talkJson, talkOf } from '../notes/talk.js';
import type { RunStatus } from '../runs/run-status.js';
import { ACTIVE } from '../runs/run-status.js';
import { tagsJson, type TagView } from '../tags/tag-view.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import {
  type WorkspaceView,
  type WorkspaceViewJson,
  workspaceJson,
  workspaceViewOf,
} from '../workspaces/workspace-view.js';
import { Workfile } from './workfile.entity.js';
import { Worklet } from './worklet.entity.js';
import { WorkletParameter } from './worklet-parameter.entity.js';

/** A database, or a data source without databases of its own. */
export interface ExecutionLocation {
  readonly database: Database | null;
  readonly dataSource: DataSource;
}

/** What a workfile prints besides its workspace and the touchpoints built on it. */
export interface WorkfileParts {
  readonly workfile: Workfile;
  readonly owner: Person;
  readonly tags: readonly TagView[];
  readonly talk: Talk;
  readonly locations: readonly ExecutionLocation[];
  /** Of the chosen datasets, those that still exist. */
  readonly datasetIds: readonly number[];
  /** Of its active run; null when it has none. */
  readonly runStatus: RunStatus | null;
  readonly worklet: {
    readonly worklet: Worklet;
    readonly parameters: readonly WorkletParameter[];
  } | null;
}

/** Everything a workfile prints, in one piece. */
export interface WorkfileView extends WorkfileParts {
  readonly workspace: WorkspaceView;
  readonly worklets: readonly WorkfileParts[];
}

export interface WorkfilePartsJson {
  readonly workfile: object;
  readonly owner: PersonJson;
  readonly tags: readonly TagView[];
  readonly talk: TalkJson;
  readonly locations: readonly { readonly database: object | null; readonly dataSource: object }[];
  readonly datasetIds: readonly number[];
  readonly runStatus: RunStatus | null;
  readonly worklet: { readonly worklet: object; readonly parameters: readonly object[] } | null;
}

export interface WorkfileViewRow {
  readonly parts: WorkfilePartsJson;
  readonly workspace: WorkspaceViewJson;
  readonly worklets: readonly WorkfilePartsJson[];
}

const ACTIVE_LIST = ACTIVE.map((status) => `'${status}'`).join(', ');

/** SQL of one workfile as `WorkfilePartsJson`. @param w alias of its row */
export const partsJson = (w: string) => `json_build_object(
  'workfile', ${entityJson(Workfile, w)},
  'owner', ${personJson(`${w}.owner_id`)},
  'tags', ${tagsJson('workfile', `${w}.id`)},
  'talk', ${talkJson('workfile', `${w}.id`)},
  'locations', (SELECT coalesce(json_agg(json_build_object(
      'database', CASE WHEN db.id IS NOT NULL THEN ${entityJson(Database, 'db')} END,
      'dataSource', ${entityJson(DataSource, 'ds')}) ORDER BY place.id), '[]')
    FROM workfile_execution_locations place
    LEFT JOIN databases db ON db.id = place.database_id
    JOIN data_sources ds ON ds.id = coalesce(db.data_source_id, place.data_source_id)
    WHERE place.workfile_id = ${w}.id AND ds.deleted_at IS NULL AND db.deleted_at IS NULL),
  'datasetIds', (SELECT coalesce(json_agg(known.id ORDER BY chosen.i), '[]')
    FROM unnest(${w}.chosen_dataset_ids) WITH ORDINALITY AS chosen (id, i)
    JOIN datasets known ON known.id = chosen.id AND known.deleted_at IS NULL),
  'runStatus', (SELECT status FROM runs WHERE runs.workfile_id = ${w}.id AND runs.status IN (${ACTIVE_LIST})),
  'worklet', (SELECT json_build_object('worklet', ${entityJson(Worklet, 'touch')},
      'parameters', (SELECT coalesce(json_agg(${entityJson(WorkletParameter, 'asked')} ORDER BY asked.id), '[]')
        FROM worklet_parameters asked WHERE asked.workfile_id = ${w}.id))
    FROM worklets touch WHERE touch.workfile_id = ${w}.id))`;

/**
 * One statement for whole wide answers: $1 workfiles, $2 the viewer of each. Counting, listing and what depends on the viewer
 * are sub-selects over indexes, so that an answer costs one round trip.
 */
export const WORKFILE_VIEWS = {
  name: 'workfile-views',
  text: `SELECT asked.place::int - 1 AS place, ${partsJson('wf')} AS parts, ${workspaceJson('asked.viewer_id')} AS workspace,
      (SELECT coalesce(json_agg(${partsJson('built')} ORDER BY built.file_name, built.id), '[]')
        FROM worklets touchpoint JOIN workfiles built ON built.id = touchpoint.workfile_id
        WHERE touchpoint.workflow_id = wf.id AND built.deleted_at IS NULL) AS worklets
    FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS asked (workfile_id, viewer_id, place)
    JOIN workfiles wf ON wf.id = asked.workfile_id AND wf.deleted_at IS NULL
    JOIN workspaces ws ON ws.id = wf.workspace_id AND ws.deleted_at IS NULL`,
};

export function workfileViewOf({ parts, workspace, worklets }: WorkfileViewRow): WorkfileView {
  return {
    ...partsOf(parts),
    workspace: workspaceViewOf(workspace),
    worklets: worklets.map(partsOf),
  };
}

export function partsOf(json: WorkfilePartsJson): WorkfileParts {
  const { tags, datasetIds, runStatus, worklet } = json;
  return {
    workfile: entityOf(Workfile, json.workfile),
    owner: personOf(json.owner),
    tags,
    talk: talkOf(json.talk),
    locations: json.locations.map(({ database, dataSource }) => ({
      database: database && entityOf(Database, database),
      dataSource: entityOf(DataSource, dataSource),
    })),
    datasetIds,
    runStatus,
    worklet: worklet && {
      worklet: entityOf(Worklet, worklet.worklet),
      parameters: worklet.parameters.map((asked) => entityOf(WorkletParameter, asked)),
    },
  };
}
