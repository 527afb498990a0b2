import type { Page } from '../common/http/page.js';
import type { Prepared } from '../common/sql/prepared.js';
import { schemaJson } from '../data-sources/place.js';
import { savedJson } from './version-info.js';
import { partsJson } from './workfile-view.js';

export interface WorkfileFilter {
  /** By date of change instead of name. */
  readonly newestFirst: boolean;
  readonly fileType: string | null;
  /** Substring of the name, with case. */
  readonly namePart: string | null;
  readonly withoutPublishedWorklets: boolean;
}

const BY_NAME = 'lower(wf.file_name), wf.id';
const BY_DATE = 'wf.user_modified_at DESC, wf.id DESC';
const ITEM = `json_build_object('parts', ${partsJson('wf')}, 'schema', ${schemaJson('wf.execution_schema_id')},
  'saved', (SELECT ${savedJson(0)} FROM workfile_versions saved WHERE saved.id = wf.latest_version_id))`;

/**
 * One page and the size of the whole in one statement (chorus-api.md 9.1). Each combination of filters has a text of its
 * own, so that each is planned with the index that fits it; without a part of a name nothing is counted: the counters know.
 */
export function listStatement(
  workspaceId: number,
  filter: WorkfileFilter,
  { page, perPage }: Page,
): { readonly statement: Prepared; readonly values: readonly unknown[] } {
  const values: unknown[] = [workspaceId, perPage, (page - 1) * perPage];
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
  if (filter.namePart !== null) {
    conditions.push(`wf.file_name LIKE $${values.push(`%${escaped(filter.namePart)}%`)}`);
    name.push('named');
  }
  const matching = `FROM workfiles wf WHERE ${conditions.join(' AND ')}`;
  const records =
    filter.namePart === null
      ? `SELECT coalesce(sum(c.n), 0) FROM workfile_counts c WHERE ${counted.join(' AND ')}`
      : `SELECT count(*) ${matching}`;
  const order = filter.newestFirst ? BY_DATE : BY_NAME;
  const text = `SELECT (${records}) AS records,
      (SELECT coalesce(json_agg(${ITEM} ORDER BY ${order}), '[]')
        FROM (SELECT wf.id ${matching} ORDER BY ${order} LIMIT $2 OFFSET $3) page
        JOIN workfiles wf ON wf.id = page.id) AS items`;
  return { statement: { name: name.join('-'), text }, values };
}

/** A pattern of LIKE that means the text itself. */
function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
