import { isActive, isFinal, type RunStory } from '../story.js';
import { violation, type Violation } from '../violation.js';
import { saysOver } from './sightings.js';

/** I6, I3: what was answered or read as over stays over, for whoever reads it later. */
export function answers(story: RunStory): Violation[] {
  return [...idleWhileActive(story), ...twoEnds(story)];
}

function idleWhileActive({ run, askedAt, exchanges, rows }: RunStory): Violation[] {
  const found: Violation[] = [];
  const over = exchanges.filter((exchange) => exchange.asked.at >= askedAt && saysOver(exchange));
  for (const { asked, answer } of over)
    for (const row of rows)
      if (answer !== null && isActive(row.status) && row.sent > answer.at)
        found.push(
          violation(
            'I6',
            `an answer said ${String(answer.says)} while the run was ${row.status}`,
            run,
            asked,
            answer,
            row,
          ),
        );
  return found;
}

function twoEnds({ run, exchanges, rows, moves }: RunStory): Violation[] {
  const states = [
    ...rows.map((event) => ({ event, state: event.status })),
    ...exchanges.flatMap(({ asked, answer }) =>
      asked.what === 'show run' && answer?.says && asked.run === run
        ? [{ event: answer, state: answer.says }]
        : [],
    ),
    ...moves.map((event) => ({ event, state: event.to })),
  ].filter(({ state }) => isFinal(state));
  const [first, ...others] = states;
  const other = others.find(({ state }) => state !== first?.state);
  if (first === undefined || other === undefined) return [];
  return [
    violation(
      'I3',
      `two final states: ${first.state} and ${other.state}`,
      run,
      first.event,
      other.event,
    ),
  ];
}
