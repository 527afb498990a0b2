import { ValidateBy } from 'class-validator';

/** Characters as PostgreSQL counts them for a `varchar`: code points, each variation selector one of its own. */
export function lengthOf(text: string): number {
  return [...text].length;
}

// Like class-validator's, with their names and messages. Those count no variation selectors (U+FE0E, U+FE0F): a text
// that passes them need not fit its column.

export function MaxLength(max: number): PropertyDecorator {
  return ValidateBy({
    name: 'maxLength',
    constraints: [max],
    validator: {
      // Never more characters than UTF-16 units: most texts need not be counted.
      validate: (value: unknown) =>
        typeof value === 'string' && (value.length <= max || lengthOf(value) <= max),
      defaultMessage: () => '$property must be shorter than or equal to $constraint1 characters',
    },
  });
}

export function MinLength(min: number): PropertyDecorator {
  return ValidateBy({
    name: 'minLength',
    constraints: [min],
    validator: {
      validate: (value: unknown) => typeof value === 'string' && lengthOf(value) >= min,
      defaultMessage: () => '$property must be longer than or equal to $constraint1 characters',
    },
  });
}
