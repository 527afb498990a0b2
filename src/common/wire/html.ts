import sanitizeHtml from 'sanitize-html';

const ALLOWED: sanitizeHtml.IOptions = {
  allowedTags: [
    ...[
      'strong',
      'em',
      'b',
      'i',
      'p',
      'code',
      'pre',
      'tt',
      'samp',
      'kbd',
      'var',
      'sub',
      'sup',
      'dfn',
      'cite',
    ],
    ...[
      'big',
      'small',
      'address',
      'hr',
      'br',
      'div',
      'span',
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'ul',
      'ol',
    ],
    ...['li', 'dl', 'dt', 'dd', 'abbr', 'acronym', 'a', 'img', 'blockquote', 'del', 'ins'],
  ],
  allowedAttributes: {
    '*': ['title', 'class', 'lang'],
    a: ['href', 'name'],
    img: ['src', 'alt', 'width', 'height'],
    blockquote: ['cite'],
    del: ['cite', 'datetime'],
    ins: ['cite', 'datetime'],
  },
  allowedSchemes: ['http', 'https', 'mailto', 'ftp'],
  // A picture is fetched from where the page shows it, so none that names its scheme in another way.
  allowProtocolRelative: false,
};

/** Text that people wrote, safe to show as HTML: scripts and event attributes gone, basic markup kept (chorus-api.md 1.4). */
export function safeHtml(text: string): string;
export function safeHtml(text: string | null): string | null;
export function safeHtml(text: string | null): string | null {
  // Most text has no markup at all.
  return text === null || !/[<>&]/.test(text) ? text : sanitizeHtml(text, ALLOWED);
}

/** The same for every string in a piece of JSON. */
export function safeJson(value: unknown): unknown {
  if (typeof value === 'string') return safeHtml(value);
  if (Array.isArray(value)) return value.map(safeJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, safeJson(inner)]));
}
