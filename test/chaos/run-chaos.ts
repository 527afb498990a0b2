import { writeFileSync } from 'node:fs';
import setUp from '../support/global-setup.js';
import tearDown from '../support/global-teardown.js';
import { printed } from './checker/violation.js';
import { Figures } from './suite/figures.js';
import { report } from './suite/report.js';
import { keepResult, reportedResults } from './suite/results.js';
import { play, type Played } from './suite/play.js';
import { SCENARIOS } from './suite/scenarios.js';
import { readSettings } from './suite/settings.js';

const names = SCENARIOS.map(({ name }) => name);
const { seed, only, rounds, report: writesReport } = readSettings(process.env, names);
const chosen = SCENARIOS.filter(({ name }) => only === null || only.includes(name));
const ending = new AbortController();
process.on('SIGINT', () => {
  if (ending.signal.aborted) process.exit(130);
  process.stderr.write('\nending after this round; once more ends at once\n');
  ending.abort();
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const all: Played[] = [];
const asked = Object.entries(process.env).flatMap(([name, value = '']) =>
  name.startsWith('CHAOS_') && !['CHAOS_SEED', 'CHAOS_REPORT'].includes(name)
    ? [`${name}=${value}`]
    : [],
);
const command = [`CHAOS_SEED=${seed}`, ...asked.sort(), 'npm run test:chaos'].join(' ');
await setUp();
say(`seed ${seed}; to repeat: ${command}`);
for (const scenario of chosen) {
  if (ending.signal.aborted) break;
  const missing = scenario.missing?.() ?? null;
  if (missing !== null) {
    say(`${scenario.name}: left out, ${missing}`);
    continue;
  }
  const wanted = rounds ?? scenario.rounds;
  say(`${scenario.name}: ${scenario.title}`);
  let saidAt = performance.now();
  const figures = new Figures();
  const played = await play(scenario, {
    ...{ seed, rounds: wanted, figures, signal: ending.signal },
    progress: (done, violations) => {
      if (performance.now() - saidAt < 20_000) return;
      saidAt = performance.now();
      say(`  ${done} of ${wanted} rounds, ${violations} violations`);
    },
  });
  all.push(played);
  keepResult(played, figures, command, writesReport);
  say(
    `  ${played.rounds} rounds, ${played.runs} runs, ${played.stops} stops (${played.late} late), ${played.outputs} outputs, ${played.sessions} sessions (${played.reusedPids} with a pid used before), ${played.looks.count} looks (longest gap ${played.looks.longestGapMs.toFixed(0)} ms), ${played.seconds.toFixed(0)} s: ${played.violations.length} violations`,
  );
  for (const violation of played.violations.slice(0, 5)) say(printed(violation));
  if (played.error !== null)
    say(
      `  ENDED EARLY: ${played.error instanceof Error ? (played.error.stack ?? played.error.message) : 'unknown'}`,
    );
  for (const name of figures.names.samples)
    say(`  ${name}: ${JSON.stringify(figures.percentilesOf(name))}`);
  for (const name of figures.names.counts) say(`  ${name}: ${figures.counted(name)}`);
}
if (writesReport) {
  writeFileSync('docs/chaos-report.md', report(reportedResults(names)));
  say('written: docs/chaos-report.md');
}
tearDown();
if (all.length === 0) say('nothing was played');
process.exit(
  all.length === 0 || all.some(({ violations, error }) => violations.length > 0 || error !== null)
    ? 1
    : 0,
);
