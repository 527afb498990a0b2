import { lookup } from 'mime-types';

export interface FileType {
  /** `image`, `code`, `sql`, `xml`, `text` or `other` (entities.md 4.1). */
  readonly fileType: string;
  /** Media type, without parameters. */
  readonly contentType: string;
}

const CODE = ['cpp', 'r', 'rb', 'py', 'js', 'java', 'pig', 'md'];
const BINARY = 'application/octet-stream';

// What a file begins with, in Latin-1; a dot stands for any byte.
const SIGNATURES: readonly (readonly [string, RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
  ['image/bmp', /^BM[^]{4}\0\0\0\0/],
  ['image/tiff', /^(II\*\0|MM\0\*)/],
  ['image/avif', /^[^]{4}ftypavi[fs]/],
  ['image/x-icon', /^\0\0\x01\0/],
  ['application/pdf', /^%PDF-/],
];

/**
 * What a file is, by its beginning and its name (entities.md 4.1). A picture is what begins like one; a name alone makes
 * nothing a picture, and nothing that is no text a text.
 * @param head at least the first kB, if there is so much
 */
export function fileTypeOf(name: string, head: Buffer): FileType {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const contentType = contentTypeOf(extension, head);
  return { contentType, fileType: typeOf(extension, contentType) };
}

function typeOf(extension: string, contentType: string): string {
  if (contentType.startsWith('image/')) return 'image';
  if (CODE.includes(extension)) return 'code';
  if (extension === 'sql') return 'sql';
  if (contentType === 'application/xml') return 'xml';
  return contentType.startsWith('text/') ? 'text' : 'other';
}

function contentTypeOf(extension: string, head: Buffer): string {
  const start = head.toString('latin1', 0, 64);
  const found = SIGNATURES.find(([, signature]) => signature.test(start));
  if (found !== undefined) return found[0];
  const named = lookup(extension) || BINARY;
  if (!isText(head)) return /^(text|image)\/|xml$/.test(named) ? BINARY : named;
  if (head.length === 0 && (/^(image|audio|video)\//.test(named) || lookup(extension) === BINARY))
    return BINARY;
  const text = head.toString('utf8', 0, 1024).replace(/^\ufeff/, '');
  if (/^<svg[\s>]/.test(withoutProlog(text))) return 'image/svg+xml';
  if (/^<\?xml\s/.test(text) || /\/xml$|\+xml$/.test(named)) return 'application/xml';
  return named.startsWith('text/') ? named : 'text/plain';
}

/** What stands before the root of an XML document, in the order of its parts. */
const PROLOG = [
  ['<?', '?>'],
  ['<!--', '-->'],
  ['<!', '>'],
] as const;

/** XML from its root on. By hand: an expression for it takes for ever to find that there is none. */
function withoutProlog(text: string): string {
  let rest = text.trimStart();
  for (;;) {
    const [start = '', end = ''] = PROLOG.find(([one]) => rest.startsWith(one)) ?? [];
    const at = end === '' ? -1 : rest.indexOf(end, start.length);
    if (at < 0) return rest;
    rest = rest.slice(at + end.length).trimStart();
  }
}

/** UTF-8 without control characters that no text has; the end may be in the middle of a letter. */
function isText(head: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
  } catch {
    return false;
  }
}
