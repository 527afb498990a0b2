import { acceptanceOf, endOf, type Of, type RunStory } from '../story.js';
import { violation, type Violation } from '../violation.js';

/**
 * I2: after the acceptance of a stop no operator begins, and none takes effect. Beginnings are ordered by the triggers of
 * one database; effects by the commit time of the operator's transaction in the data source.
 */
export function acceptance(story: RunStory): Violation[] {
  return [...begunAfter(story), ...effectiveAfter(story)];
}

function begunAfter(story: RunStory): Violation[] {
  const { run, steps } = story;
  const accepted = acceptanceOf(story) ?? endOf(story);
  if (accepted === null) return [];
  return steps
    .filter(({ from, seq }) => from === null && seq > accepted.seq)
    .map((step) =>
      violation(
        'I2',
        `${step.operator} began after ${accepted.to} was written`,
        run,
        accepted,
        step,
      ),
    );
}

function effectiveAfter(story: RunStory): Violation[] {
  const { run, commits } = story;
  const accepted = acceptanceOf(story) ?? endOf(story);
  if (accepted === null) return [];
  return commits
    .filter(({ clock }) => clock !== null && clock > accepted.clock)
    .map((commit) => {
      const step = stepOf(story, commit);
      const ms = ((commit.clock ?? 0) - accepted.clock).toFixed(1);
      return violation(
        'I2',
        `${step?.operator ?? 'an operator'} took effect ${ms} ms after ${accepted.to} was written`,
        run,
        accepted,
        commit,
        ...(step === undefined ? [] : [step]),
      );
    });
}

function stepOf({ steps }: RunStory, { step }: Of<'commit'>): Of<'step'> | undefined {
  return steps.find((one) => one.step === step);
}
