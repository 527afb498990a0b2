import { acceptanceOf, endOf, ofKind, type RunStory, type Story } from '../story.js';
import { violation, type Violation } from '../violation.js';

/** I5: an accepted stop comes to its end. Checked when the scenario has waited for all runs to be over. */
export function liveness(story: RunStory): Violation[] {
  if (endOf(story) !== null) return [];
  const accepted = acceptanceOf(story);
  const last = story.moves.at(-1);
  if (accepted !== null) return [violation('I5', 'its stop never ended', story.run, accepted)];
  return last === undefined ? [] : [violation('I5', `it stays ${last.to}`, story.run, last)];
}

/** I5: a run whose number was answered exists. */
export function acknowledged({ events, runs }: Story): Violation[] {
  const asked = new Map(ofKind(events, 'asked').map((event) => [event.call, event]));
  return ofKind(events, 'answered').flatMap((answer) => {
    const { run, call, http } = answer;
    if (asked.get(call)?.what !== 'run' || http !== 202 || run === null || runs.has(run)) return [];
    return [violation('I5', 'it was accepted, and nobody knows it', run, answer)];
  });
}
