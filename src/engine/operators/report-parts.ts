import type { Report } from './report.js';

/** One part stands alone, several make a composite. */
export function oneOrMore(
  parts: readonly { readonly title: string; readonly report: Report }[],
): Report {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only.report : { kind: 'composite', parts };
}
