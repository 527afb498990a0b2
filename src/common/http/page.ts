import { ValidationFailed } from '../errors/domain-error.js';

const DEFAULT_PER_PAGE = 50;
const MAX_PER_PAGE = 1000;
// Far beyond any list; keeps offsets within PostgreSQL's integers.
const MAX_PAGE = 1_000_000_000;

/** Which part of a list is wanted (chorus-api.md 1.3). */
export interface Page {
  readonly page: number;
  readonly perPage: number;
}

/** One page and the size of the whole. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly records: number;
  readonly page: Page;
}

/**
 * Page and size from the query string, or from the JSON body that the reference client sends with a GET
 * (client-expectations.md). @throws ValidationFailed naming what is no positive number
 */
export function readPage(...sources: readonly unknown[]): Page {
  const fields = sources.flatMap((source) =>
    typeof source === 'object' && source !== null ? [source as Record<string, unknown>] : [],
  );
  const problems: Record<string, Record<string, unknown>> = {};
  const read = (name: string, fallback: number, min: number): number => {
    const value = fields.map((one) => one[name]).find((one) => one !== undefined && one !== '');
    if (value === undefined) return fallback;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && /^\d{1,10}$/.test(text) && Number(text) >= min)
      return Number(text);
    problems[name] = { INVALID: typeof text === 'string' ? { value: text } : {} };
    return fallback;
  };
  const page = read('page', 1, 1);
  const perPage = read('per_page', DEFAULT_PER_PAGE, 0);
  if (Object.keys(problems).length > 0) throw new ValidationFailed(problems);
  return { page: Math.min(page, MAX_PAGE), perPage: Math.min(perPage, MAX_PER_PAGE) };
}

/** The `pagination` of an answer; `total` is the number of pages. */
export function paginationOf({ records, page: { page, perPage } }: Paged<unknown>): object {
  const total = perPage === 0 ? null : Math.max(1, Math.ceil(records / perPage));
  return { page, per_page: perPage, records, total };
}
