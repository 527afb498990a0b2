import { assertStorable } from './wire-text.js';

/** A body or a part of a form that is JSON. @throws Error when it is not valid, or holds what no column could */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('The body is not valid JSON.');
  }
  assertStorable(value);
  return value;
}
