import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decryptSecret, encryptSecret } from './credential-cipher.js';

const KEY = '0f'.repeat(32);

describe('credential cipher', () => {
  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decryptSecret(encryptSecret(text, KEY, 'accounts'), KEY, 'accounts')).toBe(text);
      }),
    );
  });

  it('never prints the text, nor the same ciphertext twice', () => {
    const sealed = encryptSecret('marker-4711', KEY, 'accounts');
    expect(Buffer.from(sealed, 'base64').toString()).not.toContain('marker-4711');
    expect(encryptSecret('marker-4711', KEY, 'accounts')).not.toBe(sealed);
  });

  it('refuses another key, another context and a changed text', () => {
    const sealed = encryptSecret('x', KEY, 'accounts');
    expect(() => decryptSecret(sealed, 'f0'.repeat(32), 'accounts')).toThrow();
    expect(() => decryptSecret(sealed, KEY, 'elsewhere')).toThrow();
    expect(() => decryptSecret(sealed.slice(0, -4) + 'AAA=', KEY, 'accounts')).toThrow();
    expect(() => decryptSecret('plain text', KEY, 'accounts')).toThrow('known version');
  });
});
