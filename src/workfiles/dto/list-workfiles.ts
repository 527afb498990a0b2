import type { WorkfileFilter } from '../workfile-list.js';
import type { Fields } from './attribute-reader.js';

/** Parameters of the list, from the query string or the body of a GET (chorus-api.md 9.1). What is no text is ignored. */
export function readFilter(fields: Fields): WorkfileFilter {
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === 'string' && value.trim() !== '' ? value : null;
  };
  const order = text('order');
  return {
    newestFirst: order !== null && order !== 'file_name',
    fileType: text('file_type')?.toLowerCase() ?? null,
    namePart: text('name_pattern'),
    withoutPublishedWorklets: fields['no_published_worklets'] !== undefined,
  };
}
