/** Nesting of a JSON body or form; documented bodies need five. */
const MAX_DEPTH = 64;

// With the u flag a pair counts as one character, so only halves match.
const HALF_PAIR = /\p{Surrogate}/u;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** @throws TypeError when the bytes are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}

/** A name or value of a form. A percent sign without two digits is one. @throws URIError when it is not UTF-8 */
export function decodeFormText(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' ').replace(/%(?![0-9a-f]{2})/gi, '%25'));
}

/**
 * Refuses what no column could hold: NUL characters and halves of surrogate pairs, in names and values, and nesting that
 * would exhaust the stack of whoever walks it. Also the name that class-transformer calls to copy an object; forms lose it
 * by themselves. @throws Error saying so
 */
export function assertStorable(value: unknown, depth = 0): void {
  if (typeof value === 'string') assertText(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) throw new Error(`The body is nested deeper than ${MAX_DEPTH} levels.`);
  for (const [name, inner] of Object.entries(value)) {
    assertText(name);
    if (name === 'constructor') throw new Error('Nothing may be named "constructor".');
    assertStorable(inner, depth + 1);
  }
}

function assertText(text: string): void {
  if (text.includes('\0')) throw new Error('Text may not contain NUL characters.');
  if (HALF_PAIR.test(text)) throw new Error('Text may not contain unpaired surrogates.');
}
