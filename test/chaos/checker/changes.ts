import { expect } from '@jest/globals';
import type { ChaosEvent } from '../history/event.js';
import { Checker } from './checker.js';

export type Change = (events: ChaosEvent[]) => ChaosEvent[];

export const add =
  (...more: readonly ChaosEvent[]): Change =>
  (events) => [...events, ...more];
/** Changes the events that have these fields. */
export const change =
  (which: object, fields: object): Change =>
  (events) => {
    const matches = (one: object) =>
      Object.entries(which).every(
        ([name, value]) => (one as Record<string, unknown>)[name] === value,
      );
    expect(events.filter(matches)).not.toEqual([]);
    return events.map((one) => (matches(one) ? { ...one, ...fields } : one));
  };
export const drop =
  (which: object): Change =>
  (events) =>
    change(which, { dropped: true })(events).filter((one) => !('dropped' in one));
export const all =
  (...changes: readonly Change[]): Change =>
  (events) =>
    changes.reduce((changed, one) => one(changed), events);

export const found = (events: readonly ChaosEvent[]) =>
  new Checker().check(events).violations.map(({ invariant, what }) => `${invariant} ${what}`);
