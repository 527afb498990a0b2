import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VariableError, Variables } from './variables.js';

const FACTS = { flowName: 'flow', userName: 'ann', userId: 665, workfileId: 297 };

function variables(
  inFile: Record<string, string>,
  overrides: Record<string, string> = {},
): Variables {
  return Variables.of(
    new Map(Object.entries(inFile)),
    Object.entries(overrides).map(([name, value]) => ({ name, value })),
    FACTS,
  );
}

describe('variables', () => {
  it.each([
    ['@default_prefix_rowfil_0', 'ch40_rowfil_0'],
    ['alp@user_id_@flow_id_rowfil_0', 'alp665_297_rowfil_0'],
    ['@default_schema.alp@user_id_@flow_id_rsamp_0_2', 'public.alp665_297_rsamp_0_2'],
    [`'@state'`, `'AL'`],
    ['@states', 'both'],
    ['a @ b @> c @unknown', 'a @ b @> c @unknown'],
    ['@State', '@State'],
    ['@flow_name/@user_name', 'flow/ann'],
  ])('fill %s with the longest defined name', (text, filled) => {
    const file = {
      '@default_prefix': 'ch40',
      '@state': 'AL',
      '@states': 'both',
      '@flow_name': '@flow_name',
    };
    expect(variables(file).fill(text)).toBe(filled);
  });

  it('prefer the run’s value to the file’s, and the file’s to the default', () => {
    expect(
      variables({ '@cut': '5' }, { '@cut': '7', '@undefined': '1' }).fill('@cut @undefined'),
    ).toBe('7 @undefined');
    expect(variables({ '@default_schema': 'own' }).fill('@default_schema')).toBe('own');
    expect(
      variables({ '@default_schema': 'own' }, { '@default_schema': 'other' }).fill(
        '@default_schema',
      ),
    ).toBe('other');
  });

  it('keep who and what is run to themselves', () => {
    expect(variables({}, { '@user_id': '1', '@flow_id': '2' }).fill('@user_id @flow_id')).toBe(
      '665 297',
    );
  });

  it('may hold other variables, but never themselves', () => {
    expect(variables({ '@a': '<@b>', '@b': '@user_id' }).fill('@a')).toBe('<665>');
    expect(() => variables({ '@a': '@b', '@b': '@c', '@c': '@a' })).toThrow('@a → @b → @c → @a');
  });

  it('do not grow without end', () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `@v${String(i).padStart(2, '0')}`,
        `@v${String(i + 1).padStart(2, '0')}`.repeat(2),
      ]),
    );
    expect(() => variables({ ...doubling, '@v40': 'x' })).toThrow(VariableError);
  });

  it('are no more than a thousand', () => {
    const name = (i: number) => `@v${String(i).padStart(4, '0')}`;
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), name(i + 1)]));
    expect(variables(many(1000)).fill('@v0000')).toBe('@v1000');
    expect(() => variables(many(1001))).toThrow('more than 1000 variables');
  });

  it('take a bounded time, whatever the text', () => {
    const names = Object.fromEntries(
      Array.from({ length: 900 }, (_, i) => [`${'@'.repeat(i + 1)}x`, 'value']),
    );
    const filling = (text: string) => () => variables(names).fill(text);
    const began = performance.now();
    expect(filling('@'.repeat(10_000_000))).toThrow('takes too long');
    expect(() => variables({ ...names, '@a': '@'.repeat(10_000_000) })).toThrow(VariableError);
    const long = variables({ '@a': 'a'.repeat(1_000_000) });
    expect(() => Array.from({ length: 100 }, () => long.fill('@a@a'))).toThrow(VariableError);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(variables({}).fill('@ '.repeat(100_000))).toBe('@ '.repeat(100_000));
  });

  it('leave text without an @ as it is, and never scan inserted text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('@'));
        expect(variables({}).fill(text)).toBe(text);
      }),
    );
    const inserted = Variables.of(new Map(), [], { ...FACTS, userName: '@user_id' });
    expect(inserted.fill('@user_name')).toBe('@user_id');
  });
});
