import { RecordNotFound } from '../common/errors/domain-error.js';
import { LARGEST_ID } from '../common/http/attribute-rules.js';
import type { WorkspaceFilter } from './workspace-list.service.js';

/**
 * Parameters of list and show (chorus-api.md 8.1, 8.3), from the query string or the body of a GET.
 * @throws RecordNotFound for a user who cannot be one
 */
export function readFilter(
  query: unknown,
  body: unknown,
): WorkspaceFilter & { readonly succinct: boolean } {
  const fields = { ...(body as object | undefined), ...(query as object) } as Readonly<
    Record<string, unknown>
  >;
  const isTrue = (name: string) => fields[name] === 'true' || fields[name] === true;
  return {
    // "Any value" counts, but what a JSON body calls none.
    active: ![undefined, null, false].includes(fields['active'] as null),
    memberId: memberOf(fields['user_id']),
    mostActive: fields['get_options'] === 'most_active',
    withTalk: isTrue('show_latest_comments'),
    succinct: isTrue('succinct'),
  };
}

function memberOf(value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null;
  const id = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (!Number.isInteger(id) || Number(id) < 1 || Number(id) > LARGEST_ID)
    throw new RecordNotFound();
  return Number(id);
}
