import {
  type SchemaPlace,
  type SchemaPlaceJson,
  schemaJson,
  schemaOf,
  usableBy,
} from '../data-sources/place.js';

/** What only files print, and what of it depends on the viewer (chorus-api.md 5.9). */
export interface FileExtras {
  /** The viewer has one. */
  readonly hasDraft: boolean;
  /** Where its SQL runs; null for none. */
  readonly schema: SchemaPlace | null;
  /** The viewer may use the schema's data source. */
  readonly hasCredentials: boolean;
}

export interface FileExtrasJson {
  readonly hasDraft: boolean;
  readonly schema: SchemaPlaceJson | null;
  readonly hasCredentials: boolean;
}

/** SQL of workfile `wf` as `FileExtrasJson`; $2 is the viewer. */
export const FILE_EXTRAS_JSON = `json_build_object(
  'hasDraft', EXISTS (SELECT FROM workfile_drafts d WHERE d.workfile_id = wf.id AND d.owner_id = $2),
  'schema', ${schemaJson('wf.execution_schema_id')},
  'hasCredentials', EXISTS (SELECT FROM schemas sch JOIN databases db ON db.id = sch.database_id
    JOIN data_sources ds ON ds.id = db.data_source_id WHERE sch.id = wf.execution_schema_id AND ${usableBy('$2')}))`;

export function fileExtrasOf({ schema, ...others }: FileExtrasJson): FileExtras {
  return { ...others, schema: schema && schemaOf(schema) };
}
