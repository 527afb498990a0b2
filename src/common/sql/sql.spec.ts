import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ident, joinSql, sql, trustedSql } from './sql.js';

const text = fc.string({ unit: 'binary' }).filter((one) => !one.includes('\0'));

describe('sql', () => {
  it('binds values, splices fragments and numbers places in order', () => {
    const where = sql`a = ${1} AND b = ${'x'}`;
    const built = sql`SELECT ${ident('s', 't')} FROM x WHERE ${where} LIMIT ${5}`;
    expect(built.text).toBe('SELECT "s"."t" FROM x WHERE a = $1 AND b = $2 LIMIT $3');
    expect(built.values).toEqual([1, 'x', 5]);
    expect(built.inlined).toBe(`SELECT "s"."t" FROM x WHERE a = 1 AND b = 'x' LIMIT 5`);
  });

  it('joins', () => {
    expect(joinSql([sql`${1}`, ident('a'), trustedSql('b')], ', ').text).toBe('$1, "a", b');
    expect(joinSql([], ', ').text).toBe('');
  });

  it('quotes any name so that it stays one name', () => {
    fc.assert(
      fc.property(
        text.filter((one) => one !== ''),
        (name) => {
          const quoted = ident(name).text;
          expect(quoted.startsWith('"') && quoted.endsWith('"')).toBe(true);
          expect(quoted.slice(1, -1).replaceAll('""', '')).not.toContain('"');
          expect(quoted.slice(1, -1).replaceAll('""', '"')).toBe(name);
        },
      ),
    );
    expect(() => ident('')).toThrow();
    expect(() => ident('a\0b')).toThrow();
  });

  it('inlines any text as one literal', () => {
    fc.assert(
      fc.property(text, (value) => {
        const { inlined } = sql`SELECT ${value}`;
        const literal = inlined.slice('SELECT '.length);
        const [, body = ''] = /^E?'([^]*)'$/.exec(literal) ?? [];
        const plain = literal.startsWith('E') ? body.replaceAll('\\\\', '\\') : body;
        expect(plain.replaceAll("''", "'")).toBe(value);
      }),
    );
    expect(sql`${null} ${true} ${10n}`.inlined).toBe('NULL true 10');
  });

  it('numbers as many places as it has values, however fragments nest', () => {
    const fragment = fc.letrec<{ node: ReturnType<typeof sql> }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.integer().map((value) => sql`${value}`),
        fc
          .tuple(tie('node'), tie('node'), fc.integer())
          .map(([a, b, value]) => sql`${a} ${value} ${b}`),
      ),
    })).node;
    fc.assert(
      fc.property(fragment, (built) => {
        const places = built.text.match(/\$\d+/g) ?? [];
        expect(places).toEqual(built.values.map((_, i) => `$${i + 1}`));
      }),
    );
  });
});
