import { describe, expect, it } from '@jest/globals';
import { add, all, change, type Change, drop, found } from './changes.js';
import { Checker } from './checker.js';
import { event, goodHistory, look, OTHER, RUN } from './invented-history.js';
import { printed } from './violation.js';

/** A second worker goes on with the run. */
const takenUp = (fields: object): Change =>
  all(
    change({ seq: 6 }, { epoch: 2 }),
    change({ seq: 8 }, { epoch: 2 }),
    add(
      event('move', {
        seq: 5.5,
        clock: 1035,
        from: 'running',
        to: 'running',
        epoch: 2,
        worker: 'w2',
        leaseUntil: 1034,
        ...fields,
      }),
    ),
  );
const second = (fields: object) =>
  event('step', { seq: 5.7, step: '3', epoch: 2, position: 1, operator: 'second', ...fields });

describe('the checker', () => {
  it('finds nothing wrong in a history as it should be', () => {
    expect(new Checker().check(goodHistory())).toEqual({
      violations: [],
      runs: 1,
      stops: 1,
      late: 1,
      outputs: 2,
      sessions: 1,
      reusedPids: 0,
    });
  });

  it.each<[string, Change, string[]]>([
    [
      'a session that is seen after the end was written',
      change({ kind: 'session' }, { last: look(62), gone: look(64) }),
      ['I1 session 50 was seen 2.0 ms after stopped was written'],
    ],
    [
      'one that is seen after the answer',
      change({ kind: 'session' }, { last: look(66), gone: null }),
      [
        'I1 session 50 was seen 6.0 ms after stopped was written',
        'I6 session 50 was seen after an answer said idle',
      ],
    ],
    [
      'one that only appears after the run was read as stopped',
      add(event('session', { pid: 51, first: look(72), last: look(73), gone: null })),
      [
        'I1 session 51 was seen 13.0 ms after stopped was written',
        'I1 session 51 was seen after the run was read as stopped',
        'I6 session 51 was seen after an answer said idle',
      ],
    ],
    [
      'a session of a run that ended by itself',
      all(
        change({ seq: 8 }, { to: 'failed' }),
        change(
          { kind: 'final' },
          { status: 'failed', receipt: { outcome: 'failed', finished: ['first'] } },
        ),
        drop({ kind: 'row' }),
        change({ kind: 'session' }, { last: look(63) }),
      ),
      ['I10 session 50 was seen 3.0 ms after failed was written'],
    ],
    [
      'an operator that begins after the acceptance',
      add(event('step', { seq: 6.5, clock: 1041, step: '9', position: 2, operator: 'third' })),
      ['I2 third began after stopping was written'],
    ],
    [
      'an operator that takes effect after the acceptance',
      change({ kind: 'commit', step: '1' }, { clock: 1043 }),
      ['I2 first took effect 3.0 ms after stopping was written'],
    ],
    [
      'an end that changes',
      add(event('move', { seq: 9, clock: 1090, from: 'stopped', to: 'running' })),
      ['I3 changed after its final state stopped'],
    ],
    [
      'an illegal move',
      all(
        drop({ kind: 'move', to: 'stopping' }),
        change({ kind: 'move', to: 'stopped' }, { from: 'running' }),
      ),
      ['I3 illegal move running → stopped'],
    ],
    [
      'moves that do not join',
      change({ kind: 'move', to: 'stopped' }, { from: 'running' }),
      ['I3 its moves do not join', 'I3 illegal move running → stopped'],
    ],
    [
      'two ends, read by two people',
      add(event('row', { at: 80, sent: 79, status: 'succeeded' })),
      ['I3 two final states: stopped and succeeded'],
    ],
    [
      'a second active run of the workfile',
      add(
        event('move', { seq: 5.2, run: OTHER, epoch: 0 }),
        event('move', { seq: 5.3, run: OTHER, from: 'queued', to: 'stopped', epoch: 0 }),
      ),
      ['I4 workfile 7 has two active runs'],
    ],
    [
      'a stop that never ends',
      all(
        drop({ kind: 'move', to: 'stopped' }),
        drop({ kind: 'row' }),
        change({ kind: 'final' }, { status: 'stopping', receipt: null, clock: null }),
        change({ kind: 'answered', call: 2 }, { says: 'stopping' }),
      ),
      ['I5 its stop never ended'],
    ],
    [
      'a run that nobody goes on with',
      all(
        drop({ kind: 'move', to: 'stopping' }),
        drop({ kind: 'move', to: 'stopped' }),
        drop({ kind: 'row' }),
        drop({ kind: 'final' }),
        drop({ kind: 'answered', call: 2 }),
      ),
      ['I5 it stays running'],
    ],
    [
      'a run that was accepted and is not there',
      add(
        event('asked', { call: 9, what: 'run', workfile: 8 }),
        event('answered', { call: 9, run: OTHER }),
      ),
      ['I5 it was accepted, and nobody knows it'],
    ],
    [
      'an answer that says idle too early',
      add(
        event('asked', { at: 41, call: 3, what: 'show workfile' }),
        event('answered', { at: 42, call: 3, http: 200, says: 'idle', run: null }),
        event('row', { at: 44, sent: 43, status: 'stopping' }),
      ),
      [
        'I6 session 50 was seen after an answer said idle',
        'I6 an answer said idle while the run was stopping',
      ],
    ],
    [
      'a bystander that was cancelled',
      change({ kind: 'bystander' }, { what: 'hurt', error: '57014' }),
      ['I7 b was hurt: 57014'],
    ],
    [
      'bystanders that were not there',
      change({ kind: 'bystander' }, { statements: 0 }),
      ['I7 no bystander made a statement: there was nobody to hurt'],
    ],
    [
      'half an output',
      change({ kind: 'output', operator: 'first' }, { rows: 3 }),
      ['I8 first left 3 rows of its own and 0 of others instead of 5'],
    ],
    [
      'an output mixed from two runs',
      change({ kind: 'output', operator: 'first' }, { others: [{ run: OTHER, rows: 2 }] }),
      ['I8 first left 5 rows of its own and 2 of others instead of 5'],
    ],
    [
      'an operator that is called finished and left nothing',
      change({ kind: 'output', operator: 'first' }, { rows: 0 }),
      ['I9 first is recorded as finished, and its output is not there'],
    ],
    [
      'an operator that is called rolled back and took effect',
      change({ kind: 'output', operator: 'second' }, { rows: 5 }),
      ['I9 second is recorded as rolled_back, and its output is there'],
    ],
    [
      'a receipt that forgets what finished',
      change({ kind: 'final' }, { receipt: { outcome: 'stopped', finished: [] } }),
      ['I9 its receipt says that nothing finished, its steps say first'],
    ],
    [
      'a receipt with another outcome',
      change({ kind: 'final' }, { receipt: { outcome: 'succeeded', finished: ['first'] } }),
      ['I9 its receipt says succeeded, its row stopped'],
    ],
    [
      'a stop without a receipt',
      change({ kind: 'final' }, { receipt: null }),
      ['I9 a stop was asked for, and there is no receipt'],
    ],
    [
      'a lease that was not waited for',
      takenUp({ leaseUntil: 1099 }),
      ['I8 taken over before its lease was over: two workers'],
    ],
    [
      'an operator that is begun again before its first attempt is decided',
      all(takenUp({}), add(second({}))),
      ['I8 second began again while undecided'],
    ],
    [
      'an operator that is done twice',
      all(
        takenUp({}),
        add(
          second({ position: 0, operator: 'first' }),
          second({ seq: 5.8, position: 0, operator: 'first', from: 'running', to: 'rolled_back' }),
        ),
      ),
      ['I8 first was done a second time'],
    ],
    [
      'an epoch that goes back',
      all(takenUp({}), change({ seq: 8 }, { epoch: 1 })),
      ['I3 its epoch went back'],
    ],
    [
      'something that is left',
      add(event('leftover', { what: 'a prepared transaction', detail: 'x' })),
      ['I10 a prepared transaction: x'],
    ],
    [
      'a claim that does not hold',
      add(event('claim', { holds: false, detail: 'it says idle' })),
      ['I6 it says stopping: it says idle'],
    ],
  ])('names %s', (_title, changed, violations) => {
    expect(found(changed(goodHistory()))).toEqual(violations);
  });

  it('does not blame a run for what was answered before it was asked for', () => {
    const earlier = [
      event('asked', { at: 1, call: 9, what: 'show workfile' }),
      event('answered', { at: 2, call: 9, says: 'idle', run: null }),
    ];
    expect(found([...earlier, ...goodHistory()])).toEqual([]);
  });

  it('accepts an operator that is done again because what it delivered was lost', () => {
    const lost = all(
      change({ seq: 4 }, { delivered: false }),
      takenUp({}),
      add(
        second({ seq: 5.61, position: 0, operator: 'first' }),
        second({ seq: 5.8, position: 0, operator: 'first', from: 'running', to: 'rolled_back' }),
      ),
    );
    expect(found(lost(goodHistory()))).toEqual([]);
  });

  it('lets an operator be there or not when it was said that nobody can tell', () => {
    const told = { to: 'failed', message: 'the data source cannot tell whether it took effect' };
    const open = change({ seq: 7 }, told);
    const there = change({ kind: 'output', operator: 'second' }, { rows: 5 });
    expect(found(open(goodHistory()))).toEqual([]);
    expect(found(all(open, there)(goodHistory()))).toEqual([]);
    expect(found(all(change({ seq: 7 }, { to: 'failed' }), there)(goodHistory()))).toHaveLength(1);
  });

  it('counts sessions of runs, whoever had their pids before them', () => {
    const lookalike = event('session', { start: 'earlier', tag: `fermata:${RUN} ` });
    expect(new Checker().check([lookalike, ...goodHistory()])).toMatchObject({
      sessions: 1,
      reusedPids: 1,
    });
    const unlike = event('session', { pid: 99, tag: 'fermata:x' });
    expect(new Checker().check([...goodHistory(), unlike])).toMatchObject({
      sessions: 1,
      reusedPids: 0,
    });
  });

  it('remembers the end of a run in an earlier piece of the history', () => {
    const checker = new Checker();
    expect(checker.check(goodHistory()).violations).toEqual([]);
    const late = event('session', { first: look(90), last: look(91), gone: null });
    const verdict = checker.check([late]);
    expect(verdict.violations.map(printed)).toEqual([
      expect.stringMatching(
        `^I1: session 50 was seen after stopped was written .run ${RUN}.\n.*"move"`,
      ),
    ]);
  });
});
