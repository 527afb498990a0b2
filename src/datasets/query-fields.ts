import { booleanOf } from '../common/http/attribute-rules.js';

/** A parameter of a list, from the query or the JSON body of a GET; null when it is missing, empty or no text. */
export function textOf(name: string, ...sources: readonly unknown[]): string | null {
  const value = fieldOf(name, sources);
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text : null;
}

/** A flag of a list: set by any value that does not say no. */
export function flagOf(name: string, ...sources: readonly unknown[]): boolean {
  const value = fieldOf(name, sources);
  return value !== undefined && value !== null && booleanOf(value) !== false;
}

function fieldOf(name: string, sources: readonly unknown[]): unknown {
  for (const source of sources)
    if (typeof source === 'object' && source !== null && name in source)
      return (source as Record<string, unknown>)[name];
  return undefined;
}
