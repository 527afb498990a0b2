import {
  type Occurrence,
  OCCURRENCE_JSON,
  type OccurrenceJson,
  occurrenceOf,
} from '../notes/occurrence.js';
import {
  COMMENT_JSON,
  commentOf,
  type WrittenComment,
  type WrittenCommentJson,
} from '../notes/talk.js';

const LATEST = 5;

/** What is being said in a workspace: of the last seven days, but for the newest insight (chorus-api.md 5.5). */
export interface WorkspaceTalk {
  readonly recentComments: number;
  /** The newest notes and comments, the latest of them last. */
  readonly latest: readonly (Occurrence | WrittenComment)[];
  readonly insight: Occurrence | null;
}

export interface WorkspaceTalkJson {
  readonly recentComments: number;
  readonly latest: readonly (OccurrenceJson | WrittenCommentJson)[];
  readonly insight: OccurrenceJson | null;
}

const RECENT = `created_at > now() - interval '7 days'`;
const NOTES = `FROM events act WHERE act.workspace_id = ws.id AND act.deleted_at IS NULL AND act.action LIKE 'NoteOn%'`;
const COMMENTS = `FROM comments remark JOIN events about ON about.id = remark.event_id
  WHERE about.workspace_id = ws.id AND about.deleted_at IS NULL AND remark.deleted_at IS NULL AND remark.${RECENT}`;

/** SQL of the talk in workspace `ws` as `WorkspaceTalkJson`. */
export const WORKSPACE_TALK_JSON = `json_build_object(
  'recentComments', (SELECT count(*) ${COMMENTS}),
  'latest', (SELECT coalesce(json_agg(said.what ORDER BY said.at), '[]') FROM (
    (SELECT act.updated_at AS at, ${OCCURRENCE_JSON} AS what ${NOTES} AND act.${RECENT}
      ORDER BY act.updated_at DESC, act.id DESC LIMIT ${LATEST})
    UNION ALL
    (SELECT remark.updated_at, ${COMMENT_JSON} ${COMMENTS} ORDER BY remark.updated_at DESC, remark.id DESC LIMIT ${LATEST})
    ORDER BY at DESC LIMIT ${LATEST}) said),
  'insight', (SELECT ${OCCURRENCE_JSON} ${NOTES} AND act.insight ORDER BY act.created_at DESC, act.id DESC LIMIT 1))`;

export function workspaceTalkOf({
  recentComments,
  latest,
  insight,
}: WorkspaceTalkJson): WorkspaceTalk {
  return {
    recentComments,
    latest: latest.map((one) => ('comment' in one ? commentOf(one) : occurrenceOf(one))),
    insight: insight && occurrenceOf(insight),
  };
}
