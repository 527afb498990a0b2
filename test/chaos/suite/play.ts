import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checker, type Verdict } from '../checker/checker.js';
import { printed, type Violation } from '../checker/violation.js';
import { History } from '../history/history.js';
import { Random } from '../world/random.js';
import { World } from '../world/world.js';
import type { Figures } from './figures.js';
import type { Scenario } from './scenario.js';
import { Stage } from './stage.js';

export const ARTIFACTS = join(import.meta.dirname, '../../../test-artifacts/chaos');

export interface Played {
  readonly scenario: string;
  readonly rounds: number;
  readonly runs: number;
  readonly stops: number;
  readonly late: number;
  readonly outputs: number;
  readonly sessions: number;
  readonly reusedPids: number;
  readonly violations: readonly Violation[];
  /** What ended it early. */
  readonly error: unknown;
  readonly seconds: number;
  readonly looks: { readonly count: number; readonly longestGapMs: number };
}

export interface Playing {
  readonly seed: number;
  readonly rounds: number;
  readonly figures: Figures;
  readonly progress: (done: number, violations: number) => void;
  readonly signal: AbortSignal;
  /** More variables for every process of the product. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Plays one scenario in a world of its own. Its history is left under test-artifacts/chaos. Never throws. */
export async function play(scenario: Scenario, playing: Playing): Promise<Played> {
  const { seed, rounds, figures, progress, signal } = playing;
  const from = performance.now();
  const { name } = scenario;
  mkdirSync(ARTIFACTS, { recursive: true });
  const history = new History(join(ARTIFACTS, `${name}.jsonl`));
  const violations: Violation[] = [];
  const sum = { runs: 0, stops: 0, late: 0, outputs: 0, sessions: 0, reusedPids: 0 };
  const looks = { count: 0, longestGapMs: 0 };
  let played = 0;
  let error: unknown = null;
  let world: World | null = null;
  try {
    history.note(`${name}: ${scenario.title}; seed ${seed}, ${rounds} rounds`);
    const options = {
      ...scenario.world,
      environment: { ...scenario.world.environment, ...playing.environment },
    };
    world = await World.start(options, history, join(ARTIFACTS, name));
    const stage = new Stage({
      ...{ world, history, rounds, figures, signal },
      random: new Random(seed).of(name),
      checker: new Checker(),
      judged: (verdict: Verdict, events) => {
        violations.push(...verdict.violations);
        for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += verdict[key];
        for (const event of events)
          if (event.kind === 'looks') {
            looks.count += event.count;
            looks.longestGapMs = Math.max(looks.longestGapMs, event.longestGapMs);
          }
      },
      progress: (done) => {
        played = done;
        progress(done, violations.length);
      },
    });
    try {
      await scenario.play(stage);
    } finally {
      // Also when it was given up: why may be what the checker finds.
      await world.heal();
      await stage.settle();
    }
  } catch (cause) {
    error = cause;
    history.note(`ended by ${String((cause as Error).stack ?? cause)}`);
  } finally {
    await world?.close().catch((cause: unknown) => (error ??= cause));
    await history.close();
  }
  const file = join(ARTIFACTS, `${name}.violations.txt`);
  writeFileSync(file, violations.map((one) => `${printed(one)}\n\n`).join(''));
  return {
    ...{ scenario: name, rounds: played, violations, error, looks },
    ...sum,
    seconds: (performance.now() - from) / 1000,
  };
}
