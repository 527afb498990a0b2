import { describe, expect, it } from '@jest/globals';
import { printed } from './checker/violation.js';
import { API_DIES } from './scenarios/api-dies.js';
import { FREE_SQL } from './scenarios/free-sql.js';
import { FROZEN_WORKER } from './scenarios/frozen-worker.js';
import { WORKER_DIES } from './scenarios/worker-dies.js';
import { Figures } from './suite/figures.js';
import { play } from './suite/play.js';

// The short, repeatable part; all of it is `npm run test:chaos` (docs/chaos.md).
const SEED = 4711;

describe('chaos', () => {
  it.each([
    { scenario: WORKER_DIES, rounds: 1 },
    { scenario: API_DIES, rounds: 2 },
    { scenario: FREE_SQL, rounds: 1 },
    { scenario: FROZEN_WORKER, rounds: 1 },
  ])(
    '$scenario.name violates nothing',
    async ({ scenario, rounds }) => {
      const played = await play(scenario, {
        seed: SEED,
        rounds,
        figures: new Figures(),
        progress: () => undefined,
        signal: new AbortController().signal,
      });
      expect(played.error).toBeNull();
      expect(played.violations.map(printed)).toEqual([]);
      expect(played.rounds).toBe(rounds);
      // A suite that sees nothing proves nothing.
      expect(played.runs).toBeGreaterThan(0);
      expect(played.sessions).toBeGreaterThan(0);
      expect(played.looks.count).toBeGreaterThan(100);
    },
    120_000,
  );
});
