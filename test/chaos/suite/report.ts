import { cpus, totalmem } from 'node:os';
import type { Invariant } from '../checker/violation.js';
import { LEASE_SECONDS } from '../scenarios/worker-dies.js';
import { Figures } from './figures.js';
import type { Result } from './results.js';

interface Row {
  readonly figure: string;
  readonly bound: string;
  readonly measured: string;
  readonly rounds: string;
  /** Null when it was not measured; undefined when there is nothing to hold. */
  readonly holds: boolean | null | undefined;
}

/** What the suite has found, as a page; figures that were not measured say so. */
export function report(all: readonly Result[]): string {
  const [cpu] = cpus();
  return [
    '# Chaos report',
    '',
    `Node ${process.version}, ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB;` +
      ' API, workers, PostgreSQL servers, observer and suite on one machine. Written by `CHAOS_REPORT=1 npm run test:chaos`' +
      ' from the latest result of each scenario; times are of the whole, load and suite included.',
    '',
    '| figure | bound | measured | over | |',
    '|---|---|---|---|---|',
    ...rowsOf(all, Figures.of(all.map(({ figures }) => figures))).map(
      ({ figure, bound, measured, rounds, holds }) =>
        `| ${figure} | ${bound} | ${measured} | ${rounds} | ${verdict(holds)} |`,
    ),
    '',
    '| scenario | rounds | runs | stops | sessions seen | looks of the observer | violations | when (UTC), commit, load | |',
    '|---|---|---|---|---|---|---|---|---|',
    ...all.map(
      (one) =>
        `| ${one.scenario} | ${one.rounds} | ${one.runs} | ${one.stops} | ${one.sessions} | ${one.looks.count} | ${one.violated.length} | ${one.at.slice(0, 16).replace('T', ' ')}, ${one.commit}, ${one.load.toFixed(1)} | ${one.endedEarly ? '**ended early**' : ''} |`,
    ),
    '',
    'Each again:',
    '',
    ...all.map(({ scenario, command }) => `- ${scenario}: \`${command}\``),
    '',
  ].join('\n');
}

function rowsOf(all: readonly Result[], figures: Figures): Row[] {
  const stops = sum(all, ({ stops: n }) => n);
  const races = figures.counted('close races: finished') + figures.counted('close races: stopped');
  const near = figures.counted('close races: within ±2 ms of the end or the commit');
  const handovers = figures.counted('handovers');
  const repeated = figures.counted('operators repeated after a handover');
  const broken = (...invariants: Invariant[]) =>
    sum(all, ({ violated }) => violated.filter((one) => invariants.includes(one)).length);
  const zero = (figure: string, count: number, over: number, of: string): Row => ({
    figure,
    bound: '0',
    measured: String(count),
    rounds: `${over} ${of}`,
    // One that ended early has not seen all there was to see.
    holds:
      over === 0 || (count === 0 && all.some(({ endedEarly }) => endedEarly)) ? null : count === 0,
  });
  const time = (
    figure: string,
    name: string,
    rank: 'p50' | 'p99' | 'max',
    boundMs?: number,
  ): Row => {
    const found = figures.percentilesOf(name);
    return {
      figure,
      bound: boundMs === undefined ? '' : `${rank} ≤ ${boundMs} ms`,
      measured: found === null ? '–' : `${shown(found[rank])} ms (p50 ${shown(found.p50)})`,
      rounds: String(found?.samples ?? 0),
      holds: found === null ? null : boundMs === undefined ? undefined : found[rank] <= boundMs,
    };
  };
  return [
    zero('tagged sessions alive after `stopped` or `idle`', broken('I1', 'I6'), stops, 'stops'),
    zero(
      'innocent sessions hurt',
      broken('I7'),
      figures.counted('short runs with a stop at any moment') +
        figures.counted('short runs left alone'),
      'short runs',
    ),
    zero('operators taking effect after acceptance', broken('I2'), stops, 'stops'),
    zero(
      'races at ±2 ms: what is there is not what the outcome says',
      broken('I8', 'I9'),
      near,
      `races within ±2 ms, of ${races} aimed there`,
    ),
    ...['', ', while a worker starts'].flatMap((meanwhile) => {
      const name = `worker killed, then stop${meanwhile}`;
      const lease = `(\`LEASE_SECONDS=${LEASE_SECONDS}\`)`;
      return [
        time(`${name}: SQL dead`, `${name}: SQL dead`, 'p99', 50),
        time(
          `${name}: confirmed ${lease}`,
          `${name}: confirmed`,
          'max',
          (LEASE_SECONDS + 1) * 1000,
        ),
      ];
    }),
    time(
      'API killed right after the commit: confirmed',
      'API killed after the commit: confirmed',
      'max',
      2000,
    ),
    time(
      'the same, with the worker frozen too',
      'API killed after the commit, worker frozen: confirmed',
      'max',
      2000,
    ),
    time(
      '200 running flows stopped by one request: all dead',
      '200 runs stopped at once by one request, all dead',
      'max',
      1000,
    ),
    time(
      '200 running flows stopped by 200 requests: all dead',
      '200 runs stopped at once by 200 requests, all dead',
      'max',
      1000,
    ),
    ...['SQL that waits', 'SQL that computes'].flatMap((kind) => {
      const dead = `two processes, ${kind}: stop request to SQL dead`;
      const floor = `two processes, ${kind}: raw cancel to SQL dead, the floor`;
      const least = `two processes, ${kind}: bare request, commit and cancel to SQL dead`;
      return [
        time(dead, dead, 'p50', 5),
        time(dead, dead, 'p99', 30),
        time(`${kind}: a raw cancel to SQL dead, seen alike`, floor, 'p50'),
        time(`${kind}: nothing but a request, a commit and a cancel, seen alike`, least, 'p50'),
      ];
    }),
    {
      figure: 'operators repeated after a hand-over',
      bound: 'at most the interrupted one',
      measured: String(repeated),
      rounds: `${handovers} hand-overs`,
      holds: handovers === 0 ? null : repeated <= handovers,
    },
  ];
}

/** Tenths where they count. */
function shown(ms: number): string {
  return ms.toFixed(ms < 100 ? 1 : 0);
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function verdict(holds: Row['holds']): string {
  if (holds === undefined) return '';
  if (holds === null) return 'not measured';
  return holds ? 'met' : '**missed**';
}
