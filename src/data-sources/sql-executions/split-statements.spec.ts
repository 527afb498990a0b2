import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitStatements } from './split-statements.js';

describe('statements of a text', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['  ;; -- nothing\n /* nor /* here */ ; */ ;', []],
    ['SELECT 1', ['SELECT 1']],
    ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
    [`SELECT ';'; SELECT 'it''s;'`, [`SELECT ';'`, `SELECT 'it''s;'`]],
    [`SELECT E'\\';'; SELECT 2`, [`SELECT E'\\';'`, 'SELECT 2']],
    [`SELECT '\\'; SELECT 2`, [`SELECT '\\'`, 'SELECT 2']],
    [`SELECT U&'\\0061;' ; SELECT B'1'`, [`SELECT U&'\\0061;'`, `SELECT B'1'`]],
    ['SELECT 1 AS "a;""b"; SELECT 2', ['SELECT 1 AS "a;""b"', 'SELECT 2']],
    ['SELECT $$;$$; SELECT $a$;$$;$a$', ['SELECT $$;$$', 'SELECT $a$;$$;$a$']],
    ['SELECT a$b$ FROM t; SELECT $1', ['SELECT a$b$ FROM t', 'SELECT $1']],
    ['SELECT 1 -- ;\n; SELECT 2', ['SELECT 1 -- ;', 'SELECT 2']],
    ['SELECT /* ; /* ; */ ; */ 1; SELECT 2', ['SELECT /* ; /* ; */ ; */ 1', 'SELECT 2']],
    [
      'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3',
      ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)', 'SELECT 3'],
    ],
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3',
      [
        'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
        'SELECT 3',
      ],
    ],
    [
      'CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1); END; CALL p()',
      ['CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1); END', 'CALL p()'],
    ],
    ['BEGIN; SELECT 1; END; SELECT 2', ['BEGIN', 'SELECT 1', 'END', 'SELECT 2']],
    [
      'SELECT 1 AS "create", 2 AS function; BEGIN; COMMIT',
      ['SELECT 1 AS "create", 2 AS function', 'BEGIN', 'COMMIT'],
    ],
    ["SELECT 'not closed; SELECT 2", ["SELECT 'not closed; SELECT 2"]],
    ['SELECT $x$ not closed; SELECT 2', ['SELECT $x$ not closed; SELECT 2']],
    ['/* not closed; SELECT 2', []],
  ])('%j', (text, statements) => {
    expect(splitStatements(text)).toEqual(statements);
  });

  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => `'${text.replaceAll("'", "''")}'`),
    fc.string({ unit: 'grapheme' }).map((text) => `"${text.replaceAll('"', '""')}"`),
    fc.string({ unit: 'grapheme' }).map((text) => `$q$${text.replaceAll('$', '')}$q$`),
    fc.string({ unit: 'grapheme' }).map((text) => `/*${text.replaceAll(/[*/]/g, ' ')}*/ x`),
    fc.constantFrom('SELECT', 'a', '1', '+', '(b, c)', '::text', '1.5e3', 'CREATE', 'END'),
  );
  const statement = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(' '));

  it('cuts between statements and nowhere else, whatever they quote', () => {
    fc.assert(
      fc.property(fc.array(statement), (statements) => {
        expect(splitStatements(statements.join(' ; '))).toEqual(statements);
      }),
    );
  });

  it('takes any text, loses nothing but space, comments and semicolons, and is quick', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const one of splitStatements(text)) expect(text).toContain(one);
      }),
    );
    const long = `SELECT '${'x'.repeat(500_000)}'; ${'('.repeat(100_000)} ${'/*'.repeat(100_000)}`;
    const began = performance.now();
    splitStatements(long);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
