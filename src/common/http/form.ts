import qs from 'qs';
import { assertStorable, decodeFormText } from './wire-text.js';

// Enough for every documented form; more is refused, never cut off: a list that lost its end would be taken for the whole.
const LIMITS = {
  depth: 8,
  arrayLimit: 10_000,
  parameterLimit: 10_000,
  throwOnLimitExceeded: true,
  plainObjects: false,
};

/**
 * Forms and query strings with bracketed names: `session[username]=…`, `ids[]=1` (chorus-api.md 1.2).
 * @throws Error when it is too large, not UTF-8, or holds what no column could
 */
export function parseForm(text: string): Record<string, unknown> {
  const form = qs.parse(text, { ...LIMITS, decoder: decodeFormText });
  assertStorable(form);
  return form;
}

const UNREADABLE = Symbol('unreadable');

/** As `parseForm`, for the router, which calls it where nothing would catch an error; see `isUnreadable`. */
export function parseQuery(text: string): Record<string, unknown> {
  try {
    return parseForm(text);
  } catch {
    return { [UNREADABLE]: true };
  }
}

export function isUnreadable(query: unknown): boolean {
  return typeof query === 'object' && query !== null && UNREADABLE in query;
}
