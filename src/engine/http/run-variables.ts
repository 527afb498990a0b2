import { DomainError } from '../../common/errors/domain-error.js';
import { firstCharacters } from '../../common/first-characters.js';
import type { VariableOverride } from '../../runs/run-snapshot.js';

const MAX_VARIABLES = 1000;
const MAX_CHARACTERS = 100_000;

/**
 * Overrides of a run, in both documented forms: `{"variables": [{"name", "value"}]}` (engine-api.md 2.1) and a flat
 * object (5). Numbers and booleans become text.
 * @throws DomainError 400 when it is neither
 */
export function readVariables(body: unknown): VariableOverride[] {
  if (body === undefined || body === null) return [];
  if (typeof body !== 'object' || Array.isArray(body))
    throw malformed('the body must be an object');
  const fields = body as Record<string, unknown>;
  const given =
    'variables' in fields
      ? listed(fields['variables'])
      : Object.entries(fields).filter(([name]) => name.startsWith('@'));
  if (given.length > MAX_VARIABLES) throw malformed(`more than ${MAX_VARIABLES} variables`);
  return given.map(([name, value]) => ({ name, value: textOf(name, value) }));
}

function listed(variables: unknown): [string, unknown][] {
  if (!Array.isArray(variables)) throw malformed('"variables" must be a list');
  return variables.map((variable: unknown, i): [string, unknown] => {
    const { name, value } = (variable ?? {}) as { name?: unknown; value?: unknown };
    if (typeof name !== 'string' || value === undefined)
      throw malformed(`variable ${i + 1} needs "name" and "value"`);
    return [name, value];
  });
}

function textOf(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw malformed(`the value of "${firstCharacters(name, 100)}" must be text`);
  const text = String(value);
  if (text.length > MAX_CHARACTERS || text.includes('\0'))
    throw malformed(`the value of "${firstCharacters(name, 100)}" is too long, or holds a NUL`);
  return text;
}

function malformed(message: string): DomainError {
  return new DomainError('malformed', { record: 'BAD_REQUEST', message });
}
