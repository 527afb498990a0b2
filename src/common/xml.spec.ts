import { describe, expect, it } from '@jest/globals';
import { readXml, XmlTooLarge } from './xml.js';

const MANY = 1_000_000;

describe('XML of anybody', () => {
  it('is read with line ends as XML has them', () => {
    const { root } = readXml('<a b="1\r\n2&#13;">x\r\ny\rz\n&#13;</a>');
    expect(root?.text).toBe('x\ny\nz\n\r');
    expect(root?.attributes['b']).toBe('1 2\r');
  });

  it('is read in a time that its length bounds, with many line ends', () => {
    const began = performance.now();
    const { root } = readXml(`<a>${'\r'.repeat(MANY)}</a>`);
    expect(root?.text.length).toBe(MANY);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it.each([
    ['elements', `<a>${'<b/>'.repeat(MANY)}</a>`],
    ['attributes', `<a${' b=""'.repeat(MANY)}/>`],
    ['references', `<a>${'&lt;'.repeat(MANY)}</a>`],
    ['line ends', `<a b="${'\n'.repeat(3 * MANY)}"/>`],
    ['comments', `<a>${'<!---->'.repeat(MANY)}</a>`],
  ])('is not read at all with too many %s', (_what, text) => {
    expect(() => readXml(text)).toThrow(XmlTooLarge);
  });

  it('may be a long text', () => {
    expect(readXml(`<a>${'x'.repeat(10 * MANY)}</a>`).root?.text.length).toBe(10 * MANY);
  });
});
