import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Invariant } from '../checker/violation.js';
import { Figures, type FigureValues } from './figures.js';
import { ARTIFACTS, type Played } from './play.js';

/** What one scenario has found, as it is kept for the report: scenarios may be played at different times. */
export interface Result extends Omit<Played, 'violations' | 'error'> {
  readonly violated: readonly Invariant[];
  readonly endedEarly: boolean;
  readonly figures: FigureValues;
  readonly command: string;
  /** ISO 8601. */
  readonly at: string;
  /** Of the code that was broken; with a `+` when files differed from it. */
  readonly commit: string;
  /** Of the whole machine, over the last minute. */
  readonly load: number;
}

/** Where the report's results are: in the repository, so that a checkout can write the rest of a report anew. */
export const REPORTED = join(import.meta.dirname, '../../../docs/chaos-results');

const fileOf = (folder: string, scenario: string) => join(folder, `${scenario}.result.json`);

/** Keeps what a scenario has found: for the report, or beside its history. */
export function keepResult(
  { violations, error, ...played }: Played,
  figures: Figures,
  command: string,
  forReport: boolean,
): void {
  const folder = forReport ? REPORTED : ARTIFACTS;
  const result: Result = {
    ...played,
    violated: violations.map(({ invariant }) => invariant),
    endedEarly: error !== null,
    figures: figures.values,
    command,
    at: new Date().toISOString(),
    commit: commit(),
    load: loadavg()[0] ?? 0,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder, played.scenario), `${JSON.stringify(result, inMicroseconds)}\n`);
}

/** Nothing here is measured more finely. */
const inMicroseconds = (_key: string, value: unknown) =>
  typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;

/** The latest result of each scenario that has one for the report. */
export function reportedResults(scenarios: readonly string[]): Result[] {
  return scenarios
    .map((one) => fileOf(REPORTED, one))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Result);
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  // Results written a moment ago are no other code.
  const changes = git('status', '--porcelain', '--', '.', ':!docs');
  return git('rev-parse', '--short', 'HEAD') + (changes === '' ? '' : '+');
}
