// Checks docs/model with spin: every configuration must have the result that is expected of it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, copyFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODEL = join(import.meta.dirname, '../docs/model');
const TWO = { WORKERS: 2, EPOCHS: 2 };
/** Faults one at a time, and mechanisms left out one at a time. */
const CONFIGURATIONS = [
  { name: 'no faults', define: {} },
  { name: 'the API dies', define: { API_CRASHES: 1 } },
  { name: 'a worker dies, another takes over', define: { ...TWO, CRASHES: 1 } },
  { name: 'a worker hands over', define: { ...TWO, HAND_OVERS: 1 } },
  { name: 'the data source is cut off', define: { EPOCHS: 2, CUTS: 1 } },
  { name: 'two runs of one workfile', define: { RUNS: 2, OPERATORS: 1 } },
  { name: 'left out: fence', define: { SEED_NO_FENCE: 1 }, breaks: 'START' },
  { name: 'left out: gate', define: { SEED_NO_GATE: 1 }, breaks: 'I2' },
  { name: 'left out: look before stopped', define: { SEED_CONFIRM_BLIND: 1 }, breaks: 'I1' },
  {
    name: 'left out: unique index',
    define: { RUNS: 2, OPERATORS: 1, SEED_NO_UNIQUE_INDEX: 1 },
    breaks: 'I4',
  },
];

for (const [tool, version] of [
  ['spin', '-V'],
  ['gcc', '--version'],
])
  if (spawnSync(tool, [version]).status !== 0) {
    console.error(`${tool} is not here; on Debian: apt-get install spin gcc`);
    process.exit(1);
  }

const folder = mkdtempSync(join(tmpdir(), 'fermata-model-'));
for (const file of readdirSync(MODEL).filter((name) => name.endsWith('.pml')))
  copyFileSync(join(MODEL, file), join(folder, file));
const inFolder = (command, values) =>
  execFileSync(command, values, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });

console.log('| configuration | states | depth | seconds | found | as expected |');
console.log('|---|---|---|---|---|---|');
let wrong = 0;
for (const { name, define, breaks = null } of CONFIGURATIONS) {
  const switches = Object.entries(define).map(([key, value]) => `-D${key}=${value}`);
  inFolder('spin', ['-a', ...switches, 'stop.pml']);
  inFolder('gcc', [
    '-O2',
    '-DSAFETY',
    '-DCOLLAPSE',
    '-DMEMLIM=3500',
    '-DVECTORSZ=2048',
    '-o',
    'pan',
    'pan.c',
  ]);
  const from = performance.now();
  const output = inFolder('./pan', ['-m300000']);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const states = /(\d+) states, stored/.exec(output)?.[1] ?? '?';
  const depth = /depth reached (\d+)/.exec(output)?.[1] ?? '?';
  const violated = /assertion violated \(+(\w+)\|\|/.exec(output)?.[1];
  const errors = /errors: (\d+)/.exec(output)?.[1] ?? '?';
  const isWhole = !/max search depth too small|out of memory/.test(output);
  const found = errors === '0' && isWhole ? null : (violated ?? 'another error');
  const isExpected = found === breaks;
  if (!isExpected) wrong += 1;
  console.log(
    `| ${name} | ${states} | ${depth} | ${seconds} | ${found ?? 'nothing'} | ${isExpected ? 'yes' : '**no**'} |`,
  );
}
rmSync(folder, { recursive: true });
process.exit(wrong === 0 ? 0 : 1);
