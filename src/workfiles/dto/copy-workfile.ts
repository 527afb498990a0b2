import { AttributeReader, idOf, objectOf } from './attribute-reader.js';
import { readName } from './workfile-rules.js';

/** Where a copy goes, and under which name (chorus-api.md 9.6). */
export interface WantedCopy {
  /** Undefined: the workspace of the original; null names nothing. */
  readonly workspaceId: number | null | undefined;
  /** Null: that of the original, with a number when it is taken. */
  readonly fileName: string | null;
}

/** @throws ValidationFailed */
export function readCopy(body: unknown): WantedCopy {
  const reader = new AttributeReader(objectOf(body));
  const name = (reader.text('file_name', Infinity) ?? '').trim();
  const { workspace_id: id } = reader.fields;
  const isGiven = id !== undefined && id !== null && id !== '';
  const fileName = name === '' ? null : readName(reader, name);
  reader.done();
  return { workspaceId: isGiven ? idOf(id) : undefined, fileName };
}
