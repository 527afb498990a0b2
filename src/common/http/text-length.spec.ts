import { describe, expect, it } from '@jest/globals';
import { validateSync } from 'class-validator';
import { lengthOf, MaxLength, MinLength } from './text-length.js';

class Text {
  @MaxLength(4)
  @MinLength(2)
  readonly text: unknown;

  constructor(text: unknown) {
    this.text = text;
  }
}

const problemsOf = (text: unknown) =>
  validateSync(new Text(text)).map(({ constraints }) => constraints);

describe('the length of a text', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['😀😀', 2],
    ['☺\ufe0f', 2],
    ['☺\ufe0e', 2],
    ['👨\u200d👩', 3],
    ['e\u0301', 2],
  ])('is its number of code points: %j', (text, length) => {
    expect(lengthOf(text)).toBe(length);
  });

  it.each(['ab', 'abcd', '😀😀😀😀', '☺\ufe0f☺\ufe0f'])('is within its limits: %j', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each(['abcde', '😀😀😀😀😀', '☺\ufe0f☺\ufe0f☺'])('is beyond them: %j', (text) => {
    const maxLength = 'text must be shorter than or equal to 4 characters';
    expect(problemsOf(text)).toEqual([{ maxLength }]);
  });

  it.each(['', 'a', '😀'])('is below them: %j', (text) => {
    const minLength = 'text must be longer than or equal to 2 characters';
    expect(problemsOf(text)).toEqual([{ minLength }]);
  });

  it.each([null, 12345, { length: 3 }])('is that of texts alone: %j', (value) => {
    expect(Object.keys(problemsOf(value)[0] ?? {}).sort()).toEqual(['maxLength', 'minLength']);
  });
});
