import { escapeIdentifier, escapeLiteral } from 'pg';

/**
 * A piece of SQL built from safe parts: template text written by us, quoted names, bound values, and text that a user
 * is allowed to write as SQL (only through `trustedSql`). Immutable; compose with the `sql` tag.
 */
export class Sql {
  private constructor(
    private readonly strings: readonly string[],
    readonly values: readonly unknown[],
  ) {}

  static of(strings: readonly string[], parts: readonly unknown[]): Sql {
    const texts = [strings[0] ?? ''];
    const values: unknown[] = [];
    const glue = (text: string) => texts.push((texts.pop() ?? '') + text);
    parts.forEach((part, i) => {
      if (part instanceof Sql) {
        part.strings.forEach((text, j) => {
          if (j > 0) {
            values.push(part.values[j - 1]);
            texts.push('');
          }
          glue(text);
        });
      } else {
        values.push(part);
        texts.push('');
      }
      glue(strings[i + 1] ?? '');
    });
    return new Sql(texts, values);
  }

  /** The statement with $1, $2 … for its values. */
  get text(): string {
    return this.strings.reduce((text, part, i) => `${text}$${String(i)}${part}`);
  }

  /**
   * The statement with its values as quoted literals: what is recorded and logged, and what is sent for utility
   * statements (CREATE TABLE AS, CREATE VIEW), which take no parameters in PostgreSQL.
   */
  get inlined(): string {
    return this.strings.reduce((text, part, i) => text + literal(this.values[i - 1]) + part);
  }
}

/** ``sql`SELECT * FROM ${ident(table)} WHERE ${ident(column)} >= ${limit}` ``: Sql splices, all else is bound. */
export function sql(strings: TemplateStringsArray, ...parts: unknown[]): Sql {
  return Sql.of(strings, parts);
}

/** A name, or a qualified name, in double quotes with inner quotes doubled. @throws on an empty or NUL-holding name */
export function ident(...path: readonly string[]): Sql {
  for (const name of path)
    if (name === '' || name.includes('\0')) throw new Error(`"${name}" cannot be a name in SQL`);
  return Sql.of([path.map((name) => escapeIdentifier(name)).join('.')], []);
}

/** The one door for SQL text that a workflow's author may write himself: filters, conditions, expressions. */
export function trustedSql(text: string): Sql {
  if (text.includes('\0')) throw new Error('SQL text may not contain NUL');
  return Sql.of([text], []);
}

export function joinSql(parts: readonly Sql[], separator: string): Sql {
  return Sql.of(['', ...parts.slice(1).map(() => separator), ''].slice(0, parts.length + 1), parts);
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  if (typeof value === 'string') return escapeLiteral(value).trimStart();
  throw new Error(`a ${typeof value} cannot be written as a literal`);
}
