import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvLines } from './csv.js';

describe('CSV', () => {
  it('quotes what needs it, and tells NULL from an empty text', () => {
    expect(csvLines([['a', null, '', 'x,y', 'say "hi"', 'two\nlines']])).toBe(
      'a,,"","x,y","say ""hi""","two\nlines"\n',
    );
    expect(csvLines([[], ['1']])).toBe('\n1\n');
  });

  it('can be read back', () => {
    const row = fc.array(fc.option(fc.string({ unit: 'binary' })), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        expect(read(csvLines(rows))).toEqual(rows);
      }),
    );
  });
});

/** A reader that follows the format and nothing else. */
function read(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/gy;
  for (const [, quoted, plain, end] of text.matchAll(pattern)) {
    row.push(quoted?.replaceAll('""', '"') ?? (plain === '' ? null : (plain ?? null)));
    if (end === '\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
