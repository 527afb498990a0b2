import { describe, expect, it } from '@jest/globals';
import { SAFE_TYPES } from './postgres-types.js';

const parsed = (type: number, text: string, format = 'text') =>
  (
    SAFE_TYPES as unknown as {
      getTypeParser(type: number, format: string): (text: string) => unknown;
    }
  ).getTypeParser(
    type,
    format,
  )(text);

describe('values of a data source', () => {
  it.each([
    [16, 't', true],
    [23, '42', 42],
    [20, '9007199254740993', '9007199254740993'],
    [701, '0.5', 0.5],
    [1700, '0.50', '0.50'],
    [25, 'x', 'x'],
    [1022, '{1,NULL,0.5}', [1, null, 0.5]],
    [1009, '{a,"b c"}', ['a', 'b c']],
    [114, '{"a":[1]}', { a: [1] }],
    [1184, '2026-02-01 03:04:05+00', new Date('2026-02-01T03:04:05Z')],
  ])('of type %i are what one expects: %s', (type, text, value) => {
    expect(parsed(type, text)).toEqual(value);
  });

  it.each([
    ['bytes whose escape is none', 17, '\\z', 'text'],
    ['a list of them', 1001, '{"\\\\z"}', 'text'],
    ['a time of digits alone', 1184, '1'.repeat(200_000), 'text'],
    ['a date of digits alone', 1082, '1'.repeat(200_000), 'text'],
    ['a number in binary', 1700, 'x'.repeat(100), 'binary'],
  ])('stay as they are printed, so that they come to an end: %s', (_what, type, text, format) => {
    expect(parsed(type, text, format)).toBe(text);
  });
});
