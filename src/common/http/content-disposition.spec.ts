import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { attachment } from './content-disposition.js';

describe('attachment', () => {
  it('gives a plain name as it is', () => {
    expect(attachment('worked example (1).afm')).toBe(
      'attachment; filename="worked example (1).afm"',
    );
  });

  it.each([
    [
      'a"; filename="b',
      `attachment; filename="a__ filename__b"; filename*=UTF-8''a%22%3B%20filename%3D%22b`,
    ],
    [
      'a\r\nSet-Cookie: x',
      `attachment; filename="a__Set-Cookie_ x"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x`,
    ],
    ["it's*ü!", `attachment; filename="it_s___"; filename*=UTF-8''it%27s%2A%C3%BC%21`],
  ])('gives %s so that nothing but the name can be read into it', (name, header) => {
    expect(attachment(name)).toBe(header);
  });

  it('is one header of ASCII for any name, from which the name can be read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const header = attachment(name);
        expect(header).toMatch(
          /^attachment; filename="[\w .()-]+"(; filename\*=UTF-8''[\w.~%-]+)?$/,
        );
        const [, exact] = header.split(`filename*=UTF-8''`);
        const plain = /filename="(.*?)"/.exec(header)?.[1];
        expect(exact === undefined ? plain : decodeURIComponent(exact)).toBe(name);
      }),
    );
  });
});
