import { describe, expect, it } from '@jest/globals';
import { all, change, type Change, found } from './changes.js';
import { Checker } from './checker.js';
import { earlierHistory, goodHistory, OTHER, RUN } from './invented-history.js';

const THIRD = '33333333-3333-4333-8333-333333333333';

describe('the checker knows what an earlier run has left, and', () => {
  const left = (rows: object) => change({ kind: 'output', run: RUN, operator: 'second' }, rows);
  const whole = (run: string) => left({ others: [{ run, rows: 5 }] });

  it('finds it in its place', () => {
    expect(found([...earlierHistory(), ...whole(OTHER)(goodHistory())])).toEqual([]);
  });

  it.each<[string, Change, string]>([
    ['misses what is lost', left({}), `I8 second: nothing instead of rows of ${OTHER}`],
    ['asks whose it is', whole(THIRD), `I8 second: rows of ${THIRD} instead of rows of ${OTHER}`],
    [
      'does not take two halves for a whole',
      left({
        others: [
          { run: OTHER, rows: 3 },
          { run: THIRD, rows: 2 },
        ],
      }),
      `I8 second: rows of ${OTHER} and rows of ${THIRD} instead of rows of ${OTHER}`,
    ],
  ])('%s', (_title, changed, violated) => {
    const later = changed(goodHistory());
    expect(found([...earlierHistory(), ...later])).toEqual([violated]);
    // The same in a piece of its own.
    const checker = new Checker();
    expect(checker.check(earlierHistory()).violations).toEqual([]);
    expect(checker.check(later).violations.map(({ what }) => `I8 ${what}`)).toEqual([violated]);
  });

  it('misses nothing of SQL that each run does anew', () => {
    const effect = change({ kind: 'output', operator: 'second' }, { table: null });
    expect(found(effect([...earlierHistory(), ...goodHistory()]))).toEqual([]);
  });

  it('accepts both when nobody can tell whether it was replaced', () => {
    const open = change(
      { seq: 7 },
      { to: 'failed', message: 'it cannot tell whether it took effect' },
    );
    const replaced = left({ rows: 5 });
    for (const changed of [whole(OTHER), replaced])
      expect(found([...earlierHistory(), ...all(open, changed)(goodHistory())])).toEqual([]);
  });
});
