import type { Answer } from './test-client.js';

/** What the reference client leaves out of a user that it sends back (client-expectations.md 2). */
export const READ_ONLY_OF_USER = [
  ...['complete_json', 'entity_type', 'id', 'image', 'is_deleted', 'tags', 'username'],
] as const;

/** And of a workspace (3). */
export const READ_ONLY_OF_WORKSPACE = [
  ...['complete_json', 'entity_type', 'id', 'image', 'is_deleted', 'workspace_stage'],
] as const;

export function without(document: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !keys.includes(key)));
}

export function idsOf(answer: Answer): number[] {
  return (answer.response as { id: number }[]).map(({ id }) => id);
}

/** `errors.fields` of a 422. @throws Error when it is none */
export function fieldsOf({ status, text, json }: Answer): Record<string, unknown> {
  if (status !== 422) throw new Error(`not refused: ${status} ${text.slice(0, 300)}`);
  return (json as { errors: { fields: Record<string, unknown> } }).errors.fields;
}
