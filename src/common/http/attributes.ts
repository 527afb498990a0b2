import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { type FieldErrors, ValidationFailed } from '../errors/domain-error.js';
import { fieldsOf } from './validation.js';

/**
 * The attributes that a request sends, read by the rules of a DTO class. Handed to the service that writes them, which
 * asks for them once it knows that the sender may: a refusal comes before a complaint.
 */
export class Attributes<T extends object> {
  /** As sent, with forms' texts turned into numbers and booleans; valid or not. Attributes not sent are absent. */
  readonly sent: Partial<T>;
  private readonly problems: FieldErrors;

  /** @param wrapper name of the object that may hold the attributes (chorus-api.md 1.2); null: none */
  constructor(type: new () => T, body: unknown, wrapper: string | null) {
    const value = plainToInstance(type, unwrapped(body, wrapper));
    this.problems = fieldsOf(validateSync(value, { whitelist: true, stopAtFirstError: true }));
    this.sent = value;
  }

  /**
   * @param findings what the service found besides, for the same answer
   * @throws ValidationFailed naming every field that is wrong
   */
  checked(findings: FieldErrors = {}): T {
    const problems = { ...findings, ...this.problems };
    if (Object.keys(problems).length > 0) throw new ValidationFailed(problems);
    return this.sent as T;
  }
}

/** Flat attributes count unless the wrapper is there. Unknown ones are ignored. */
function unwrapped(body: unknown, wrapper: string | null): object {
  const flat = objectOf(body);
  return wrapper !== null && wrapper in flat ? objectOf(flat[wrapper]) : flat;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
