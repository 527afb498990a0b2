import { ofKind, type Story } from '../story.js';
import { type Invariant, violation, type Violation } from '../violation.js';

/** I7: no bystander is hurt. I10: nothing is left. And what scenarios claim themselves. */
export function surroundings({ events }: Story): Violation[] {
  return [
    ...ofKind(events, 'bystander')
      .filter(({ what }) => what === 'hurt')
      .map((event) =>
        violation('I7', `${event.name} was hurt: ${event.error ?? 'it ended'}`, null, event),
      ),
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
