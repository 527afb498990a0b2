/** What a split is judged by: the ratio of information gained (C4.5), or the decrease of Gini's impurity (CART). */
export type Criterion = 'gain ratio' | 'gini';

/** Rows of a node with one code of an attribute, by class. */
export type CodeCounts = ReadonlyMap<number, readonly number[]>;

export interface Candidate {
  readonly attribute: number;
  /** Codes that go together; of a numeric attribute two groups, those up to a bound and those above. */
  readonly groups: readonly (readonly number[])[];
  /** Rows of each group, by class. */
  readonly counts: readonly (readonly number[])[];
  /** Uncertainty that it removes: information or impurity. */
  readonly gain: number;
  readonly score: number;
}

export interface SplitRule {
  readonly criterion: Criterion;
  readonly minimalGain: number;
  readonly minimalLeafSize: number;
}

const EPSILON = 1e-12;

/**
 * The best way to split a node. C4.5 compares ratios only of attributes that gain at least the average: a ratio alone
 * favours splits that set a few rows apart.
 * @param attributes which are numeric, their codes being in order
 */
export function bestSplit(
  rule: SplitRule,
  attributes: readonly { readonly isNumeric: boolean }[],
  counts: readonly CodeCounts[],
): Candidate | null {
  const found = attributes.flatMap(({ isNumeric }, attribute) => {
    const best = bestOf(rule, attribute, isNumeric, counts[attribute] ?? new Map());
    return best === null ? [] : [best];
  });
  const average = found.reduce((sum, { gain }) => sum + gain, 0) / found.length;
  const eligible =
    rule.criterion === 'gini' ? found : found.filter(({ gain }) => gain >= average - EPSILON);
  return eligible
    .filter(({ gain, score }) => gain > EPSILON && score >= rule.minimalGain)
    .reduce<Candidate | null>(
      (best, one) => (best === null || one.score > best.score + EPSILON ? one : best),
      null,
    );
}

/** Of one attribute, the grouping of its codes that gains most; the first of equal ones. */
function bestOf(
  rule: SplitRule,
  attribute: number,
  isNumeric: boolean,
  counts: CodeCounts,
): Candidate | null {
  let best: Candidate | null = null;
  for (const groups of groupings(rule.criterion, isNumeric, counts)) {
    const candidate = judged(rule, attribute, groups, counts);
    if (candidate !== null && (best === null || candidate.gain > best.gain + EPSILON))
      best = candidate;
  }
  return best;
}

/**
 * Numbers are cut in two. Categories have a branch each in C4.5. CART parts them in two: of two classes along the order
 * of their shares, where the best of all partings is (Breiman); of more classes, one category against the others.
 */
function groupings(
  criterion: Criterion,
  isNumeric: boolean,
  counts: CodeCounts,
): (readonly number[])[][] {
  const codes = [...counts.keys()].sort((a, b) => a - b);
  if (codes.length < 2) return [];
  const cuts = (order: readonly number[]) =>
    order.slice(1).map((_, i) => [order.slice(0, i + 1), order.slice(i + 1)]);
  if (isNumeric) return cuts(codes);
  if (criterion === 'gain ratio') return [codes.map((code) => [code])];
  const present = added([...counts.values()]).flatMap((n, i) => (n > 0 ? [i] : []));
  if (present.length > 2)
    return codes.map((code) => [[code], codes.filter((other) => other !== code)]);
  const share = (code: number) => {
    const rows = counts.get(code) ?? [];
    return (rows[present[0] ?? 0] ?? 0) / total(rows);
  };
  return cuts([...codes].sort((a, b) => share(a) - share(b) || a - b));
}

function judged(
  { criterion, minimalLeafSize }: SplitRule,
  attribute: number,
  groups: readonly (readonly number[])[],
  counts: CodeCounts,
): Candidate | null {
  const sums = groups.map((codes) => added(codes.map((code) => counts.get(code) ?? [])));
  const sizes = sums.map(total);
  // As in C4.5: a branch may be smaller, but not all of them save one.
  if (sizes.filter((size) => size >= minimalLeafSize).length < 2) return null;
  const all = added(sums);
  const n = total(all);
  const measure = criterion === 'gini' ? gini : entropy;
  const gain =
    measure(all) - sums.reduce((sum, one, i) => sum + ((sizes[i] ?? 0) / n) * measure(one), 0);
  const score = criterion === 'gini' ? gain : gain / entropy(sizes);
  return { attribute, groups, counts: sums, gain, score };
}

/** Index of the class that most rows have; the first of equal ones. */
export function majority(counts: readonly number[]): number {
  return counts.indexOf(Math.max(...counts));
}

/** In bits. */
function entropy(counts: readonly number[]): number {
  const n = total(counts);
  return counts.reduce((sum, one) => (one === 0 ? sum : sum - (one / n) * Math.log2(one / n)), 0);
}

function gini(counts: readonly number[]): number {
  const n = total(counts);
  return 1 - counts.reduce((sum, one) => sum + (one / n) ** 2, 0);
}

export function total(counts: readonly number[]): number {
  return counts.reduce((sum, one) => sum + one, 0);
}

function added(lists: readonly (readonly number[])[]): number[] {
  const [first = []] = lists;
  return first.map((_, i) => lists.reduce((sum, list) => sum + (list[i] ?? 0), 0));
}
