import { RecordNotFound, ValidationFailed } from '../../common/errors/domain-error.js';
import { UploadedFile } from '../../common/http/uploaded-file.js';

/** A workflow to be created, its input checked. */
export interface NewWorkflow {
  /** Without `.afm`. */
  readonly fileName: string;
  readonly description: string | null;
  /** A taken name gets a number: the name is that of an upload, not one that somebody chose. */
  readonly renames: boolean;
  /** Null: a workflow without operators. */
  readonly contents: Buffer | null;
  readonly databaseIds: readonly number[];
}

const NAME = /^[a-zA-Z0-9_ .()-]+$/;
const MAX_NAME = 255;
const MAX_DESCRIPTION = 10_000;
const LARGEST_ID = 2_147_483_647;
const DATABASES = new Set(['gpdb_database', 'pg_database']);
const OTHER_PLACES = new Set([
  'hdfs_data_source',
  'oracle_data_source',
  'jdbc_data_source',
  'jdbc_hive_data_source',
  'jdbc_hive_data_sources',
]);

type Fields = Readonly<Record<string, unknown>>;

/**
 * Attributes of `workfile[…]`, or flat (chorus-api.md 1.2, 9.2).
 * @throws ValidationFailed naming every field that is wrong
 */
export function readNewWorkflow(body: unknown): NewWorkflow {
  const flat = objectOf(body);
  const fields = 'workfile' in flat ? objectOf(flat['workfile']) : flat;
  const problems: Record<string, Record<string, unknown>> = {};
  const subtype = fields['entity_subtype'];
  if (subtype !== 'alpine')
    problems['entity_subtype'] = {
      INCLUSION: typeof subtype === 'string' ? { value: subtype } : {},
    };
  const upload = uploadOf(fields);
  const given = textOf(fields['file_name']).trim();
  const fileName = given === '' ? (upload?.fileName ?? '').replace(/\.afm$/i, '') : given;
  if (fileName === '') problems['file_name'] = { BLANK: {} };
  else if (fileName.length > MAX_NAME - 8)
    problems['file_name'] = { TOO_LONG: { count: MAX_NAME - 8 } };
  else if (!NAME.test(fileName)) problems['file_name'] = { INVALID: { value: fileName } };
  const description = textOf(fields['description']) || null;
  if ((description?.length ?? 0) > MAX_DESCRIPTION)
    problems['description'] = { TOO_LONG: { count: MAX_DESCRIPTION } };
  if (upload?.contents === null)
    problems['versions.contents_file_size'] = {
      LESS_THAN: { message: 'file_size_exceeded', count: `${upload.limitBytes} Bytes` },
    };
  const databaseIds = databaseIdsOf(fields['execution_locations'], problems);
  if (Object.keys(problems).length > 0) throw new ValidationFailed(problems);
  return {
    fileName,
    description,
    renames: given === '',
    contents: upload?.contents ?? null,
    databaseIds,
  };
}

function uploadOf(fields: Fields): UploadedFile | null {
  for (const version of listOf(fields['versions_attributes'])) {
    const { contents } = objectOf(version);
    if (contents instanceof UploadedFile) return contents;
  }
  return null;
}

/** @throws RecordNotFound for an id that names nothing */
function databaseIdsOf(
  value: unknown,
  problems: Record<string, Record<string, unknown>>,
): readonly number[] {
  const ids: number[] = [];
  for (const one of listOf(value)) {
    const { entity_type: type, id } = objectOf(one);
    if (typeof type !== 'string' || !(DATABASES.has(type) || OTHER_PLACES.has(type))) {
      problems['execution_locations'] = { INVALID: {} };
      continue;
    }
    // What cannot run operators here is no place to run in: the run says so (operators.md 3).
    if (!DATABASES.has(type)) continue;
    const number = Number(textOf(id));
    if (!Number.isInteger(number) || number < 1 || number > LARGEST_ID) throw new RecordNotFound();
    if (!ids.includes(number)) ids.push(number);
  }
  return ids;
}

/** Forms send lists as hashes of their indexes. */
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : Object.values(objectOf(value));
}

function objectOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && !value.includes('\0') ? value : '';
}
