import { TAG, type ChaosEvent, type Happening } from '../history/event.js';

export const RUN = '11111111-1111-4111-8111-111111111111';
export const OTHER = '22222222-2222-4222-8222-222222222222';
const WORKFILE = 7;

type Kind = Happening['kind'];
type Fields<K extends Kind> = Partial<Extract<Happening, { kind: K }>> & { readonly at?: number };

const look = (time: number) => ({ sent: time, at: time + 1, clock: 1000 + time });

const DEFAULTS: { readonly [K in Kind]: Omit<Extract<Happening, { kind: K }>, 'kind'> } = {
  asked: { call: 1, what: 'stop', workfile: WORKFILE, run: null },
  answered: { call: 1, http: 202, says: null, run: RUN },
  unanswered: { call: 1, error: 'reset' },
  fault: { what: 'SIGKILL', target: 'worker-1' },
  row: { run: RUN, sent: 0, status: 'running', epoch: 1, lastError: null, errorSince: null },
  move: {
    seq: 0,
    clock: 0,
    run: RUN,
    workfile: WORKFILE,
    from: null,
    to: 'queued',
    epoch: 1,
    worker: 'w1',
    leaseUntil: null,
  },
  step: {
    seq: 0,
    clock: 0,
    step: '1',
    run: RUN,
    epoch: 1,
    position: 0,
    operator: 'first',
    from: null,
    to: 'running',
    xid: '700',
    delivered: false,
    message: null,
  },
  final: {
    run: RUN,
    status: 'stopped',
    clock: 1060,
    workersLost: 0,
    stopRequested: true,
    receipt: { outcome: 'stopped', finished: ['first'] },
    error: null,
  },
  session: {
    pid: 50,
    start: 's',
    tag: TAG + RUN,
    first: look(15),
    last: look(55),
    gone: look(58),
  },
  looks: { count: 100, from: 0, to: 100, longestGapMs: 3 },
  output: { run: RUN, operator: 'first', table: 'first_7', rows: 5, whole: 5, others: [] },
  commit: { run: RUN, step: '1', clock: 1030 },
  bystander: { name: 'b', pid: 9, what: 'well', statements: 10, error: null },
  leftover: { what: 'locks', detail: '1' },
  claim: { invariant: 'I6', run: RUN, what: 'it says stopping', holds: true, detail: '' },
  note: { text: '' },
};

/** An event with what a test does not care about filled in. */
export function event<K extends Kind>(kind: K, fields: Fields<K> = {}): ChaosEvent {
  return { at: 0, kind, ...DEFAULTS[kind], ...fields } as ChaosEvent;
}

export { look };

const moves = (...states: readonly string[]) =>
  states.slice(1).map((to, i) => ({ from: states[i] === '' ? null : states[i], to }));

/**
 * A run that was stopped while its second operator was at work, as it should be: asked for at 5, queued at 10, running from
 * 12, its stop accepted at 40, its end written at 60 and answered at 65. Clocks of the servers are 1000 ahead.
 */
export function goodHistory(): ChaosEvent[] {
  const [queued, running, stopping, stopped] = moves(
    '',
    'queued',
    'running',
    'stopping',
    'stopped',
  );
  return [
    event('asked', { at: 5, call: 1, what: 'run' }),
    event('answered', { at: 11, call: 1 }),
    event('move', { seq: 1, clock: 1010, ...queued, epoch: 0 } as Fields<'move'>),
    event('move', { seq: 2, clock: 1012, ...running } as Fields<'move'>),
    event('step', { seq: 3, clock: 1020 }),
    event('step', { seq: 4, clock: 1031, from: 'running', to: 'finished', delivered: true }),
    event('step', { seq: 5, clock: 1032, step: '2', position: 1, operator: 'second', xid: '701' }),
    event('asked', { at: 38, call: 2 }),
    event('move', { seq: 6, clock: 1040, ...stopping } as Fields<'move'>),
    event('step', {
      seq: 7,
      clock: 1050,
      step: '2',
      position: 1,
      operator: 'second',
      xid: '701',
      from: 'running',
      to: 'rolled_back',
    }),
    event('session'),
    event('move', { seq: 8, clock: 1060, ...stopped } as Fields<'move'>),
    event('answered', { at: 65, call: 2, says: 'idle' }),
    event('row', { at: 71, sent: 70, status: 'stopped' }),
    event('final'),
    event('commit'),
    event('commit', { step: '2', clock: null }),
    event('output'),
    event('output', { operator: 'second', table: 'second_7', rows: 0 }),
    event('bystander'),
    event('claim'),
  ];
}

/** What was before: a run of the same workfile that finished the second operator. */
export function earlierHistory(): ChaosEvent[] {
  const run = OTHER;
  const [queued, running, succeeded] = moves('', 'queued', 'running', 'succeeded');
  const step = { run, step: '0', position: 1, operator: 'second', xid: '600' };
  return [
    event('move', { run, seq: -5, clock: 910, ...queued, epoch: 0 } as Fields<'move'>),
    event('move', { run, seq: -4, clock: 912, ...running } as Fields<'move'>),
    event('step', { ...step, seq: -3, clock: 920 }),
    event('step', { ...step, seq: -2, clock: 930, from: 'running', to: 'finished' }),
    event('move', { run, seq: -1, clock: 940, ...succeeded } as Fields<'move'>),
    event('output', { run, operator: 'second', table: 'second_7' }),
    event('final', { run, status: 'succeeded', clock: 940, stopRequested: false, receipt: null }),
    event('commit', { run, step: '0', clock: 929 }),
  ];
}
