import { entityJson, entityOf } from '../common/sql/entity-json.js';
import {
  type SchemaPlace,
  type SchemaPlaceJson,
  schemaJson,
  schemaOf,
  usableBy,
} from '../data-sources/place.js';
import {
  type Occurrence,
  OCCURRENCE_JSON,
  type OccurrenceJson,
  occurrenceOf,
} from '../notes/occurrence.js';
import { tagsJson, type TagView } from '../tags/tag-view.js';
import { Image } from '../users/image.entity.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import { Workspace } from './workspace.entity.js';
import { WorkspaceStage } from './workspace-stage.entity.js';
import {
  WORKSPACE_TALK_JSON,
  type WorkspaceTalk,
  type WorkspaceTalkJson,
  workspaceTalkOf,
} from './workspace-talk.js';

/** What is counted, and what depends on who looks (chorus-api.md 5.5). */
export interface WorkspaceFacts {
  readonly isMember: boolean;
  readonly datasets: number;
  readonly members: number;
  readonly workfiles: number;
  readonly insights: number;
  readonly recentInsights: number;
  readonly recentNotes: number;
  readonly milestones: number;
  readonly milestonesAchieved: number;
  /** `YYYY-MM-DD`, of the latest milestone. */
  readonly targetDate: string | null;
  readonly tags: readonly TagView[];
}

/** Everything a workspace prints, in one piece. */
export interface WorkspaceView {
  readonly workspace: Workspace;
  readonly owner: Person;
  readonly archiver: Person | null;
  readonly stage: WorkspaceStage | null;
  readonly image: Image | null;
  readonly sandbox: SchemaPlace | null;
  readonly statusChange: Occurrence | null;
  readonly facts: WorkspaceFacts;
  /** Null unless it was asked for. */
  readonly talk: WorkspaceTalk | null;
}

export interface WorkspaceViewJson {
  readonly workspace: object;
  readonly owner: PersonJson;
  readonly archiver: PersonJson | null;
  readonly stage: object | null;
  readonly image: object | null;
  readonly sandbox: SchemaPlaceJson | null;
  readonly statusChange: OccurrenceJson | null;
  readonly facts: WorkspaceFacts;
  readonly talk?: WorkspaceTalkJson;
}

const NOTES = `FROM events note WHERE note.workspace_id = ws.id AND note.deleted_at IS NULL AND note.action LIKE 'NoteOn%'`;
const MILESTONES = `FROM milestones goal WHERE goal.workspace_id = ws.id`;
const LIVE_DATASETS = `FROM datasets known WHERE known.deleted_at IS NULL AND known.stale_at IS NULL`;

// What was recorded by the last refresh; no data source is asked (the fallback formula of chorus-api.md 5.5).
const datasetsFor = (viewer: string) => `
  (SELECT count(*) FROM associated_datasets used JOIN datasets known ON known.id = used.dataset_id
    WHERE used.workspace_id = ws.id AND known.deleted_at IS NULL AND known.stale_at IS NULL)
  + (SELECT count(*) ${LIVE_DATASETS} AND known.workspace_id = ws.id)
  + CASE WHEN ws.show_sandbox_datasets AND EXISTS (
      SELECT FROM schemas sandbox JOIN databases db ON db.id = sandbox.database_id
      JOIN data_sources ds ON ds.id = db.data_source_id
      WHERE sandbox.id = ws.sandbox_id AND ${usableBy(viewer)})
    THEN (SELECT count(*) ${LIVE_DATASETS} AND known.schema_id = ws.sandbox_id) ELSE 0 END`;

const factsJson = (viewer: string) => `(
  SELECT json_build_object(
    'isMember', EXISTS (SELECT FROM memberships m WHERE m.workspace_id = ws.id AND m.user_id = ${viewer}),
    'datasets', ${datasetsFor(viewer)},
    'members', (SELECT count(*) FROM memberships m JOIN users u ON u.id = m.user_id
      WHERE m.workspace_id = ws.id AND u.deleted_at IS NULL),
    'workfiles', (SELECT coalesce(sum(w.n), 0)::int FROM workfile_counts w WHERE w.workspace_id = ws.id),
    'insights', notes.insights, 'recentInsights', notes.recent_insights, 'recentNotes', notes.recent,
    'milestones', goals.total, 'milestonesAchieved', goals.achieved, 'targetDate', goals.target_date,
    'tags', ${tagsJson('workspace', 'ws.id')})
  FROM (SELECT count(*) FILTER (WHERE insight) AS insights,
      count(*) FILTER (WHERE insight AND created_at > now() - interval '7 days') AS recent_insights,
      count(*) FILTER (WHERE created_at > now() - interval '7 days') AS recent ${NOTES}) notes,
    (SELECT count(*) AS total, count(*) FILTER (WHERE state = 'achieved') AS achieved,
      coalesce(max(target_date), ws.project_target_date) AS target_date ${MILESTONES}) goals)`;

const STATUS_CHANGE = `(SELECT ${OCCURRENCE_JSON} FROM events act
  WHERE act.workspace_id = ws.id AND act.action = 'ProjectStatusChanged' AND act.deleted_at IS NULL
  ORDER BY act.created_at DESC, act.id DESC LIMIT 1)`;

/**
 * SQL of workspace `ws` as `WorkspaceViewJson`.
 * @param viewer SQL expression of the viewer's id
 * @param withTalk also its latest comments and insight
 */
export function workspaceJson(viewer: string, withTalk = false): string {
  return `json_build_object(
    'workspace', ${entityJson(Workspace, 'ws')},
    'owner', ${personJson('ws.owner_id')},
    'archiver', ${personJson('ws.archiver_id')},
    'stage', (SELECT ${entityJson(WorkspaceStage, 'stage')} FROM workspace_stages stage
      WHERE stage.id = ws.workspace_stage_id),
    'image', (SELECT ${entityJson(Image, 'picture')} FROM images picture WHERE picture.workspace_id = ws.id),
    'sandbox', ${schemaJson('ws.sandbox_id')},
    'statusChange', ${STATUS_CHANGE},
    'facts', ${factsJson(viewer)}${withTalk ? `, 'talk', ${WORKSPACE_TALK_JSON}` : ''})`;
}

export function workspaceViewOf(json: WorkspaceViewJson): WorkspaceView {
  const { archiver, stage, image, sandbox, statusChange, talk } = json;
  return {
    workspace: entityOf(Workspace, json.workspace),
    owner: personOf(json.owner),
    archiver: archiver && personOf(archiver),
    stage: stage && entityOf(WorkspaceStage, stage),
    image: image && entityOf(Image, image),
    sandbox: sandbox && schemaOf(sandbox),
    statusChange: statusChange && occurrenceOf(statusChange),
    facts: json.facts,
    talk: talk ? workspaceTalkOf(talk) : null,
  };
}
