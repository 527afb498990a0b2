import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import { Comment } from './comment.entity.js';
import { Event } from './event.entity.js';

export interface WrittenNote {
  readonly event: Event;
  readonly author: Person;
}

export interface WrittenComment {
  readonly comment: Comment;
  readonly author: Person;
}

/** What is said about one thing: its last note, the last comment on any of its events, and how many there are. */
export interface Talk {
  readonly note: WrittenNote | null;
  readonly comment: WrittenComment | null;
  /** Notes and comments. */
  readonly count: number;
}

export interface TalkJson {
  readonly note: { readonly event: object; readonly author: PersonJson } | null;
  readonly comment: WrittenCommentJson | null;
  readonly count: number;
}

export interface WrittenCommentJson {
  readonly comment: object;
  readonly author: PersonJson;
}

/** SQL of one comment `remark` as `WrittenCommentJson`. */
export const COMMENT_JSON = `json_build_object('comment', ${entityJson(Comment, 'remark')},
  'author', ${personJson('remark.author_id')})`;

/** SQL of the talk about one thing as `TalkJson`. @param type, id what events name as their first target */
export function talkJson(type: string, id: string): string {
  const about = `act.target1_type = '${type}' AND act.target1_id = ${id} AND act.deleted_at IS NULL`;
  const notes = `FROM events act WHERE ${about} AND act.action LIKE 'NoteOn%'`;
  const comments = `FROM comments remark JOIN events act ON act.id = remark.event_id
    WHERE ${about} AND remark.deleted_at IS NULL`;
  return `json_build_object(
    'note', (SELECT json_build_object('event', ${entityJson(Event, 'act')}, 'author', ${personJson('act.actor_id')})
      ${notes} ORDER BY act.created_at DESC, act.id DESC LIMIT 1),
    'comment', (SELECT ${COMMENT_JSON} ${comments} ORDER BY remark.created_at DESC, remark.id DESC LIMIT 1),
    'count', (SELECT count(*) ${notes}) + (SELECT count(*) ${comments}))`;
}

export function talkOf({ note, comment, count }: TalkJson): Talk {
  return {
    note: note && { event: entityOf(Event, note.event), author: personOf(note.author) },
    comment: comment && commentOf(comment),
    count,
  };
}

export function commentOf({ comment, author }: WrittenCommentJson): WrittenComment {
  return { comment: entityOf(Comment, comment), author: personOf(author) };
}
