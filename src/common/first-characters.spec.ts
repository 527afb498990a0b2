import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstCharacters } from './first-characters.js';

describe('the first characters of a text', () => {
  it('are whole, and as many as asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 12 }), (text, count) => {
        const first = firstCharacters(text, count);
        expect(text.startsWith(first)).toBe(true);
        expect([...first]).toHaveLength(Math.min(count, [...text].length));
        expect(Buffer.from(first).toString()).toBe(first);
      }),
    );
  });
});
