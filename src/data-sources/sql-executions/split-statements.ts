const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
// A string that follows E may escape its quotes with a backslash; the others only double them.
const ESCAPE_STRING = /[eE]'(?:[^'\\]|\\[^]|'')*'?/y;
const STRING = /'(?:[^']|'')*'?/y;
const QUOTED_NAME = /"(?:[^"]|"")*"?/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const NUMBER = /\d[\w.$]*/y;

/** Words that make the body of an SQL function recognisable, as psql does it. */
const HEADS = new Set(['create', 'function', 'procedure', 'or', 'replace']);

/**
 * Cuts SQL text into its statements, by PostgreSQL's lexical rules: quotes, dollar quotes, nested comments, and the bodies
 * of SQL functions (`BEGIN ATOMIC … END`). Text that is not closed runs to the end: the server says what is wrong with it.
 * Statements keep their inner comments and lose the semicolon; empty ones are left out.
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let at = 0;
  let hasContent = false;
  let depth = 0;
  let blocks = 0;
  let words: string[] = [];

  const end = (until: number) => {
    if (hasContent) statements.push(text.slice(start, until).trim());
    hasContent = false;
    depth = 0;
    blocks = 0;
    words = [];
  };
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const skip = () => match(SPACE) !== null || match(LINE_COMMENT) !== null || blockComment();
  const blockComment = (): boolean => {
    if (!text.startsWith('/*', at)) return false;
    at = endOfComment(text, at);
    return true;
  };
  const dollarQuote = (): boolean => {
    const tag = match(DOLLAR_TAG);
    if (tag === null) return false;
    const close = text.indexOf(tag, at);
    at = close < 0 ? text.length : close + tag.length;
    return true;
  };
  const word = (): boolean => {
    const found = match(WORD)?.toLowerCase();
    if (found === undefined) return false;
    if (HEADS.has(found) && words.length < 4) words.push(found);
    else if (words.length === 0) words.push('');
    if (depth === 0 && definesRoutine(words)) {
      if (found === 'begin' || (found === 'case' && blocks > 0)) blocks++;
      else if (found === 'end' && blocks > 0) blocks--;
    }
    return true;
  };

  while (at < text.length) {
    if (skip()) continue;
    const char = text.charAt(at);
    if (char === ';' && depth === 0 && blocks === 0) {
      end(at);
      at++;
      start = at;
      continue;
    }
    hasContent = true;
    if (match(ESCAPE_STRING) ?? match(STRING) ?? match(QUOTED_NAME) ?? match(NUMBER)) continue;
    if (dollarQuote() || word()) continue;
    if (char === '(') depth++;
    else if (char === ')' && depth > 0) depth--;
    at++;
  }
  end(text.length);
  return statements;
}

function definesRoutine(words: readonly string[]): boolean {
  const [first, ...rest] = words;
  const [kind] = rest[0] === 'or' && rest[1] === 'replace' ? rest.slice(2) : rest;
  return first === 'create' && (kind === 'function' || kind === 'procedure');
}

function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const pair = text.slice(at, at + 2);
    if (pair === '/*') depth++;
    else if (pair === '*/') depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
