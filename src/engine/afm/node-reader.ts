import type { FlowProblem } from '../flow-plan.js';
import type { AfmElement, AfmOperator } from './afm-document.js';

const YES = new Set(['yes', 'true']);
const NO = new Set(['no', 'false']);

/** Reads one operator's parameters, variables filled in, and collects everything that is wrong with them. */
export class NodeReader {
  readonly problems: FlowProblem[] = [];

  constructor(private readonly operator: AfmOperator) {}

  get name(): string {
    return this.operator.name;
  }

  problem(
    parameter: string | null,
    message: string,
    kind: 'invalid' | 'not_here' = 'invalid',
  ): void {
    this.problems.push({ operator: this.operator.name, parameter, message, kind });
  }

  /** Trimmed; empty counts as not given. */
  text(key: string): string | null {
    return this.operator.parameters.get(key)?.trim() || null;
  }

  /** Empty when missing, and that is a problem. */
  required(key: string): string {
    const value = this.text(key);
    if (value === null) this.problem(key, `parameter "${key}" is missing; ${this.found()}`);
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

  /** A comma list of columns, blanks around them dropped. */
  columns(key: string): string[] {
    return (this.text(key) ?? '')
      .split(',')
      .map((column) => column.trim())
      .filter((column) => column !== '');
  }

  model(name: string): AfmElement | null {
    return this.operator.models.find((model) => model.name === name) ?? null;
  }

  requiredModel(name: string): AfmElement | null {
    const model = this.model(name);
    if (model === null) this.problem(name, `element "${name}" is missing; ${this.found()}`);
    return model;
  }

  /** So that a user can report a file whose format we do not know. */
  private found(): string {
    const keys = [...this.operator.parameters.keys()];
    const models = this.operator.models.map(({ name }) => name);
    return `found parameters: ${keys.join(', ') || 'none'}; elements: ${models.join(', ') || 'none'}`;
  }
}
