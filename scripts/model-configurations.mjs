// What run-model.mjs checks. Switches are explained in docs/model/stop.pml.

/** Two workers, and a run may be claimed twice. */
const TWO = { WORKERS: 2, EPOCHS: 2 };
const LIVE = { LIVENESS: 1, CRASHES: 1, API_CRASHES: 1, DRIVERS: 2 };
const ANY = { OPERATOR_ERRORS: 1, SLOW_COMMITS: 1 };

/** The protocol as it is: nothing may be found. */
const HOLDS = [
  { name: 'no faults', define: {} },
  { name: 'several drive a stop', define: { DRIVERS: 2, ...ANY } },
  { name: 'a worker dies', define: { ...TWO, CRASHES: 1, ...ANY } },
  { name: 'a worker hands over', define: { ...TWO, HAND_OVERS: 1, ...ANY } },
  { name: 'the data source is cut off', define: { ...TWO, CUTS: 1, CRASHES: 1, ...ANY } },
  { name: 'the data source dies', define: { ...TWO, DEATHS: 1, CRASHES: 1, ...ANY } },
  { name: 'two runs of one workfile', define: { RUNS: 2, OPERATORS: 1, ...ANY } },
  { name: 'a stop is confirmed', define: LIVE },
  { name: 'a worker stands still', define: { ...TWO, FREEZES: 1, ...ANY }, takesLong: true },
  {
    name: 'three claims, a worker stands still',
    define: { WORKERS: 2, EPOCHS: 3, OPERATORS: 1, FREEZES: 1 },
    takesLong: true,
  },
  {
    name: 'a worker stands still, the data source is cut off',
    define: { ...TWO, FREEZES: 1, CUTS: 1 },
    takesLong: true,
  },
  {
    name: 'all faults of workers and the network at once',
    define: { ...TWO, OPERATORS: 1, FREEZES: 1, CRASHES: 1, HAND_OVERS: 1, CUTS: 1 },
    takesLong: true,
  },
  { name: 'a stop is confirmed after a cut', define: { ...LIVE, CUTS: 1 }, takesLong: true },
];

/** One mechanism left out: it must be missed. */
const MISSED = [
  ['fence before an operator', 'SEED_NO_FENCE', {}, 'START'],
  ['fence before a session is admitted', 'SEED_NO_ADMISSION_FENCE', {}, 'ADMISSION'],
  ['look whether it has ended', 'SEED_ENDS_TWICE', {}, 'I3'],
  ['SQL that is not repeatable', 'SEED_REPEATS_ALL', { ...TWO, CRASHES: 1 }, 'ONCE'],
  ['gate', 'SEED_NO_GATE', {}, 'I2'],
  ['no COMMIT behind the gate', 'SEED_COMMIT_BEHIND_GATE', {}, 'I2'],
  ['time limit of a transaction', 'SEED_UNBOUND', { ...TWO, FREEZES: 1 }, 'I2'],
  ['epoch', 'SEED_NO_EPOCH', { ...TWO, FREEZES: 1 }, 'START'],
  ['look before the end', 'SEED_CONFIRM_BLIND', {}, 'LEDGER'],
  ['end of leftover sessions', 'SEED_TAKEOVER_LEAVES_SESSIONS', { ...TWO, CRASHES: 1 }, 'LEDGER'],
  ['look before acknowledging', 'SEED_ACKNOWLEDGES_UNSEEN', { ...TWO, HAND_OVERS: 1 }, 'I1'],
  [
    'epoch of sessions called gone',
    'SEED_GONE_IS_NOT_FENCED',
    { WORKERS: 2, EPOCHS: 3, OPERATORS: 1, FREEZES: 1 },
    'LEDGER',
  ],
  [
    'epoch of sessions that are ended',
    'SEED_KILLS_UNSURE',
    { WORKERS: 2, EPOCHS: 3, OPERATORS: 1, FREEZES: 1 },
    'LATER',
  ],
  ['life of the data source', 'SEED_TRUSTS_ANOTHER_LIFE', { DEATHS: 1 }, 'I9'],
  ['stop before errors', 'SEED_ERROR_OUTWEIGHS_STOP', {}, 'OUTCOME'],
  ['unique index', 'SEED_NO_UNIQUE_INDEX', { RUNS: 2, OPERATORS: 1 }, 'I4'],
  ['sweep', 'SEED_NO_SWEEP', LIVE, 'never confirmed'],
  ['repeated kills', 'SEED_NO_REPEAT', LIVE, 'never confirmed'],
].map(([what, seed, define, breaks]) => ({
  name: `left out: ${what}`,
  define: { ...define, [seed]: 1 },
  breaks,
}));

export const CONFIGURATIONS = [...HOLDS, ...MISSED];
