import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { tagsJson, type TagView } from '../tags/tag-view.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import { DataSource } from './data-source.entity.js';

/** The account that counts for somebody in a data source: the owner's when it is shared, else his own. */
export interface UsableAccount {
  readonly id: number;
  /** The data source has refused it since it was saved. */
  readonly invalidCredentials: boolean;
}

/** A data source with what it prints, and what the viewer has there. */
export interface SourceView {
  readonly source: DataSource;
  readonly owner: Person;
  readonly tags: readonly TagView[];
  /** Of the owner's account. */
  readonly dbUsername: string | null;
  readonly account: UsableAccount | null;
}

export interface SourceViewJson {
  readonly source: object;
  readonly owner: PersonJson;
  readonly tags: readonly TagView[];
  readonly dbUsername: string | null;
  readonly account: UsableAccount | null;
}

const OWNERS = `SELECT used.db_username FROM data_source_accounts used
  WHERE used.data_source_id = ds.id AND used.owner_id = ds.owner_id AND used.deleted_at IS NULL`;

/** SQL of data source `ds` as `SourceViewJson`. @param viewer SQL expression of the viewer's id */
export function sourceJson(viewer: string): string {
  return `json_build_object(
    'source', ${entityJson(DataSource, 'ds')},
    'owner', ${personJson('ds.owner_id')},
    'tags', ${tagsJson('data_source', 'ds.id')},
    'dbUsername', (${OWNERS}),
    'account', (SELECT json_build_object('id', used.id, 'invalidCredentials', used.invalid_credentials)
      FROM data_source_accounts used WHERE used.data_source_id = ds.id AND used.deleted_at IS NULL
        AND used.owner_id = CASE WHEN ds.shared THEN ds.owner_id ELSE ${viewer} END))`;
}

export function sourceOf({ source, owner, tags, dbUsername, account }: SourceViewJson): SourceView {
  return {
    source: entityOf(DataSource, source),
    owner: personOf(owner),
    tags,
    dbUsername,
    account,
  };
}
