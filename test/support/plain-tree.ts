/** A row as the independent tree sees it. */
export type PlainRow = Readonly<Record<string, number | string>>;

export interface PlainRule {
  readonly kind: 'C4.5' | 'CART';
  readonly columns: readonly string[];
  readonly dependent: string;
  readonly depth: number;
  readonly splitSize: number;
  readonly leafSize: number;
  readonly gain: number;
}

/** Shares of the classes that a tree gives to a row. */
export type PlainTree = (row: PlainRow) => Readonly<Record<string, number>>;

/**
 * A decision tree grown over rows in memory, to compare the one in the data source with: no counts, no levels, no codes.
 */
export function plainTree(rows: readonly PlainRow[], rule: PlainRule): PlainTree {
  const cuts = new Map(
    rule.columns.flatMap((column) => {
      const values = rows.map((row) => row[column]);
      if (typeof values[0] !== 'number') return [];
      const sorted = (values as number[]).sort((a, b) => a - b);
      // percentile_disc: the first value whose share of values up to it is large enough.
      const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
      return [
        [column, [...new Set(Array.from({ length: 31 }, (_, i) => at((i + 1) / 32)))]] as const,
      ];
    }),
  );
  return grow(rows, rule, cuts, rule.depth);
}

type Branches = {
  readonly name: (row: PlainRow) => unknown;
  readonly parts: Map<unknown, PlainRow[]>;
};

function grow(
  rows: readonly PlainRow[],
  rule: PlainRule,
  cuts: ReadonlyMap<string, readonly number[]>,
  depth: number,
): PlainTree {
  const own = shares(rows, rule.dependent);
  const stays: PlainTree = () => own;
  if (depth === 0 || rows.length < rule.splitSize || Object.keys(own).length < 2) return stays;
  const best = rule.columns
    .flatMap((column) => {
      const all = partings(rows, column, rule, cuts.get(column));
      const scored = all.flatMap((one) => judge(rows, one, rule) ?? []);
      const most = Math.max(...scored.map(({ gained }) => gained));
      return scored.find(({ gained }) => gained > most - 1e-12) ?? [];
    })
    .filter(({ gained }, _i, all) => {
      const average = all.reduce((sum, one) => sum + one.gained, 0) / all.length;
      return rule.kind === 'CART' || gained >= average - 1e-12;
    })
    .filter(({ gained, score }) => gained > 1e-12 && score >= rule.gain);
  const most = Math.max(...best.map(({ score }) => score));
  const chosen = best.find(({ score }) => score > most - 1e-12);
  if (chosen === undefined) return stays;
  const below = new Map(
    [...chosen.branches.parts].map(([name, part]) => [name, grow(part, rule, cuts, depth - 1)]),
  );
  return (row) => (below.get(chosen.branches.name(row)) ?? stays)(row);
}

function partings(
  rows: readonly PlainRow[],
  column: string,
  { kind, dependent }: PlainRule,
  cuts: readonly number[] | undefined,
): Branches[] {
  const by = (name: (row: PlainRow) => unknown): Branches => {
    const parts = new Map<unknown, PlainRow[]>();
    for (const row of rows) parts.set(name(row), [...(parts.get(name(row)) ?? []), row]);
    return { name, parts };
  };
  if (cuts !== undefined) return cuts.map((cut) => by((row) => Number(row[column]) <= cut));
  const values = [...new Set(rows.map((row) => row[column]!))].sort();
  if (kind === 'C4.5') return [by((row) => row[column])];
  const known = (name: (value: number | string) => unknown) =>
    by((row) => (values.includes(row[column]!) ? name(row[column]!) : 'unknown'));
  const classes = [...new Set(rows.map((row) => String(row[dependent])))];
  if (classes.length > 2) return values.map((value) => known((other) => other === value));
  // All partings of the values, not only those that a theorem leaves.
  return Array.from({ length: 2 ** values.length }, (_, bits) =>
    known((value) => ((bits >> values.indexOf(value)) & 1) === 1),
  );
}

function judge(
  rows: readonly PlainRow[],
  branches: Branches,
  { kind, dependent, leafSize }: PlainRule,
) {
  const parts = [...branches.parts.values()];
  if (parts.filter((part) => part.length >= leafSize).length < 2) return null;
  const impurity = (some: readonly PlainRow[]) => {
    const ps = Object.values(shares(some, dependent));
    return kind === 'CART'
      ? ps.reduce((sum, p) => sum + p * (1 - p), 0)
      : ps.reduce((sum, p) => sum - p * Math.log2(p), 0);
  };
  const gained =
    impurity(rows) -
    parts.reduce((sum, part) => sum + (part.length / rows.length) * impurity(part), 0);
  const spread = parts.reduce((sum, part) => {
    const p = part.length / rows.length;
    return sum - p * Math.log2(p);
  }, 0);
  return { branches, gained, score: kind === 'CART' ? gained : gained / spread };
}

function shares(rows: readonly PlainRow[], dependent: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const row of rows) {
    const label = String(row[dependent]);
    found[label] = (found[label] ?? 0) + 1 / rows.length;
  }
  return found;
}
