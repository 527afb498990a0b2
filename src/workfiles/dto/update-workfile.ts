import { AttributeReader, idOf, objectOf } from './attribute-reader.js';
import {
  MAX_DESCRIPTION,
  readDatasetIds,
  readLinkUrl,
  readName,
  readPlaces,
  type WantedPlace,
} from './workfile-rules.js';

/** What a request wants to change in a workfile; what is missing stays (chorus-api.md 9.4). */
export interface WorkfileChanges {
  readonly fileName?: string;
  readonly description?: string | null;
  readonly linkUrl?: string;
  /** Null for none; `{ id: null }` names nothing. */
  readonly executionSchema?: { readonly id: number | null } | null;
  readonly places?: readonly WantedPlace[];
  readonly datasetIds?: readonly (number | null)[];
}

/** `stopping` is this server's own word: a client may send back what it got. */
const STATUSES = ['idle', 'running', 'stopping'];

/**
 * Attributes of `workfile[…]`, or flat. What the kind does not have is ignored, as unknown attributes are; so is `status`,
 * which follows from the workflow's run.
 * @throws ValidationFailed naming every field that is wrong
 */
export function readChanges(body: unknown, kind: string): WorkfileChanges {
  const reader = AttributeReader.of(body, 'workfile');
  const { status } = reader.fields;
  if (status !== undefined && status !== null && !STATUSES.some((one) => one === status))
    reader.refuse('status', 'INCLUSION', isShort(status) ? { value: status } : {});
  const changes: WorkfileChanges = {
    ...(reader.has('file_name') && {
      fileName: readName(reader, reader.text('file_name', Infinity) ?? ''),
    }),
    ...(reader.has('description') && { description: reader.text('description', MAX_DESCRIPTION) }),
    ...(kind === 'link' && reader.has('link_url') && { linkUrl: readLinkUrl(reader) }),
    ...(kind === 'file' &&
      reader.has('execution_schema') && { executionSchema: readSchema(reader) }),
    ...(kind === 'workflow' &&
      reader.has('execution_locations') && { places: readPlaces(reader, body) }),
    ...(kind === 'workflow' && reader.has('dataset_ids') && { datasetIds: readDatasetIds(reader) }),
  };
  reader.done();
  return changes;
}

/** `execution_schema[id]`; without an id there is none. */
function readSchema(reader: AttributeReader): { readonly id: number | null } | null {
  const { execution_schema: schema } = reader.fields;
  if (schema === null || schema === '') return null;
  if (typeof schema !== 'object') reader.refuse('execution_schema', 'INVALID', {});
  const { id } = objectOf(schema);
  return id === undefined || id === null || id === '' ? null : { id: idOf(id) };
}

/** Not worth repeating otherwise. */
function isShort(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 100;
}
