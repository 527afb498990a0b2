import { type FieldErrors, ValidationFailed } from '../../common/errors/domain-error.js';
import { SpooledFile } from '../../common/http/spooled-file.js';
import { lengthOf } from '../../common/http/text-length.js';

export type Fields = Readonly<Record<string, unknown>>;

/** Larger ids name nothing. */
const LARGEST_ID = 2_147_483_647;

/** Attributes of a request, read one by one; what is wrong with any of them is collected and told at once. */
export class AttributeReader {
  private readonly problems: Record<string, Record<string, unknown>> = {};

  constructor(readonly fields: Fields) {}

  /** Flat attributes count unless the wrapper is there (chorus-api.md 1.2). */
  static of(body: unknown, wrapper: string): AttributeReader {
    const flat = objectOf(body);
    return new AttributeReader(wrapper in flat ? objectOf(flat[wrapper]) : flat);
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  /** Null when it is missing, null or empty. */
  text(name: string, maxLength: number): string | null {
    const value = this.fields[name];
    if (value === undefined || value === null || value === '') return null;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string') this.refuse(name, 'INVALID', {});
    else if (lengthOf(text) > maxLength) this.refuse(name, 'TOO_LONG', { count: maxLength });
    else return text;
    return null;
  }

  /** Forms send lists as hashes of their indexes; what is neither is refused. */
  list(name: string, maxLength: number): readonly unknown[] {
    const value = this.fields[name];
    if (value === undefined || value === null || value === '') return [];
    if (typeof value !== 'object') this.refuse(name, 'INVALID', {});
    const list = listOf(value);
    if (list.length > maxLength) this.refuse(name, 'TOO_LONG', { count: maxLength });
    return list;
  }

  refuse(name: string, code: string, details: unknown): void {
    this.problems[name] = { ...this.problems[name], [code]: details };
  }

  /** @throws ValidationFailed naming every field that is wrong */
  done(): void {
    const problems: FieldErrors = this.problems;
    if (Object.keys(problems).length > 0) throw new ValidationFailed(problems);
  }
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : Object.values(objectOf(value));
}

export function objectOf(value: unknown): Fields {
  const isObject = typeof value === 'object' && value !== null && !(value instanceof SpooledFile);
  return isObject ? (value as Fields) : {};
}

/** Null for what cannot be an id, and so names nothing. */
export function idOf(value: unknown): number | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  const id = /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : 0;
  return id >= 1 && id <= LARGEST_ID ? id : null;
}
