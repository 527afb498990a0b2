import { describe, expect, it } from '@jest/globals';
import { withoutSemicolon } from './without-semicolon.js';

const LENGTH = 100_000;

describe('a query without its semicolon', () => {
  it.each([
    ['SELECT 1; \n;', 'SELECT 1'],
    ['SELECT 1', 'SELECT 1'],
    ["SELECT ';' ; ", "SELECT ';'"],
    [' ; ', ''],
    ['', ''],
  ])('%j is %j', (query, without) => {
    expect(withoutSemicolon(query)).toBe(without);
  });

  it.each([
    ['blanks', ' '],
    ['semicolons', ';'],
    ['both', ' ;'],
  ])('takes a time that grows with the length of a query full of %s', (_, filling) => {
    const query = `SELECT 1${filling.repeat(LENGTH)}x`;
    const since = performance.now();
    expect(withoutSemicolon(query)).toBe(query);
    expect(performance.now() - since).toBeLessThan(10_000);
  });
});
