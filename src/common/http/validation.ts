import { type ArgumentMetadata, type ValidationError, ValidationPipe } from '@nestjs/common';
import { type FieldErrors, ValidationFailed } from '../errors/domain-error.js';

/** The documented code of each class-validator rule (chorus-api.md 3); what is not listed is `INVALID`. */
const CODES: Readonly<Record<string, string>> = {
  isNotEmpty: 'BLANK',
  isPresent: 'BLANK',
  isDefined: 'BLANK',
  maxLength: 'TOO_LONG',
  minLength: 'TOO_SHORT',
  isNumber: 'NOT_A_NUMBER',
  isInt: 'NOT_AN_INTEGER',
  isIn: 'INCLUSION',
  isEnum: 'INCLUSION',
};

/** Input DTOs are checked whole: all fields are reported at once; unknown attributes are dropped, never an error. */
export function validationPipe(): ValidationPipe {
  return new InputPipe({
    transform: true,
    whitelist: true,
    exceptionFactory: (errors) => new ValidationFailed(fieldsOf(errors)),
  });
}

class InputPipe extends ValidationPipe {
  /** Part of a path or query as it was sent: read as a number, `+7`, `7 ` and `7e0` would be the id 7 as well. */
  protected override transformPrimitive(value: unknown, _metadata: ArgumentMetadata): unknown {
    return value;
  }
}

/** The wire's form of what class-validator found. */
export function fieldsOf(errors: readonly ValidationError[]): FieldErrors {
  return Object.fromEntries(
    errors.map((error) => [
      error.property,
      Object.fromEntries(
        Object.entries(error.constraints ?? { nested: '' }).map(([rule, message]) => {
          const code = CODES[rule] ?? 'INVALID';
          // What may be a password is not repeated.
          const value: unknown = error.property.includes('password') ? undefined : error.value;
          return [code, detailsOf(code, message, value)];
        }),
      ),
    ]),
  );
}

function detailsOf(code: string, message: string, value: unknown): object {
  if (code === 'BLANK') return {};
  if (code === 'TOO_LONG' || code === 'TOO_SHORT') {
    const [count] = /\d+/.exec(message) ?? [];
    return count === undefined ? {} : { count: Number(count) };
  }
  return typeof value === 'string' || typeof value === 'number' ? { value } : {};
}
