import { ofKind, type Story } from '../story.js';
import { type Invariant, violation, type Violation } from '../violation.js';

/** I7: no bystander is hurt, and there were some. I10: nothing is left. And what scenarios claim themselves. */
export function surroundings({ events }: Story): Violation[] {
  const bystanders = ofKind(events, 'bystander');
  const nobody = 'no bystander made a statement: there was nobody to hurt';
  return [
    ...bystanders
      .filter(({ what }) => what === 'hurt')
      .map((event) =>
        violation('I7', `${event.name} was hurt: ${event.error ?? 'it ended'}`, null, event),
      ),
    ...bystanders
      .filter(({ what, statements }) => what === 'well' && statements === 0)
      .map((event) => violation('I7', nobody, null, event)),
    ...ofKind(events, 'leftover').map((event) =>
      violation('I10', `${event.what}: ${event.detail}`, null, event),
    ),
    ...ofKind(events, 'claim')
      .filter(({ holds }) => !holds)
      .map((event) =>
        violation(event.invariant as Invariant, `${event.what}: ${event.detail}`, event.run, event),
      ),
  ];
}
