/** One line of a table: a route, the rule that its documentation must name, and what each column must be answered. */
export interface Row {
  /** `GET /api/x/{id}`, with ` # variant` when a route has several rows. */
  readonly key: string;
  readonly method: string;
  /** As the OpenAPI document spells it. */
  readonly path: string;
  readonly rule: string;
  /** Column → status; `unknown` where the engine answers as if there were no such process. Columns with `-` are left out. */
  readonly cells: Readonly<Record<string, string>>;
}

/**
 * Reads a table that people can read: parts of a line are separated by `|`. The first line names the columns; a name with
 * a colon at the end stands before the names that follow it in its part.
 * @throws Error for a line that does not fit
 */
export function readTable(text: string): Row[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [heads = [], ...rows] = lines.map((line) => line.split('|').map((part) => part.trim()));
  const columns = heads.slice(2).flatMap(columnsOf);
  return rows.map(([route = '', rule = '', ...parts]) => {
    const key = route.replace(/\s+/g, ' ');
    const [method = '', path = ''] = key.split(' ');
    const statuses = parts.flatMap(words);
    if (statuses.length !== columns.length)
      throw new Error(`${key} has ${statuses.length} cells for ${columns.length} columns`);
    const cells = columns.map((column, i) => [column, statuses[i] ?? ''] as const);
    const filled = cells.filter(([, status]) => status !== '-');
    return { key, method, path, rule, cells: Object.fromEntries(filled) };
  });
}

function columnsOf(part: string): string[] {
  const names = words(part);
  const prefix = names[0]?.endsWith(':') ? names.shift() : '';
  return names.map((name) => `${prefix}${name}`);
}

function words(part: string): string[] {
  return part.split(/\s+/);
}
