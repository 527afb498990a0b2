import type { ChaosEvent } from '../history/event.js';

/** Invariants of docs/architecture.md. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10';

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
  readonly run: string | null;
  readonly evidence: readonly ChaosEvent[];
}

export function violation(
  invariant: Invariant,
  what: string,
  run: string | null,
  ...evidence: readonly ChaosEvent[]
): Violation {
  return { invariant, what, run, evidence };
}

/** For people: the sentence, and the events it follows from. */
export function printed({ invariant, what, run, evidence }: Violation): string {
  const lines = evidence.map((event) => `    ${JSON.stringify(event)}`);
  return [`${invariant}: ${what}${run === null ? '' : ` (run ${run})`}`, ...lines].join('\n');
}
