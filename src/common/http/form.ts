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

// What qs needs for lists whose items are numbered grows with the square of their length: seconds, before anybody has logged in.
const MAX_NUMBERED = 1000;
const TOO_MANY_NUMBERED = `Lists with numbered items hold ${MAX_NUMBERED} of them at most; longer ones are sent as "name[]".`;

/** @returns how many numbers of items the name has */
function assertShort(name: string): number {
  const numbers = [...name.matchAll(/\[(\d+)\]/g)].map(([, digits]) => Number(digits));
  if (numbers.some((one) => one >= MAX_NUMBERED)) throw new Error(TOO_MANY_NUMBERED);
  return numbers.length;
}

/**
 * Forms and query strings with bracketed names: `session[username]=…`, `ids[]=1` (chorus-api.md 1.2).
 * @throws Error when it is too large, not UTF-8, or holds what no column could
 */
export function parseForm(text: string): Record<string, unknown> {
  let numbered = 0;
  const form = qs.parse(text, {
    ...LIMITS,
    decoder: (part: string, _default: unknown, _charset: unknown, type: 'key' | 'value') => {
      const decoded = decodeFormText(part);
      if (type === 'key') numbered += assertShort(decoded);
      if (numbered > MAX_NUMBERED) throw new Error(TOO_MANY_NUMBERED);
      return decoded;
    },
  });
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
