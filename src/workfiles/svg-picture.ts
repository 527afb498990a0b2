import { XmlElement, type XmlNode, XmlText } from '@rgrove/parse-xml';
import sharp from 'sharp';
import { readXml } from '../common/xml.js';

/** Longer sides are scaled down. */
const MAX_SIDE = 4096;
const MAX_CHARACTERS = 2_097_152;
const MAX_ELEMENTS = 50_000;
const MAX_DEPTH = 100;
const TIMEOUT_SECONDS = 10;

// What could fetch, run, or contain other documents.
const REFUSED = new Set([
  ...['script', 'foreignobject', 'iframe', 'object', 'embed', 'audio', 'video'],
  ...['include', 'fallback', 'handler', 'listener'],
]);
const LINK = /(^|:)(href|src)$/i;
const INTERNAL = /^\s*(#|data:image\/(png|jpeg|gif);base64,)/i;
const EXTERNAL_STYLE = /@import|image-set|\\/i;
const URL_IN_STYLE = /url\s*\(/gi;

/** The text is no drawing that can be rendered here. */
export class BadDrawing extends Error {}

/**
 * Renders an SVG drawing as PNG. What reaches out of it is left out before: nothing is fetched, no file is read, nothing
 * runs (chorus-api.md 9.2). @throws BadDrawing
 */
export async function renderSvg(text: string): Promise<Buffer> {
  const drawing = Buffer.from(withoutReferences(text));
  try {
    return await sharp(drawing, { limitInputPixels: 100_000_000 })
      .resize(MAX_SIDE, MAX_SIDE, { fit: 'inside', withoutEnlargement: true })
      .timeout({ seconds: TIMEOUT_SECONDS })
      .png()
      .toBuffer();
  } catch (error) {
    throw new BadDrawing((error as Error).message);
  }
}

/** The drawing, written anew from what is harmless in it. @throws BadDrawing */
export function withoutReferences(text: string): string {
  if (text.length > MAX_CHARACTERS) throw new BadDrawing('too large');
  let root: XmlElement | null;
  try {
    ({ root } = readXml(text));
  } catch {
    throw new BadDrawing('not well-formed XML, or too much of it');
  }
  if (root === null || localName(root) !== 'svg') throw new BadDrawing('the root is not svg');
  let elements = 0;
  const write = (node: XmlNode, depth: number): string => {
    if (node instanceof XmlText) return escape(node.text);
    if (!(node instanceof XmlElement)) return '';
    elements += 1;
    if (elements > MAX_ELEMENTS || depth > MAX_DEPTH) throw new BadDrawing('too large');
    const name = localName(node);
    if (REFUSED.has(name) || (name === 'style' && leadsOut(node.text))) return '';
    const attributes = Object.entries(node.attributes)
      .filter(([key, value]) => isHarmless(name, key, value))
      .map(([key, value]) => ` ${key}="${escape(value)}"`);
    const children = node.children.map((child) => write(child, depth + 1));
    return `<${node.name}${attributes.join('')}>${children.join('')}</${node.name}>`;
  };
  return write(root, 0);
}

function isHarmless(element: string, key: string, value: string): boolean {
  if (/^on|^xml:base$/i.test(key)) return false;
  // A link of text leads somewhere only when it is followed, and a picture cannot be.
  if (LINK.test(key)) return element !== 'a' && INTERNAL.test(value);
  return key.startsWith('xmlns') || !leadsOut(value);
}

/** A style or an attribute that fetches, or may. */
function leadsOut(style: string): boolean {
  if (EXTERNAL_STYLE.test(style)) return true;
  for (const { index, 0: begin } of style.matchAll(URL_IN_STYLE))
    if (!isInner(style.slice(index + begin.length))) return true;
  return false;
}

/** What follows `url(` names a part of the drawing itself. By hand: an expression takes the square of the blanks there. */
function isInner(address: string): boolean {
  const begin = address.trimStart();
  return (/^["']/.test(begin) ? begin.slice(1).trimStart() : begin).startsWith('#');
}

function localName({ name }: XmlElement): string {
  return name.replace(/^.*:/, '').toLowerCase();
}

function escape(text: string): string {
  return text.replace(/[&<>"\n\r\t]/g, (char) => `&#${char.charCodeAt(0)};`);
}
