import { XmlElement, type XmlNode, XmlText } from '@rgrove/parse-xml';
import { readXml } from '../../common/xml.js';

/** Attribute values that are to be written instead of those read. */
export interface Rewriting {
  /** New name of a data source; the same when it is kept. */
  dataSource(name: string): string;
}

const DATA_SOURCE_KEYS = new Set(['dbConnectionName', 'connName']);
const SECRET = /password/i;

/**
 * Writes a document back as it was read: unknown elements and attributes are kept, data sources renamed, and passwords
 * left out (afm.md 5). It was checked by `readAfm` before.
 */
export function writeAfm(text: string, rewriting: Rewriting): string {
  const { root } = readXml(text);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root === null ? '' : write(root, rewriting)}\n`;
}

function write(node: XmlNode, rewriting: Rewriting): string {
  // CDATA sections are texts too.
  if (node instanceof XmlText) return escapeText(node.text);
  if (!(node instanceof XmlElement)) return '';
  if (node.name === 'Parameter' && SECRET.test(node.attributes['key'] ?? '')) return '';
  const attributes = Object.entries(rewritten(node, rewriting))
    .map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`)
    .join('');
  if (node.children.length === 0) return `<${node.name}${attributes}/>`;
  const children = node.children.map((child) => write(child, rewriting)).join('');
  return `<${node.name}${attributes}>${children}</${node.name}>`;
}

function rewritten({ name, attributes }: XmlElement, rewriting: Rewriting): Record<string, string> {
  if (name === 'DataSource')
    return { ...attributes, name: rewriting.dataSource(attributes['name'] ?? '') };
  if (name !== 'Parameter') return attributes;
  const { key = '', value = '' } = attributes;
  if (DATA_SOURCE_KEYS.has(key)) return { ...attributes, value: rewriting.dataSource(value) };
  if (/url/i.test(key)) return { ...attributes, value: withoutPassword(value) };
  return attributes;
}

/** An address may carry a password among its options, and before its host: `//user:password@`, `:user/password@`. */
function withoutPassword(url: string): string {
  const plain = url.replace(/((?:password|passwd|pwd)\s*)=[^&;,)]*/gi, '$1=');
  return withoutCredentials(withoutCredentials(plain, /\/\/[^:/@]*:/), /:[^:/@]+\//);
}

/**
 * Leaves out what stands between a user, who ends with one more character, and the last `@` of the same part of the address.
 * An expression for all of it would look for an `@` from every user that there could be.
 */
function withoutCredentials(url: string, user: RegExp): string {
  for (const { index, 0: part } of url.matchAll(/[^?;]+/g)) {
    const at = part.lastIndexOf('@');
    const found = at < 0 ? null : user.exec(part.slice(0, at));
    if (found === null) continue;
    const userEnds = index + found.index + found[0].length - 1;
    return url.slice(0, userEnds) + url.slice(index + at);
  }
  return url;
}

function escapeText(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\r/g, '&#13;');
}

/** Line ends and tabs too: a reader would turn them into blanks. */
export function escapeAttribute(text: string): string {
  return escapeText(text)
    .replace(/"/g, '&quot;')
    .replace(/[\n\t]/g, (char) => `&#${char.charCodeAt(0)};`);
}
