import { TAG, type Answered, type Asked, type At, type ChaosEvent } from '../history/event.js';

export type Of<Kind extends ChaosEvent['kind']> = Extract<ChaosEvent, { kind: Kind }>;

/** A request with what came of it. */
export interface Exchange {
  readonly asked: At & Asked;
  readonly answer: (At & Answered) | null;
}

/** All that a history tells of one run. */
export interface RunStory {
  readonly run: string;
  readonly workfile: number;
  /** When the request that made it left; what was answered before does not concern it. */
  readonly askedAt: number;
  readonly moves: readonly Of<'move'>[];
  readonly steps: readonly Of<'step'>[];
  readonly rows: readonly Of<'row'>[];
  readonly sessions: readonly Of<'session'>[];
  readonly outputs: readonly Of<'output'>[];
  readonly commits: readonly Of<'commit'>[];
  readonly final: Of<'final'> | null;
  /** About the run by its id, or about its workfile. */
  readonly exchanges: readonly Exchange[];
}

export interface Story {
  readonly runs: ReadonlyMap<string, RunStory>;
  readonly events: readonly ChaosEvent[];
}

const ACTIVE: readonly string[] = ['queued', 'running', 'stopping'];
const FINAL: readonly string[] = ['stopped', 'succeeded', 'failed'];

export const isActive = (state: string): boolean => ACTIVE.includes(state);
export const isFinal = (state: string): boolean => FINAL.includes(state);

export function ofKind<Kind extends ChaosEvent['kind']>(
  events: readonly ChaosEvent[],
  kind: Kind,
): Of<Kind>[] {
  return events.filter((event): event is Of<Kind> => event.kind === kind);
}

/** Sorts a history by runs. Runs that no trigger wrote down are not part of it. */
export function storyOf(events: readonly ChaosEvent[]): Story {
  const moves = grouped(bySeq(ofKind(events, 'move')), ({ run }) => run);
  const steps = grouped(bySeq(ofKind(events, 'step')), ({ run }) => run);
  const rows = grouped(ofKind(events, 'row'), ({ run }) => run);
  const outputs = grouped(ofKind(events, 'output'), ({ run }) => run);
  const commits = grouped(ofKind(events, 'commit'), ({ run }) => run);
  const finals = grouped(ofKind(events, 'final'), ({ run }) => run);
  const sessions = grouped(ofKind(events, 'session'), ({ tag }) => tag.slice(TAG.length));
  const exchanges = exchangesOf(events);
  const byRun = grouped(exchanges, ({ asked, answer }) => answer?.run ?? asked.run ?? '');
  const byWorkfile = grouped(exchanges, ({ asked }) => `${asked.workfile ?? ''}`);
  const runs = new Map<string, RunStory>();
  for (const [run, own] of moves) {
    const workfile = own[0]?.workfile ?? 0;
    const ofWorkfile = byWorkfile.get(`${workfile}`) ?? [];
    const ofRun = byRun.get(run) ?? [];
    runs.set(run, {
      run,
      workfile,
      askedAt: askedAt(run, ofWorkfile),
      moves: own,
      steps: steps.get(run) ?? [],
      rows: rows.get(run) ?? [],
      sessions: sessions.get(run) ?? [],
      outputs: outputs.get(run) ?? [],
      commits: commits.get(run) ?? [],
      final: finals.get(run)?.at(-1) ?? null,
      exchanges: [...new Set([...ofRun, ...ofWorkfile])],
    });
  }
  return { runs, events };
}

/** The end of a run as its own row's trigger wrote it down; null while it is active. */
export function endOf(story: RunStory): Of<'move'> | null {
  return story.moves.find(({ to }) => isFinal(to)) ?? null;
}

/** The acceptance of a stop of a run that was running. */
export function acceptanceOf(story: RunStory): Of<'move'> | null {
  return story.moves.find(({ to }) => to === 'stopping') ?? null;
}

function exchangesOf(events: readonly ChaosEvent[]): Exchange[] {
  const answers = new Map(ofKind(events, 'answered').map((event) => [event.call, event]));
  return ofKind(events, 'asked').map((asked) => ({
    asked,
    answer: answers.get(asked.call) ?? null,
  }));
}

/** Without an answer that names it, it may be what the first such request made. */
function askedAt(run: string, ofWorkfile: readonly Exchange[]): number {
  const asks = ofWorkfile.filter(({ asked }) => asked.what === 'run');
  const own = asks.find(({ answer }) => answer?.run === run);
  const unnamed = asks.find(({ answer }) => (answer?.run ?? null) === null);
  return (own ?? unnamed)?.asked.at ?? -Infinity;
}

function bySeq<T extends { readonly seq: number }>(events: readonly T[]): T[] {
  return [...events].sort((a, b) => a.seq - b.seq);
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
