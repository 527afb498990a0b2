import type { Of, RunStory } from '../story.js';
import { violation, type Violation } from '../violation.js';

/** I8 across workers: what is on record as finished is not done again, and nothing is begun while it is undecided. */
export function resumption({ run, steps }: RunStory): Violation[] {
  const found: Violation[] = [];
  const latest = new Map<string, Of<'step'>>();
  const byOperator = new Map<number, Of<'step'>[]>();
  for (const step of steps) {
    const attempts = byOperator.get(step.position) ?? [];
    byOperator.set(step.position, attempts);
    if (step.from === null)
      for (const earlier of attempts) {
        if (latest.get(earlier.step)?.to === 'running')
          found.push(
            violation('I8', `${step.operator} began again while undecided`, run, earlier, step),
          );
        const done = latest.get(earlier.step);
        if (done?.to === 'finished' && done.delivered)
          found.push(violation('I8', `${step.operator} was done a second time`, run, done, step));
      }
    if (step.from === null) attempts.push(step);
    latest.set(step.step, step);
  }
  return found;
}
