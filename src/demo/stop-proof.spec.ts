import { describe, expect, it } from '@jest/globals';
import { doubts, interruptedOutputs } from './stop-proof.js';

const TABLE = { schema: 'default', table: 'look_alikes' };
const FINISHED = {
  name: 'credit',
  status: 'finished',
  output: { schema: 'demo', table: 'credit' },
};
const INTERRUPTED = { name: 'Look-alikes', status: 'rolled_back', output: TABLE };
const operators = (...names: string[]) => ({ rolled_back: names });
const RECEIPT = { outcome: 'stopped', operators: operators('Look-alikes') };
const RUN = { status: 'stopped', steps: [FINISHED, INTERRUPTED], stop_receipt: RECEIPT };
const SEEN = {
  answer: { status: 202, body: { status: 'idle' } },
  run: RUN,
  sessions: 0,
  outputs: [],
};
const run = (more: object) => ({ run: { ...RUN, ...more } });

describe('the proof of the demo', () => {
  it('holds when all of it was seen', () => {
    expect(interruptedOutputs(RUN)).toEqual([TABLE]);
    expect(doubts(SEEN)).toEqual([]);
  });

  it.each([
    [{ answer: { status: 503, body: { status: 'idle' } } }, 'the stop was answered with 503'],
    [
      { answer: { status: 202, body: { status: 'stopping' } } },
      'the answer says that the workfile is "stopping"',
    ],
    [{ sessions: 1 }, 'sessions of the run are left'],
    [{ outputs: [TABLE] }, 'look_alikes is there, and was rolled back'],
    [run({ steps: [FINISHED] }), 'no output of an interrupted operator could be looked for'],
    [
      run({ steps: [FINISHED, { ...INTERRUPTED, output: null }] }),
      'no output of an interrupted operator could be looked for',
    ],
    [run({ stop_receipt: null }), 'there is no receipt'],
    [
      run({ stop_receipt: { ...RECEIPT, outcome: 'succeeded' } }),
      'the receipt says "succeeded", and the run "stopped"',
    ],
    [run({ status: 'succeeded' }), 'the receipt says "stopped", and the run "succeeded"'],
    [
      run({ stop_receipt: { ...RECEIPT, operators: operators() } }),
      'the receipt calls nothing rolled back, and the run Look-alikes',
    ],
  ])('does not hold with %j', (seen, doubt) => {
    expect(doubts({ ...SEEN, ...seen })).toContain(doubt);
  });
});
