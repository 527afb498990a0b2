// Checks docs/model with spin: every configuration must have the result that is expected of it. `--quick` leaves out those
// that take long; what follows names configurations to check alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIGURATIONS } from './model-configurations.mjs';

const MODEL = join(import.meta.dirname, '../docs/model');
const isQuick = process.argv.includes('--quick');
const names = process.argv.slice(2).filter((value) => value !== '--quick');

const known = CONFIGURATIONS.map(({ name }) => name);
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are:\n${known.join('\n')}`);
  process.exit(1);
}

for (const [tool, version] of [
  ['spin', '-V'],
  ['gcc', '--version'],
])
  if (spawnSync(tool, [version]).status !== 0) {
    console.error(`${tool} is not here; on Debian: apt-get install spin gcc`);
    process.exit(1);
  }

const folder = mkdtempSync(join(tmpdir(), 'fermata-model-'));
const inFolder = (command, values) =>
  execFileSync(command, values, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });

/** @returns what the checker wrote, and how long it computed */
function check({ define, takesLong = false }) {
  inFolder('spin', ['-a', ...switchesOf(define), 'stop.pml']);
  // Fairness: every process that could go on does so in the end, unless it has died.
  const [compiled, run] = 'LIVENESS' in define ? [['-DNFAIR=4'], ['-a', '-f']] : [['-DSAFETY'], []];
  // Optimising takes longer than most searches.
  const level = takesLong ? '-O2' : '-O0';
  const options = ['-DCOLLAPSE', '-DVECTORSZ=2048', '-DMEMLIM=6000'];
  inFolder('gcc', [level, ...compiled, ...options, '-o', 'pan', 'pan.c']);
  const timed = ['-c', 'TIMEFORMAT=%U; time ./pan "$@"', 'pan', '-m1000000', ...run];
  const { stdout, stderr } = spawnSync('bash', timed, { cwd: folder, encoding: 'utf8' });
  return { output: stdout, seconds: Number(stderr) };
}

function switchesOf(define) {
  return Object.entries(define).map(([key, value]) => `-D${key}=${value}`);
}

/** @returns name of what is violated, or null when nothing is */
function verdict(output) {
  if (/max search depth too small|out of memory|-DMEMLIM bound|error: too many/.test(output))
    return 'no answer';
  const errors = /errors: (\d+)/.exec(output)?.[1];
  // A violation ends the search; without one only the end of it is an answer.
  if (errors === '0') return /Search not completed/i.test(output) ? 'no answer' : null;
  if (/acceptance cycle \(/.test(output)) return 'never confirmed';
  if (/invalid end state \(/.test(output)) return 'stuck';
  return /assertion violated \(+(\w+)\s*\|\|/.exec(output)?.[1] ?? 'no answer';
}

let wrong = 0;
try {
  for (const file of readdirSync(MODEL).filter((name) => name.endsWith('.pml')))
    copyFileSync(join(MODEL, file), join(folder, file));
  console.log('| configuration | bounds | states | depth | CPU seconds | found | as expected |');
  console.log('|---|---|---|---|---|---|---|');
  for (const configuration of CONFIGURATIONS) {
    const { name, define, breaks = null, takesLong = false } = configuration;
    if ((isQuick && takesLong) || (names.length > 0 && !names.includes(name))) continue;
    const { output, seconds } = check(configuration);
    const states = /(\d+) states, stored/.exec(output)?.[1] ?? '?';
    const depth = /depth reached (\d+)/.exec(output)?.[1] ?? '?';
    const found = verdict(output);
    const isExpected = found === breaks;
    if (!isExpected) wrong += 1;
    const bounds = Object.entries(define).map(([key, value]) => `${key}=${value}`);
    const cells = [name, bounds.join(' ') || '-', states, depth, seconds.toFixed(1)];
    console.log(`| ${[...cells, found ?? 'nothing', isExpected ? 'yes' : '**no**'].join(' | ')} |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(wrong === 0 ? 0 : 1);
