import { describe, expect, it } from '@jest/globals';
import { readSettings } from './settings.js';

const NAMES = ['storm', 'close-race'];
const read = (env: Readonly<Record<string, string>>) => readSettings(env, NAMES);

describe('settings of the chaos suite', () => {
  it('choose scenarios by their names', () => {
    expect(read({ CHAOS_ONLY: 'close-race, storm' }).only).toEqual(['close-race', 'storm']);
    expect(read({ CHAOS_ONLY: '', CHAOS_ROUNDS: '3' })).toMatchObject({ only: null, rounds: 3 });
  });

  it.each([
    [
      { CHAOS_ONLY: 'storm,close-rase' },
      'CHAOS_ONLY: there is no close-rase; there are storm, close-race',
    ],
    [{ CHAOS_ROUNDS: '0' }, 'CHAOS_ROUNDS must be at least 1, or nothing is played'],
    [{ CHAOS_ROUNDS: 'two' }, 'CHAOS_ROUNDS must be a whole number, not "two"'],
  ])('refuse %j: nothing would be checked', (env, message) => {
    expect(() => read(env)).toThrow(message);
  });
});
