import type { VariableOverride } from '../../runs/run-snapshot.js';
import type { AfmElement, AfmOperator } from './afm-document.js';

// Values that double each other would grow without end.
const MAX_CHARACTERS = 1_000_000;

/** The variables cannot be filled in: a value leads back to itself, or grows too long. */
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
  private constructor(private readonly values: ReadonlyMap<string, string>) {}

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
    return new Variables(expandAll(raw, plain));
  }

  /** The same with one more, e.g. `@operator_name_uuid`. */
  with(name: string, value: string): Variables {
    return new Variables(new Map([...this.values, [name, value]]));
  }

  fill(text: string): string {
    return fill(text, [...this.values.keys()], (name) => this.values.get(name) ?? name);
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
): Map<string, string> {
  const names = [...raw.keys()];
  const done = new Map<string, string>();
  const expand = (name: string, path: readonly string[]): string => {
    const known = done.get(name);
    if (known !== undefined) return known;
    if (path.includes(name))
      throw new VariableError(`variable ${name} refers to itself: ${[...path, name].join(' → ')}`);
    const value = raw.get(name) ?? '';
    const expanded = plain.has(name)
      ? value
      : fill(value, names, (inner) => expand(inner, [...path, name]));
    if (expanded.length > MAX_CHARACTERS) throw new VariableError(`variable ${name} is too long`);
    done.set(name, expanded);
    return expanded;
  };
  for (const name of names) expand(name, []);
  return done;
}

function fill(text: string, names: readonly string[], valueOf: (name: string) => string): string {
  let filled = '';
  let from = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at)) {
    const name = longestAt(text, at, names);
    if (name === null) {
      at += 1;
      continue;
    }
    filled += text.slice(from, at) + valueOf(name);
    at += name.length;
    from = at;
  }
  return filled + text.slice(from);
}

function longestAt(text: string, at: number, names: readonly string[]): string | null {
  let longest: string | null = null;
  for (const name of names)
    if (text.startsWith(name, at) && name.length > (longest?.length ?? 0)) longest = name;
  return longest;
}
