import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

const fileOf = (scenario: string) => join(ARTIFACTS, `${scenario}.result.json`);

export function keepResult(
  { violations, error, ...played }: Played,
  figures: Figures,
  command: string,
): void {
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
  writeFileSync(fileOf(played.scenario), JSON.stringify(result));
}

/** The latest result of each scenario that has one. */
export function keptResults(scenarios: readonly string[]): Result[] {
  return scenarios
    .filter((one) => existsSync(fileOf(one)))
    .map((one) => JSON.parse(readFileSync(fileOf(one), 'utf8')) as Result);
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
}
