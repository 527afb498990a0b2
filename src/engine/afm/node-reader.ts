import type { FlowProblem, ProblemKind } from '../flow-plan.js';
import type { AfmElement, AfmOperator } from './afm-document.js';

const YES = new Set(['yes', 'true']);
const NO = new Set(['no', 'false']);
/** A table has no more. */
export const MAX_COLUMNS = 1600;
const MAX_PROBLEMS = 100;

/** Reads one operator's parameters, variables filled in, and collects everything that is wrong with them. */
export class NodeReader {
  readonly problems: FlowProblem[] = [];

  constructor(private readonly operator: AfmOperator) {}

  get name(): string {
    return this.operator.name;
  }

  problem(parameter: string | null, message: string, kind: ProblemKind = 'invalid'): void {
    // Nobody reads more of one operator.
    if (this.problems.length < MAX_PROBLEMS)
      this.problems.push({ operator: this.operator.name, parameter, message, kind });
  }

  /** What is not there, with what is: so that a user can report a file whose format we do not know. */
  missing(parameter: string, message: string): void {
    const keys = [...this.operator.parameters.keys()].join(', ') || 'none';
    const models = this.operator.models.map(({ name }) => name).join(', ') || 'none';
    const found = `found parameters: ${keys}; elements: ${models}`;
    this.problem(parameter, `${message}; ${found}`, 'missing');
  }

  /** Trimmed; empty counts as not given. Of several spellings of a key, the first that is given. */
  text(...keys: readonly string[]): string | null {
    for (const key of keys) {
      const value = this.operator.parameters.get(key)?.trim();
      if (value) return value;
    }
    return null;
  }

  /** Empty when missing, and that is a problem. */
  required(key: string): string {
    const value = this.text(key);
    if (value === null) this.missing(key, `parameter "${key}" is missing`);
    return value ?? '';
  }

  /** `Yes`/`No` and `true`/`false`, in any case. */
  yesNo(key: string, fallback: boolean): boolean {
    const value = this.text(key)?.toLowerCase();
    if (value === undefined) return fallback;
    if (!YES.has(value) && !NO.has(value))
      this.problem(key, `parameter "${key}" must be Yes or No, not "${value}"`);
    return YES.has(value);
  }

  /** A whole number within bounds. */
  integer(key: string, fallback: number, min: number, max: number): number {
    const value = this.text(key);
    if (value === null) return fallback;
    const number = Number(value);
    if (/^[+-]?\d+$/.test(value) && number >= min && number <= max) return number;
    this.problem(
      key,
      `parameter "${key}" must be a whole number from ${min} to ${max}, not "${value}"`,
    );
    return fallback;
  }

  /** A number within bounds. */
  decimal(key: string, fallback: number, min: number, max: number): number {
    const value = this.text(key);
    if (value === null) return fallback;
    const number = Number(value);
    if (Number.isFinite(number) && number >= min && number <= max) return number;
    this.problem(key, `parameter "${key}" must be a number from ${min} to ${max}, not "${value}"`);
    return fallback;
  }

  /**
   * One of several words, in any case, blanks, `-` and `_` being one.
   * @param words meaning by word, as written in the documentation
   */
  choice<T>(key: string, words: Readonly<Record<string, T>>, fallback: T): T {
    const value = this.text(key);
    if (value === null) return fallback;
    const found = Object.entries(words).find(([word]) => plain(word) === plain(value));
    if (found !== undefined) return found[1];
    const known = Object.keys(words).join(', ');
    this.problem(key, `parameter "${key}" must be one of ${known}, not "${value}"`);
    return fallback;
  }

  /** As `columns`, of which at least one is needed. */
  requiredColumns(key: string): string[] {
    const columns = this.columns(key);
    if (columns.length === 0) this.required(key);
    return columns;
  }

  /** Elements at any depth whose names match, for operators whose format is not known for sure. */
  elements(pattern: RegExp): AfmElement[] {
    const found: AfmElement[] = [];
    const visit = (element: AfmElement): void => {
      if (pattern.test(element.name)) found.push(element);
      element.children.forEach(visit);
    };
    this.operator.models.forEach(visit);
    return found;
  }

  /** A comma list of columns, blanks around them dropped. */
  columns(...keys: readonly string[]): string[] {
    const columns = (this.text(...keys) ?? '').split(',', MAX_COLUMNS + 1);
    if (columns.length > MAX_COLUMNS)
      this.problem(keys[0] ?? null, `more than ${MAX_COLUMNS} columns are not supported`);
    return columns.map((column) => column.trim()).filter((column) => column !== '');
  }

  model(name: string): AfmElement | null {
    return this.operator.models.find((model) => model.name === name) ?? null;
  }

  requiredModel(name: string): AfmElement | null {
    const model = this.model(name);
    if (model === null) this.missing(name, `element "${name}" is missing`);
    return model;
  }
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[\s_-]+/g, ' ');
}
