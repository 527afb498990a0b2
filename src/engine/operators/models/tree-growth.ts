import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import { type Procedure, progress, query, warn } from '../procedure.js';
import type { TreeNode, TreeSplit } from './model.js';
import { CODED, type CodedAttribute } from './tree-codes.js';
import { bestSplit, type CodeCounts, type SplitRule, total } from './tree-splits.js';

export interface GrowthRule extends SplitRule {
  readonly maximalDepth: number;
  /** Smaller nodes are not split. */
  readonly minimalSplitSize: number;
}

/** A node while the tree grows. */
interface Growing {
  readonly id: number;
  readonly counts: readonly number[];
  split: {
    readonly attribute: number;
    readonly branches: readonly { readonly codes: readonly number[]; readonly node: Growing }[];
  } | null;
}

// What is learned of a level comes in answers of at most so many rows.
const MAX_ROWS = 50_000;
const MAX_NODES = 1000;

/** Grows a tree level by level: the rows stay where they are, and what comes back is counts (operators.md 2.8). */
export function* grow(
  rule: GrowthRule,
  attributes: readonly CodedAttribute[],
  classCounts: readonly number[],
): Procedure<TreeNode> {
  let nodes = 1;
  let isFull = false;
  const root: Growing = { id: 0, counts: classCounts, split: null };
  let level = [root];
  for (let depth = 1; depth <= rule.maximalDepth && level.length > 0; depth += 1) {
    const open = level.filter((node) => mayBeSplit(rule, node));
    const next: Growing[] = [];
    for (const batch of batches(open, attributes, classCounts.length)) {
      const counts = yield* countsOf(root, batch, attributes, classCounts.length);
      for (const node of batch) {
        const best = bestSplit(rule, attributes, counts.get(node.id) ?? []);
        if (best === null) continue;
        if (nodes + best.groups.length > MAX_NODES) {
          isFull = true;
          continue;
        }
        const branches = best.groups.map((codes, i) => ({
          codes,
          node: { id: nodes + i, counts: best.counts[i] ?? [], split: null },
        }));
        nodes += branches.length;
        node.split = { attribute: best.attribute, branches };
        next.push(...branches.map((branch) => branch.node));
      }
    }
    if (open.length > 0) yield* progress(`level ${depth}: ${nodes} nodes`);
    level = next;
  }
  if (isFull) yield* warn(`the tree has ${nodes} nodes, and more are not grown`);
  return grown(root, attributes);
}

function mayBeSplit({ minimalSplitSize }: GrowthRule, { counts }: Growing): boolean {
  return total(counts) >= minimalSplitSize && counts.filter((n) => n > 0).length > 1;
}

function batches(
  nodes: readonly Growing[],
  attributes: readonly CodedAttribute[],
  classes: number,
): Growing[][] {
  const rowsPerNode = attributes.reduce((sum, one) => sum + codesOf(one), 0) * classes;
  const size = Math.max(1, Math.floor(MAX_ROWS / Math.max(1, rowsPerNode)));
  const parts: Growing[][] = [];
  for (let i = 0; i < nodes.length; i += size) parts.push(nodes.slice(i, i + size));
  return attributes.length === 0 ? [] : parts;
}

function codesOf(attribute: CodedAttribute): number {
  return attribute.isNumeric ? attribute.bounds.length + 1 : attribute.values.length;
}

/** Rows by node, attribute, code and class, in one pass. */
function* countsOf(
  root: Growing,
  nodes: readonly Growing[],
  attributes: readonly CodedAttribute[],
  classes: number,
): Procedure<ReadonlyMap<number, readonly CodeCounts[]>> {
  const columns = attributes.map((_, i) => ident(`f${i}`));
  const numbers = attributes.map((_, i) => sql`${i}`);
  const node = placeSql(root, new Set(nodes)) ?? sql`NULL::int`;
  const each = sql`SELECT node, y, unnest(ARRAY[${joinSql(numbers, ', ')}]) AS f, unnest(ARRAY[${joinSql(columns, ', ')}]) AS v FROM (SELECT ${node} AS node, * FROM ${CODED}) AS t WHERE node IS NOT NULL`;
  const found = yield* query<{ node: number; f: number; v: number; y: number; n: string }>(
    sql`SELECT node, f, v, y, count(*) AS n FROM (${each}) AS t GROUP BY node, f, v, y`,
  );
  const counts = new Map(
    nodes.map(({ id }) => [id, attributes.map(() => new Map<number, number[]>())]),
  );
  for (const { node: id, f, v, y, n } of found) {
    const codes = counts.get(id)?.[f];
    const rows = codes?.get(v) ?? new Array<number>(classes).fill(0);
    rows[y] = Number(n);
    codes?.set(v, rows);
  }
  return counts;
}

/** Id of the wanted node that a row is in, else NULL; null when none is below this node. */
function placeSql(node: Growing, wanted: ReadonlySet<Growing>): Sql | null {
  if (wanted.has(node)) return sql`${node.id}`;
  if (node.split === null) return null;
  const c = ident(`f${node.split.attribute}`);
  const cases = node.split.branches.flatMap(({ codes, node: next }) => {
    const place = placeSql(next, wanted);
    const list = joinSql(
      codes.map((code) => sql`${code}`),
      ', ',
    );
    return place === null ? [] : [sql`WHEN ${c} IN (${list}) THEN ${place}`];
  });
  return cases.length === 0 ? null : sql`CASE ${joinSql(cases, ' ')} END`;
}

function grown({ counts, split }: Growing, attributes: readonly CodedAttribute[]): TreeNode {
  const attribute = attributes[split?.attribute ?? -1];
  if (split === null || attribute === undefined) return { counts, split: null };
  return { counts, split: splitOf(split, attribute, attributes) };
}

function splitOf(
  { branches }: NonNullable<Growing['split']>,
  attribute: CodedAttribute,
  attributes: readonly CodedAttribute[],
): TreeSplit {
  const { column } = attribute;
  if (!attribute.isNumeric)
    return {
      column,
      branches: branches.map(({ codes, node }) => ({
        values: codes.flatMap((code) => attribute.values[code] ?? []),
        node: grown(node, attributes),
      })),
    };
  const [below, above] = branches;
  if (below === undefined || above === undefined) throw new Error('numbers are cut in two');
  return {
    column,
    at: attribute.bounds[Math.max(...below.codes)] ?? 0,
    below: grown(below.node, attributes),
    above: grown(above.node, attributes),
  };
}
