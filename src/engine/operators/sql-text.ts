const TOKEN =
  /--[^\n\r]*|\/\*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$|;|[A-Za-z_][\w$]*|[^]/gy;

const QUOTED = /^(?:--|\/\*|'|"|\$.*\$$)/s;
const COMMENT = /^(?:--|\/\*)/;

/** A piece of SQL text: code may be looked at and replaced, the rest is literals, names and comments. */
interface Piece {
  /** `quoted`: a literal, a quoted name or a comment; `other`: what is between words. */
  readonly kind: 'word' | 'end' | 'quoted' | 'other';
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
  return statements.map((one) => one.trim()).filter((one) => codeOf(one) !== '');
}

/** A statement as it begins for the server: without comments, and with `''` for each literal and quoted name. */
export function codeOf(statement: string): string {
  const code = [...piecesOf(statement)].map(({ kind, text }) => {
    if (kind !== 'quoted') return text;
    return COMMENT.test(text) ? ' ' : "''";
  });
  return code.join('').trim();
}

/**
 * Replaces a placeholder outside literals and comments: a word in any case, the same as a quoted name, or, if it is no
 * word (`{x}`, `@x`), that very text.
 * @returns null when the text does not mention it
 */
export function replacePlaceholder(
  text: string,
  placeholder: string,
  replacement: string,
): string | null {
  const isWord = /^[A-Za-z_][\w$]*$/.test(placeholder);
  const quoted = `"${placeholder.replaceAll('"', '""')}"`;
  const replaced: string[] = [];
  const replace = (mention: string) => {
    replaced.push(mention);
    return replacement;
  };
  // What is no word may be spread over several pieces.
  const runs: Piece[] = [];
  for (const piece of piecesOf(text)) {
    const last = runs.at(-1);
    if (!isWord && piece.kind !== 'quoted' && last !== undefined && last.kind !== 'quoted')
      runs.splice(-1, 1, { kind: 'other', text: last.text + piece.text });
    else runs.push(piece);
  }
  const result = runs.map((piece) => {
    if (piece.kind === 'quoted') return piece.text === quoted ? replace(piece.text) : piece.text;
    if (!isWord) return piece.text.replaceAll(placeholder, replace);
    return piece.text.toLowerCase() === placeholder.toLowerCase()
      ? replace(piece.text)
      : piece.text;
  });
  return replaced.length === 0 ? null : result.join('');
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
        yield { kind: 'quoted', text: script.slice(at, quoted) };
        at = quoted;
        continue;
      }
      yield { kind: 'word', text };
    } else yield { kind: QUOTED.test(token) ? 'quoted' : 'other', text };
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
