import type { Of, RunStory } from '../story.js';
import { violation, type Violation } from '../violation.js';

/**
 * I8: an output is whole, or nothing of the run is in it. I9: it is there if and only if the operator is on record as
 * finished, and the receipt says the same as the rows.
 */
export function effects(story: RunStory): Violation[] {
  return [...wholeness(story), ...truth(story), ...receipt(story)];
}

function wholeness({ run, outputs }: RunStory): Violation[] {
  const found: Violation[] = [];
  for (const output of outputs) {
    const { operator, rows, whole } = output;
    const others = output.others.reduce((sum, other) => sum + other.rows, 0);
    // What stays from an earlier run is whole too.
    const left = rows > 0 ? rows : others;
    if (left === 0 || (left === whole && (rows === 0 || others === 0))) continue;
    const what = `${operator} left ${rows} rows of its own and ${others} of others instead of ${whole}`;
    found.push(violation('I8', what, run, output));
  }
  return found;
}

function truth(story: RunStory): Violation[] {
  const found: Violation[] = [];
  for (const output of story.outputs) {
    const step = lastStepOf(story, output.operator);
    const finished = step?.to === 'finished';
    const present = output.rows > 0;
    if (finished === present || isOpen(step)) continue;
    const said = finished ? 'is recorded as finished' : `is recorded as ${step?.to ?? 'not begun'}`;
    const seen = present ? 'its output is there' : 'its output is not there';
    found.push(
      violation(
        'I9',
        `${output.operator} ${said}, and ${seen}`,
        story.run,
        output,
        ...story.steps.filter(({ operator }) => operator === output.operator),
      ),
    );
  }
  return found;
}

function receipt(story: RunStory): Violation[] {
  const { run, final } = story;
  if (final === null) return [];
  const found: Violation[] = [];
  const { receipt: shown, stopRequested, status } = final;
  if (stopRequested && shown === null && status !== 'stopping')
    found.push(violation('I9', 'a stop was asked for, and there is no receipt', run, final));
  if (shown === null) return found;
  if (shown.outcome !== status)
    found.push(violation('I9', `its receipt says ${shown.outcome}, its row ${status}`, run, final));
  if (shown.finished === null) return found;
  const recorded = [...new Set(story.steps.map(({ operator }) => operator))]
    .filter((operator) => lastStepOf(story, operator)?.to === 'finished')
    .sort();
  if (JSON.stringify([...shown.finished].sort()) !== JSON.stringify(recorded))
    found.push(
      violation(
        'I9',
        `its receipt says that ${shown.finished.join(', ') || 'nothing'} finished, its steps say ${recorded.join(', ') || 'nothing'}`,
        run,
        final,
      ),
    );
  return found;
}

/** Nobody knows, and that is what was said. */
export function isOpen(step: Of<'step'> | undefined): boolean {
  return step?.to === 'failed' && /cannot tell whether it took effect/.test(step.message ?? '');
}

/** What became of an operator: the state of its latest attempt, unless an earlier one has finished. */
export function lastStepOf({ steps }: RunStory, operator: string): Of<'step'> | undefined {
  const own = steps.filter((step) => step.operator === operator);
  return own.findLast(({ to }) => to === 'finished') ?? own.at(-1);
}
