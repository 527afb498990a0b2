import { type Sql, trustedSql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';

const OPEN_QUOTE = /\$(?:[A-Za-z_]\w*)?\$/y;

/** Text that a workflow's author wrote as SQL cannot be put into a statement. */
export class FragmentError extends Error {}

/**
 * An author's expression, checked to stay within the place it is put: no second statement, every quote, comment and
 * parenthesis closed. What it computes is his business; it runs with the credentials of whoever runs the flow.
 * @throws FragmentError
 */
export function sqlFragment(text: string): Sql {
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    if (char === ';') throw new FragmentError('";" is not allowed: write one expression');
    if (char === '(') depth += 1;
    if (char === ')' && --depth < 0) throw new FragmentError('a ")" has no "("');
    at = skip(text, at);
  }
  if (depth > 0) throw new FragmentError('a "(" has no ")"');
  if (text.includes('\0')) throw new FragmentError('a NUL character is not allowed');
  return trustedSql(text);
}

/** The same for a parameter: null when it cannot be used, and why is in the problems. */
export function readFragment(
  node: NodeReader,
  parameter: string,
  what: string,
  text: string,
): Sql | null {
  try {
    if (text.trim() === '') throw new FragmentError('it is empty');
    return sqlFragment(text.trim());
  } catch (error) {
    if (!(error instanceof FragmentError)) throw error;
    node.problem(parameter, `${what}: ${error.message}`);
    return null;
  }
}

/** The position after the token at `at`, quotes and comments being one token. */
function skip(text: string, at: number): number {
  const char = text[at];
  if (char === "'")
    return afterQuote(text, at, /(^|\W)e$/i.test(text.slice(Math.max(at - 2, 0), at)));
  if (char === '"') return afterQuote(text, at, false);
  // A line comment would swallow what we write after the fragment.
  if (text.startsWith('--', at)) throw new FragmentError('"--" comments are not allowed');
  if (text.startsWith('/*', at)) throw new FragmentError('"/*" comments are not allowed');
  if (char === '$' && !/\w/.test(text[at - 1] ?? '')) {
    OPEN_QUOTE.lastIndex = at;
    const tag = OPEN_QUOTE.exec(text)?.[0];
    if (tag !== undefined) return after(text, tag, at + tag.length);
  }
  return at + 1;
}

function afterQuote(text: string, start: number, backslashes: boolean): number {
  const quote = text[start] ?? '';
  for (let at = start + 1; at < text.length; at += 1) {
    if (backslashes && text[at] === '\\') at += 1;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  throw new FragmentError(`a ${quote} is not closed`);
}

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  if (at === -1) throw new FragmentError(`${end} is not closed`);
  return at + end.length;
}
