import { endOf, type Exchange, isFinal, type RunStory } from '../story.js';
import { violation, type Violation } from '../violation.js';

/**
 * No session of a run after its end: neither after the moment at which its row was given the final state (I1, I10; both
 * by clocks of the database servers, which are one machine's), nor after somebody read or was answered that it was over
 * (I1, I6). A look counts from when it was sent: what it saw was there then or later.
 */
export function sightings(story: RunStory): Violation[] {
  return [...afterTheEnd(story), ...afterReading(story), ...afterAnswers(story)];
}

function afterTheEnd(story: RunStory): Violation[] {
  const { run, final, sessions } = story;
  const end = endOf(story);
  if (end === null) return [];
  const invariant = end.to === 'stopped' ? 'I1' : 'I10';
  const clock = Math.min(final?.clock ?? Infinity, end.clock);
  return sessions
    .filter(({ last }) => last.clock > clock)
    .map((session) => {
      const ms = (session.last.clock - clock).toFixed(1);
      return violation(
        invariant,
        `session ${session.pid} was seen ${ms} ms after ${end.to} was written`,
        run,
        end,
        session,
      );
    });
}

function afterReading({ run, rows, sessions }: RunStory): Violation[] {
  const over = rows.find(({ status }) => isFinal(status));
  if (over === undefined) return [];
  return sessions
    .filter(({ last }) => last.sent > over.at)
    .map((session) =>
      violation(
        'I1',
        `session ${session.pid} was seen after the run was read as ${over.status}`,
        run,
        over,
        session,
      ),
    );
}

function afterAnswers({ run, askedAt, exchanges, sessions }: RunStory): Violation[] {
  const found: Violation[] = [];
  for (const { asked, answer } of exchanges) {
    if (answer === null || asked.at < askedAt || !saysOver({ asked, answer })) continue;
    for (const session of sessions)
      if (session.last.sent > answer.at)
        found.push(
          violation(
            'I6',
            `session ${session.pid} was seen after an answer said ${String(answer.says)}`,
            run,
            asked,
            answer,
            session,
          ),
        );
  }
  return found;
}

/** Whether an answer says that nothing of the run is under way. */
export function saysOver({ answer }: Exchange): boolean {
  const says = answer?.says ?? null;
  return says === 'idle' || (says !== null && isFinal(says));
}
