import { parseXml, type ParserOptions, type XmlDocument } from '@rgrove/parse-xml';

/** What takes a second to read, whatever it is made of. */
const MAX_WORK = 2_500_000;

const [LESS, AMPERSAND, EQUALS] = [0x3c, 0x26, 0x3d];
const [TAB, LINE_FEED, RETURN] = [0x09, 0x0a, 0x0d];

/** The document would keep the process busy for too long. */
export class XmlTooLarge extends Error {}

/**
 * Reads a document of anybody's, in a time and a memory that have a bound: tags, attributes and references cost much more
 * than text.
 * @throws XmlTooLarge; Error of the parser when it is not well-formed
 */
export function readXml(text: string, options?: ParserOptions): XmlDocument {
  if (workOf(text) > MAX_WORK) throw new XmlTooLarge('the document has too much markup');
  // As XML wants it (2.11). The parser does it too, in a time that grows with the square of their number.
  return parseXml(text.replace(/\r\n?/g, '\n'), options);
}

/** A tag, an attribute or a reference counts five, what an attribute has to turn into blanks one. */
function workOf(text: string): number {
  let work = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LESS || code === AMPERSAND || code === EQUALS) work += 5;
    else if (code === TAB || code === LINE_FEED || code === RETURN) work += 1;
  }
  return work;
}
