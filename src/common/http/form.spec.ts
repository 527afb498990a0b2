import { describe, expect, it } from '@jest/globals';
import { parseForm } from './form.js';

const MANY = 9_000;
const fields = (name: (i: number) => string) =>
  Array.from({ length: MANY }, (_, i) => `${name(i)}=${i}`).join('&');

describe('lists in forms', () => {
  it('may be long without numbers', () => {
    expect(parseForm(fields(() => 'ids[]'))['ids']).toHaveLength(MANY);
  });

  it('may have some numbers', () => {
    expect(parseForm('a[0][b]=x&a[1][b]=y')).toEqual({ a: [{ b: 'x' }, { b: 'y' }] });
  });

  // Each of them took seconds.
  it.each([
    ['many numbers', fields((i) => `a[${i}]`)],
    ['many numbers in an item', fields((i) => `a[3][${i}]`)],
    ['numbers in disguise', fields((i) => `a%5B%30${i % 10}%5D`)],
    ['a high number', 'a[9999]=1'],
  ])('are refused with %s', (_what, text) => {
    expect(() => parseForm(text)).toThrow('Lists with numbered items hold 1000');
  });
});
