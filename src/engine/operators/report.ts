/** What an operator shows of its result, free of the wire's shape (engine-api.md 3.2 is made of it). JSON. */
export type Report = TableReport | CompositeReport | HeatMapReport;

export type ShownType = 'number' | 'cate' | 'datetime';

export interface TableReport {
  readonly kind: 'table';
  readonly columns: readonly string[];
  readonly types: readonly ShownType[];
  /** Texts as they are shown, a list per row. */
  readonly rows: readonly (readonly string[])[];
  /** `schema.table` it is a preview of; null when nothing was stored. */
  readonly table: string | null;
  /** Rows of that table; null when there is none. */
  readonly rowCount: number | null;
}

export interface CompositeReport {
  readonly kind: 'composite';
  readonly parts: readonly { readonly title: string; readonly report: Report }[];
  /** Evaluators show no list about the node itself. */
  readonly withoutNodeInfo?: true;
}

export interface HeatMapReport {
  readonly kind: 'heat map';
  readonly title: string;
  readonly modelName: string;
  /** 0 to 1. */
  readonly accuracy: number;
  readonly labels: readonly string[];
  /** Counts by observed and predicted class. */
  readonly counts: readonly (readonly number[])[];
}

export interface ShownColumn {
  readonly name: string;
  readonly type: ShownType;
  /** The name is one of the data: it gives way where it is that of another heading. */
  readonly isOfData?: true;
}

/** A table of values that were computed, not stored. Rows go by headings (engine-api.md 3.2), so no two are the same. */
export function tableReport(
  columns: readonly (ShownColumn | string)[],
  rows: readonly (readonly (string | number | null)[])[],
): TableReport {
  const shown = columns.map((column) =>
    typeof column === 'string' ? { name: column, type: 'cate' as const } : column,
  );
  return {
    kind: 'table',
    columns: distinct(shown),
    types: shown.map(({ type }) => type),
    rows: rows.map((row) =>
      row.map((value, i) =>
        typeof value === 'string' && shown[i]?.type === 'number'
          ? shownNumber(value)
          : shownValue(value),
      ),
    ),
    table: null,
    rowCount: null,
  };
}

/** Names of the data that are there twice, or are a figure's, get a number: `count_1`. */
function distinct(columns: readonly ShownColumn[]): string[] {
  const all = new Set(columns.map(({ name }) => name));
  const taken = new Set(columns.flatMap(({ name, isOfData }) => (isOfData ? [] : [name])));
  return columns.map(({ name, isOfData }) => {
    let heading = name;
    for (let i = 1; isOfData && taken.has(heading); i += 1)
      if (!all.has(`${name}_${i}`)) heading = `${name}_${i}`;
    taken.add(heading);
    return heading;
  });
}

/** A heading that is a name of the data. */
export function named(name: string, type: ShownType = 'cate'): ShownColumn {
  return { name, type, isOfData: true };
}

export function number(name: string): ShownColumn {
  return { name, type: 'number' };
}

/** A figure that was computed; what is undefined is shown empty. */
export function figure(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Integers plain, fractions with four decimals, nothing for NULL (engine-api.md 3.2). */
export function shownValue(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (Number.isInteger(value)) return String(value);
  return fourDecimals(value);
}

/** As `shownValue`, for a number that the data source printed. */
export function shownNumber(text: string): string {
  if (/^-?\d+$/.test(text)) return text;
  const value = Number(text);
  if (!Number.isFinite(value) || text === '') return text;
  // `7.00` of a numeric column has no fraction to show; beyond the double's precision the text itself is better.
  if (Number.isInteger(value))
    return /^-?\d+\.0+$/.test(text) ? text.replace(/\.0+$/, '') : String(value);
  return fourDecimals(value);
}

/** Small values keep their first digits: 0.0000 would say that there is nothing. */
function fourDecimals(value: number): string {
  const size = Math.abs(value);
  return size > 0 && (size < 0.00005 || size >= 1e15) ? value.toExponential(4) : value.toFixed(4);
}
