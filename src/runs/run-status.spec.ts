import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACTIVE, canMove, NEXT, RUN_STATUSES, sourcesOf } from './run-status.js';

const status = fc.constantFrom(...RUN_STATUSES);

describe('run status', () => {
  it('counts queued, running and stopping as active', () => {
    expect(ACTIVE).toEqual(['queued', 'running', 'stopping']);
  });

  it('never leaves a final state', () => {
    for (const from of RUN_STATUSES.filter((one) => !ACTIVE.includes(one)))
      for (const to of RUN_STATUSES) expect(canMove(from, to)).toBe(false);
  });

  it('knows the same moves forwards and backwards', () => {
    fc.assert(
      fc.property(status, status, (from, to) => {
        expect(sourcesOf(to).includes(from)).toBe(canMove(from, to));
      }),
    );
  });

  it('reaches an end from every active state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ACTIVE), fc.infiniteStream(fc.nat()), (start, picks) => {
        let at = start;
        let moves = 0;
        for (const pick of picks) {
          const next = NEXT[at];
          if (next.length === 0) break;
          at = next[pick % next.length]!;
          moves++;
        }
        expect(moves).toBeLessThanOrEqual(3);
      }),
    );
  });
});
