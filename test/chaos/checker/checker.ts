import { TAG, type ChaosEvent } from '../history/event.js';
import { acceptance } from './rules/acceptance.js';
import { answers } from './rules/answers.js';
import { effects } from './rules/effects.js';
import { Inheritance } from './rules/inheritance.js';
import { acknowledged, liveness } from './rules/liveness.js';
import { resumption } from './rules/resumption.js';
import { sightings } from './rules/sightings.js';
import { stateModel } from './rules/state-model.js';
import { surroundings } from './rules/surroundings.js';
import {
  acceptanceOf,
  endOf,
  type Of,
  ofKind,
  type RunStory,
  type Story,
  storyOf,
} from './story.js';
import { violation, type Violation } from './violation.js';

const OF_A_RUN: readonly ((story: RunStory) => Violation[])[] = [
  sightings,
  answers,
  acceptance,
  effects,
  resumption,
  liveness,
];
const OF_ALL: readonly ((story: Story) => Violation[])[] = [stateModel, acknowledged, surroundings];

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly runs: number;
  /** Runs that somebody asked to stop. */
  readonly stops: number;
  /** Of those: accepted while the run was executed. */
  readonly late: number;
  readonly outputs: number;
  /** Of these runs. */
  readonly sessions: number;
  /** Sessions whose pid an earlier one had had. */
  readonly reusedPids: number;
}

/**
 * Replays histories against the state model and the observer's log. Knows no more than what is in the events. A long
 * history may be given in pieces, each of which holds whole runs: of earlier pieces is remembered which runs were over, and whose
 * output is in which table.
 */
export class Checker {
  private readonly over = new Map<string, Of<'move'>>();
  private readonly inheritance = new Inheritance();
  /** Start of the latest session by its pid. */
  private readonly pids = new Map<number, string>();

  check(events: readonly ChaosEvent[]): Verdict {
    const story = storyOf(events);
    const runs = [...story.runs.values()];
    const violations = [
      ...runs.flatMap((run) => OF_A_RUN.flatMap((rule) => rule(run))),
      ...OF_ALL.flatMap((rule) => rule(story)),
      ...this.inheritance.check(story),
      ...this.risen(story),
    ];
    for (const run of runs) {
      const end = endOf(run);
      if (end !== null) this.over.set(run.run, end);
    }
    return {
      violations,
      runs: runs.length,
      stops: runs.filter(({ final }) => final?.stopRequested === true).length,
      late: runs.filter((run) => acceptanceOf(run) !== null).length,
      outputs: runs.reduce((sum, { outputs }) => sum + outputs.length, 0),
      ...this.pidsOf(story),
    };
  }

  private pidsOf({ events, runs }: Story): Pick<Verdict, 'sessions' | 'reusedPids'> {
    const count = { sessions: 0, reusedPids: 0 };
    for (const { pid, start, tag } of ofKind(events, 'session')) {
      const owner = this.pids.get(pid);
      this.pids.set(pid, start);
      // Those of bystanders have pids, too, but are not what is watched.
      if (!runs.has(tag.slice(TAG.length))) continue;
      count.sessions += 1;
      if (owner !== undefined && owner !== start) count.reusedPids += 1;
    }
    return count;
  }

  /** Sessions of runs that an earlier piece of the history saw the end of. */
  private risen({ events, runs }: Story): Violation[] {
    return ofKind(events, 'session').flatMap((session) => {
      const run = session.tag.slice(TAG.length);
      const end = this.over.get(run);
      if (end === undefined || runs.has(run) || session.last.clock <= end.clock) return [];
      const what = `session ${session.pid} was seen after ${end.to} was written`;
      return [violation(end.to === 'stopped' ? 'I1' : 'I10', what, run, end, session)];
    });
  }
}
