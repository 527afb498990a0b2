import { describe, expect, it } from '@jest/globals';
import { typeCategory } from './column-type.js';

describe('type category', () => {
  it.each([
    ['integer', 'WHOLE_NUMBER'],
    ['bigint', 'WHOLE_NUMBER'],
    ['numeric(10,2)', 'REAL_NUMBER'],
    ['double precision', 'REAL_NUMBER'],
    ['character varying(20)', 'STRING'],
    ['character(3)', 'STRING'],
    ['text', 'LONG_STRING'],
    ['boolean', 'BOOLEAN'],
    ['bytea', 'BINARY'],
    ['date', 'DATE'],
    ['time without time zone', 'TIME'],
    ['timestamp(3) with time zone', 'DATETIME'],
    ['integer[]', 'OTHER'],
    ['jsonb', 'OTHER'],
    ['my_integer', 'OTHER'],
  ])('%s is %s', (type, category) => {
    expect(typeCategory(type)).toBe(category);
  });

  it('takes a time that grows with the length of the type', () => {
    const since = performance.now();
    expect(typeCategory('('.repeat(100_000))).toBe('OTHER');
    expect(performance.now() - since).toBeLessThan(10_000);
  });
});
