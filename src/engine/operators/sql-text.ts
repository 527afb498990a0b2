const TOKEN =
  /--[^\n]*|\/\*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$|;|[A-Za-z_][\w$]*|[^]/gy;

/** A piece of SQL text: code may be looked at and replaced, the rest is literals, names and comments. */
interface Piece {
  readonly kind: 'word' | 'end' | 'other';
  readonly text: string;
}

/**
 * Splits a script into its statements, and replaces words outside literals, quoted names and comments.
 * @param words replacement by word, in lower case
 */
export function sqlStatements(script: string, words: ReadonlyMap<string, string>): string[] {
  const statements = [''];
  for (const { kind, text } of piecesOf(script)) {
    if (kind === 'end') statements.push('');
    else {
      const replaced = kind === 'word' ? (words.get(text.toLowerCase()) ?? text) : text;
      statements.push((statements.pop() ?? '') + replaced);
    }
  }
  return statements.map((one) => one.trim()).filter((one) => withoutComments(one) !== '');
}

function* piecesOf(script: string): Generator<Piece> {
  let at = 0;
  while (at < script.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(script);
    const token = match?.[0] ?? script.slice(at);
    const end = endOf(script, at, token);
    const text = script.slice(at, end);
    if (token === ';') yield { kind: 'end', text };
    else if (/^[A-Za-z_]/.test(token) && end === at + token.length) {
      const quoted = /^e$/i.test(token) && script[end] === "'" ? escapeString(script, end) : 0;
      if (quoted > 0) {
        yield { kind: 'other', text: script.slice(at, quoted) };
        at = quoted;
        continue;
      }
      yield { kind: 'word', text };
    } else yield { kind: 'other', text };
    at = end;
  }
}

/** Comments nest in PostgreSQL; dollar quotes end with their own tag. */
function endOf(script: string, at: number, token: string): number {
  const after = at + token.length;
  if (token === '/*') {
    let depth = 1;
    let i = after;
    while (i < script.length && depth > 0) {
      const two = script.slice(i, i + 2);
      if (two === '/*') depth += 1;
      if (two === '*/') depth -= 1;
      i += two === '/*' || two === '*/' ? 2 : 1;
    }
    return i;
  }
  if (/^\$.*\$$/s.test(token) && token.length > 1) {
    const close = script.indexOf(token, after);
    return close === -1 ? script.length : close + token.length;
  }
  return after;
}

function escapeString(script: string, quote: number): number {
  for (let i = quote + 1; i < script.length; i += 1) {
    if (script[i] === '\\') i += 1;
    else if (script[i] === "'") {
      if (script[i + 1] !== "'") return i + 1;
      i += 1;
    }
  }
  return script.length;
}

function withoutComments(text: string): string {
  return text.replace(/--[^\n]*|\/\*[^]*?\*\//g, '').trim();
}
