import { type AttributeReader, idOf, listOf, objectOf } from './attribute-reader.js';

export const MAX_DESCRIPTION = 10_000;
const NAME = /^[a-zA-Z0-9_ .()-]+$/;
const MAX_NAME = 255;
const MAX_URL = 2048;
const MAX_LOCATIONS = 100;
const MAX_DATASETS = 1000;

/** A place that a request names: a database, or a data source without databases of its own. */
export interface WantedPlace {
  /** The wire's `entity_type`, in the singular. */
  readonly type: string;
  /** Null: names nothing. */
  readonly id: number | null;
}

const PLACES = new Set([
  'gpdb_database',
  'pg_database',
  'hdfs_data_source',
  'oracle_data_source',
  'jdbc_data_source',
  'jdbc_hive_data_source',
]);

/** The name as it will be stored, without blanks around it; reports what is wrong with it as `file_name`. */
export function readName(reader: AttributeReader, given: string): string {
  const name = given.trim();
  if (name === '') reader.refuse('file_name', 'BLANK', {});
  else if (name.length > MAX_NAME) reader.refuse('file_name', 'TOO_LONG', { count: MAX_NAME });
  else if (!NAME.test(name)) reader.refuse('file_name', 'INVALID', { value: name });
  return name;
}

/** A web address; others could run something in the browser of whoever follows it. */
export function readLinkUrl(reader: AttributeReader): string {
  const url = (reader.text('link_url', MAX_URL) ?? '').trim();
  if (url === '' && reader.fields['link_url']) return url;
  if (url === '') reader.refuse('link_url', 'BLANK', {});
  else if (!isWebAddress(url)) reader.refuse('link_url', 'INVALID', { value: url });
  return url;
}

function isWebAddress(text: string): boolean {
  if (!/^https?:\/\/[^\s\\]+$/i.test(text)) return false;
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

/**
 * Execution locations as documented clients send them: the plural `jdbc_hive_data_sources`, and an empty id beside
 * `data_source` = `12JdbcHiveDataSource` (client-expectations.md 4.1).
 * @param body the whole body, which has `data_source`
 */
export function readPlaces(reader: AttributeReader, body: unknown): readonly WantedPlace[] {
  const sources = listOfOne(objectOf(body)['data_source']);
  return reader.list('execution_locations', MAX_LOCATIONS).flatMap((one, i) => {
    const { entity_type, id } = objectOf(one);
    const type = typeof entity_type === 'string' ? entity_type.replace(/sources$/, 'source') : '';
    if (!PLACES.has(type)) {
      reader.refuse('execution_locations', 'INVALID', {});
      return [];
    }
    const isEmpty = id === undefined || id === null || id === '';
    const fallback = isEmpty && !type.endsWith('_database') ? numberIn(sources[i]) : null;
    return [{ type, id: isEmpty ? fallback : idOf(id) }];
  });
}

/** Ids of chosen datasets; null names nothing. */
export function readDatasetIds(reader: AttributeReader): readonly (number | null)[] {
  return reader.list('dataset_ids', MAX_DATASETS).map(idOf);
}

function numberIn(source: unknown): number | null {
  return typeof source === 'string' ? idOf(/^\d+/.exec(source)?.[0]) : null;
}

function listOfOne(value: unknown): readonly unknown[] {
  return typeof value === 'object' ? listOf(value) : [value];
}
