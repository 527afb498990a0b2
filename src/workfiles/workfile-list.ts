import type { Page } from '../common/http/page.js';
import type { Prepared } from '../common/sql/prepared.js';
import { schemaJson } from '../data-sources/place.js';
import { savedJson } from './version-info.js';
import { type ListOrder, nearIds, placedIds, WHOLE_AND_PLACE } from './workfile-list-page.js';
import { partsJson } from './workfile-view.js';

export interface WorkfileFilter {
  /** By date of change instead of name. */
  readonly newestFirst: boolean;
  readonly fileType: string | null;
  /** Substring of the name, with case. */
  readonly namePart: string | null;
  readonly withoutPublishedWorklets: boolean;
}

/** A statement that answers `records`, and `items` or only their `ids`. */
export interface ListStatement {
  readonly values: readonly unknown[];
  /** Null when the best plan depends on the values. */
  readonly name: string | null;
  readonly text: string;
}

const BY_NAME: ListOrder = {
  keys: 'lower(wf.file_name), wf.id',
  reversed: 'lower(wf.file_name) DESC, wf.id DESC',
};
const BY_DATE: ListOrder = {
  keys: 'wf.user_modified_at DESC, wf.id DESC',
  reversed: 'wf.user_modified_at, wf.id',
};
/** Pages that end within so many rows are near: they are read from the start, however many rows there are. */
const NEAR = 1000;
const ITEM = `json_build_object('parts', ${partsJson('wf')}, 'schema', ${schemaJson('wf.execution_schema_id')},
  'saved', (SELECT ${savedJson(0)} FROM workfile_versions saved WHERE saved.id = wf.latest_version_id))`;

const orderOf = ({ newestFirst }: WorkfileFilter) => (newestFirst ? BY_DATE : BY_NAME);

/** SQL of the items with these ids: an array instead of a join keeps the size of the list out of the plan of the items. */
const items = (ids: string, { keys }: ListOrder) =>
  `(SELECT coalesce(json_agg(${ITEM} ORDER BY ${keys}), '[]') FROM workfiles wf WHERE wf.id = ANY (${ids}))`;

/**
 * One page and the size of the whole in one statement (chorus-api.md 9.1). Each combination of filters has a text of its
 * own, so that each is planned with the index that fits it; without a part of a name nothing is counted: the counters
 * know. With one, the plan depends on how rare it is, and to plan the wide items anew costs more than a second round trip:
 * only the ids are answered, for `itemsStatement`.
 */
export function listStatement(
  workspaceId: number,
  filter: WorkfileFilter,
  { page, perPage }: Page,
  near = NEAR,
): ListStatement {
  const offset = (page - 1) * perPage;
  const values: unknown[] = [workspaceId, perPage, offset];
  const conditions = ['wf.workspace_id = $1', 'wf.deleted_at IS NULL'];
  const counted = ['c.workspace_id = $1'];
  const name = ['workfile-list', filter.newestFirst ? 'by-date' : 'by-name'];
  if (filter.fileType !== null) {
    const place = `$${values.push(filter.fileType)}`;
    conditions.push(`wf.file_type = ${place}`);
    counted.push(`c.file_type = ${place}`);
    name.push('of-type');
  }
  if (filter.withoutPublishedWorklets) {
    conditions.push(`wf.kind <> 'published_worklet'`);
    counted.push('NOT c.published');
    name.push('unpublished');
  }
  const named = filter.namePart !== null;
  if (named) conditions.push(`wf.file_name LIKE $${values.push(`%${escaped(filter.namePart)}%`)}`);
  const isNear = offset + perPage <= near;
  name.push(isNear ? 'near' : 'far');

  const matching = `FROM workfiles wf WHERE ${conditions.join(' AND ')}`;
  const records = named
    ? `SELECT count(*) ${matching}`
    : `SELECT coalesce(sum(c.n), 0) FROM workfile_counts c WHERE ${counted.join(' AND ')}`;
  const order = orderOf(filter);
  const ids = isNear ? nearIds(matching, order, near) : placedIds(matching, order);
  const shown = named ? `${ids} AS ids` : `${items(ids, order)} AS items`;
  const text = isNear
    ? `SELECT (${records}) AS records, ${shown}`
    : `WITH ${WHOLE_AND_PLACE(records)} SELECT (SELECT records FROM place) AS records, ${shown}`;
  return { name: named ? null : name.join('-'), text, values };
}

/** What `listStatement` answered the ids of: $1 the ids. */
export function itemsStatement(filter: WorkfileFilter): Prepared {
  return {
    name: `workfile-list-items-${filter.newestFirst ? 'by-date' : 'by-name'}`,
    text: `SELECT ${items('ARRAY(SELECT unnest($1::int[]))', orderOf(filter))} AS items`,
  };
}

/** A pattern of LIKE that means the text itself. */
function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
