import type { VariableOverride } from '../../runs/run-snapshot.js';
import type { AfmElement, AfmOperator } from './afm-document.js';

// Values that double each other would grow without end.
const MAX_CHARACTERS = 1_000_000;
const MAX_VARIABLES = 1000;
/** Characters compared and filled in, of all texts together: far more than flows of people, and done in a second. */
const MAX_WORK = 20_000_000;

/** The variables cannot be filled in: a value leads back to itself, or it would take too much. */
export class VariableError extends Error {}

/** What the server fills in at run time (afm.md 6); an override does not reach them. */
export interface RunFacts {
  readonly flowName: string;
  readonly userName: string;
  readonly userId: number;
  readonly workfileId: number;
}

const DEFAULTS: readonly (readonly [string, string])[] = [
  ['@default_schema', 'public'],
  ['@default_prefix', 'alp'],
  ['@default_tempdir', '/tmp'],
  ['@default_delimiter', ','],
];

/** Fills variables into text: at each `@` the longest defined name; what matches none stays as it is. */
export class Variables {
  private constructor(
    private readonly values: ReadonlyMap<string, string>,
    private readonly filler: Filler,
  ) {}

  /**
   * @param inFile definitions of the file
   * @param overrides of the run; undefined names and the server's own are ignored
   * @throws VariableError
   */
  static of(
    inFile: ReadonlyMap<string, string>,
    overrides: readonly VariableOverride[],
    facts: RunFacts,
  ): Variables {
    const system = new Map([
      ['@flow_name', facts.flowName],
      ['@user_name', facts.userName],
      ['@user_id', String(facts.userId)],
      ['@flow_id', String(facts.workfileId)],
    ]);
    if (inFile.size > MAX_VARIABLES)
      throw new VariableError(`more than ${MAX_VARIABLES} variables are not supported`);
    const raw = new Map(DEFAULTS);
    for (const [name, value] of inFile) if (/^@./s.test(name)) raw.set(name, value);
    // A stored value that repeats its own name asks to be filled in, and is no cycle.
    const plain = new Set<string>();
    for (const [name, value] of system) {
      if ((raw.get(name) ?? name) !== name) continue;
      raw.set(name, value);
      plain.add(name);
    }
    for (const { name, value } of overrides)
      if (raw.has(name) && !system.has(name)) raw.set(name, value);
    const filler = new Filler();
    return new Variables(expandAll(raw, plain, filler), filler);
  }

  /** The same with one more, e.g. `@operator_name_uuid`. */
  with(name: string, value: string): Variables {
    return new Variables(new Map([...this.values, [name, value]]), this.filler);
  }

  fill(text: string): string {
    return this.filler.fill(text, this.values, (name) => this.values.get(name) ?? name);
  }

  /** Every parameter value and every attribute of the model elements. */
  fillOperator(operator: AfmOperator): AfmOperator {
    const { name, uuid, parameters, models } = operator;
    const own = this.with('@operator_name_uuid', `${name}_${uuid}`.replace(/\W/g, '_'));
    return {
      ...operator,
      parameters: new Map([...parameters].map(([key, value]) => [key, own.fill(value)])),
      models: models.map((model) => own.fillElement(model)),
    };
  }

  private fillElement(element: AfmElement): AfmElement {
    return {
      name: element.name,
      attributes: Object.fromEntries(
        Object.entries(element.attributes).map(([key, value]) => [key, this.fill(value)]),
      ),
      children: element.children.map((child) => this.fillElement(child)),
      text: this.fill(element.text),
    };
  }
}

/** Values may hold other variables; what the server filled in is a plain value. */
function expandAll(
  raw: ReadonlyMap<string, string>,
  plain: ReadonlySet<string>,
  filler: Filler,
): Map<string, string> {
  const done = new Map<string, string>();
  const expand = (name: string, path: readonly string[]): string => {
    const known = done.get(name);
    if (known !== undefined) return known;
    if (path.includes(name))
      throw new VariableError(`variable ${name} refers to itself: ${[...path, name].join(' → ')}`);
    const value = raw.get(name) ?? '';
    const expanded = plain.has(name)
      ? value
      : filler.fill(value, raw, (inner) => expand(inner, [...path, name]));
    if (expanded.length > MAX_CHARACTERS) throw new VariableError(`variable ${name} is too long`);
    done.set(name, expanded);
    return expanded;
  };
  for (const name of raw.keys()) expand(name, []);
  return done;
}

/** Fills texts of one flow, and counts what it takes: every `@` could be the beginning of every name. */
class Filler {
  private work = 0;
  private readonly lengths = new WeakMap<ReadonlyMap<string, string>, readonly number[]>();

  /** @param names what is defined, as keys */
  fill(
    text: string,
    names: ReadonlyMap<string, string>,
    valueOf: (name: string) => string,
  ): string {
    let filled = '';
    let from = 0;
    for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at)) {
      const name = this.longestAt(text, at, names);
      if (name === null) {
        at += 1;
        continue;
      }
      const value = valueOf(name);
      this.count(value.length);
      filled += text.slice(from, at) + value;
      at += name.length;
      from = at;
    }
    return filled + text.slice(from);
  }

  private longestAt(text: string, at: number, names: ReadonlyMap<string, string>): string | null {
    for (const length of this.lengthsOf(names)) {
      if (length > text.length - at) continue;
      this.count(length);
      const name = text.slice(at, at + length);
      if (names.has(name)) return name;
    }
    return null;
  }

  /** The lengths that names have, the longest first. */
  private lengthsOf(names: ReadonlyMap<string, string>): readonly number[] {
    const known = this.lengths.get(names);
    if (known !== undefined) return known;
    const lengths = [...new Set([...names.keys()].map(({ length }) => length))];
    lengths.sort((a, b) => b - a);
    this.lengths.set(names, lengths);
    return lengths;
  }

  private count(characters: number): void {
    this.work += characters;
    if (this.work > MAX_WORK) throw new VariableError('it takes too long to fill the variables in');
  }
}
