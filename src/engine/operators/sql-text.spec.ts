import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeOf, replacePlaceholder, sqlStatements } from './sql-text.js';

/** Text in which names, literals and comments hide what must not be touched. */
const pieces = fc.array(
  fc.constantFrom(
    "'x; x'",
    `"x y"`,
    '"a""x"',
    '/* x /* x; */ x */',
    '-- x;\n',
    '$$x; x$$',
    '$t$ x $$ ; $t$',
    `e'x\\'; x'`,
    'xx',
    'x_1',
    '1.5',
    '+',
  ),
);

describe('SQL text', () => {
  it('is left alone within literals, other names and comments', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join(' ');
        expect(replacePlaceholder(text, 'x', '"column"')).toBeNull();
        expect(sqlStatements(text, new Map([['x', 'no']])).join('')).not.toContain('no');
        expect(sqlStatements(text, new Map()).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('has its placeholder replaced wherever it stands by itself', () => {
    fc.assert(
      fc.property(pieces, pieces, (before, after) => {
        const text = (x: string) => [...before, x, ...after].join(' ');
        expect(replacePlaceholder(text('X'), 'x', '"$& $1"')).toBe(text('"$& $1"'));
        expect(replacePlaceholder(text('"x"'), 'x', '"c"')).toBe(text('"c"'));
        expect(replacePlaceholder(text('{x}'), '{x}', '"c"')).toBe(text('"c"'));
      }),
    );
  });

  it('begins behind its comments, which end where the data source ends them', () => {
    const hidden = fc.array(fc.constantFrom('/* x /* ; */ */', '-- ;\n', "-- '\r", ' ', '\n\t'));
    fc.assert(
      fc.property(hidden, hidden, (before, behind) => {
        const text = [...before, 'COMMIT', ...behind].join('');
        expect(sqlStatements(`${text};SELECT 1`, new Map()).map(codeOf)).toEqual([
          'COMMIT',
          'SELECT 1',
        ]);
      }),
    );
    expect(sqlStatements('/* /* */ */; -- x\r', new Map())).toEqual([]);
  });
});
