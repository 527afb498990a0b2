import { describe, expect, it } from '@jest/globals';
import { LineTooLong, Turns } from './turns.js';

describe('turns', () => {
  it('come one after the other for a key, whatever became of the one before', async () => {
    const turns = new Turns<string>(10);
    const said: string[] = [];
    const work =
      (word: string, fails = false) =>
      async () => {
        said.push(`${word} begins`);
        await Promise.resolve();
        said.push(`${word} ends`);
        if (fails) throw new Error(word);
        return word;
      };
    const all = [
      turns.take('a', work('first', true)),
      turns.take('a', work('second')),
      turns.take('b', work('other')),
    ];
    const settled = await Promise.allSettled(all);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(said.filter((word) => !word.startsWith('other'))).toEqual([
      'first begins',
      'first ends',
      'second begins',
      'second ends',
    ]);
    expect(said.indexOf('other begins')).toBeLessThan(said.indexOf('second begins'));
  });

  it('are refused to those who come when the line is long, and given again when it is not', async () => {
    const turns = new Turns<string>(2);
    let end: () => void = () => undefined;
    const first = turns.take('a', () => new Promise<void>((resolve) => (end = resolve)));
    const second = turns.take('a', () => Promise.resolve('second'));
    let begun = false;
    const third = turns.take('a', () => Promise.resolve((begun = true)));
    await expect(third).rejects.toThrow(LineTooLong);
    expect(begun).toBe(false);
    expect(await turns.take('b', () => Promise.resolve('other line'))).toBe('other line');

    end();
    await first;
    expect(await second).toBe('second');
    expect(await turns.take('a', () => Promise.resolve('again'))).toBe('again');
  });
});
