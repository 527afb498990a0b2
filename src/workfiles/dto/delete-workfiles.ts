import { AttributeReader, type Fields, idOf } from './attribute-reader.js';

const MAX_IDS = 10_000;

/** `workfile_ids[]`. @throws ValidationFailed when there are none, or what cannot be one */
export function readIds(fields: Fields): readonly number[] {
  const value = fields['workfile_ids'];
  const isOne = (typeof value === 'string' && value !== '') || typeof value === 'number';
  const reader = new AttributeReader(isOne ? { workfile_ids: [value] } : fields);
  const ids = reader.list('workfile_ids', MAX_IDS).map(idOf);
  if (ids.length === 0) reader.refuse('workfile_ids', 'BLANK', {});
  if (ids.includes(null)) reader.refuse('workfile_ids', 'INVALID', {});
  reader.done();
  return ids.filter((id) => id !== null);
}
