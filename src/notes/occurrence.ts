import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import { Event } from './event.entity.js';
import { COMMENT_JSON, commentOf, type WrittenComment, type WrittenCommentJson } from './talk.js';

/** An event with the people in it and what was said about it. */
export interface Occurrence {
  readonly event: Event;
  readonly actor: Person;
  readonly promotedBy: Person | null;
  readonly comments: readonly WrittenComment[];
}

export interface OccurrenceJson {
  readonly event: object;
  readonly actor: PersonJson;
  readonly promotedBy: PersonJson | null;
  readonly comments: readonly WrittenCommentJson[];
}

/** SQL of event `act` as `OccurrenceJson`. */
export const OCCURRENCE_JSON = `json_build_object('event', ${entityJson(Event, 'act')},
  'actor', ${personJson('act.actor_id')}, 'promotedBy', ${personJson('act.promoted_by_id')},
  'comments', (SELECT coalesce(json_agg(${COMMENT_JSON} ORDER BY remark.created_at, remark.id), '[]')
    FROM comments remark WHERE remark.event_id = act.id AND remark.deleted_at IS NULL))`;

export function occurrenceOf({ event, actor, promotedBy, comments }: OccurrenceJson): Occurrence {
  return {
    event: entityOf(Event, event),
    actor: personOf(actor),
    promotedBy: promotedBy && personOf(promotedBy),
    comments: comments.map(commentOf),
  };
}
