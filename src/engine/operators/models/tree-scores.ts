import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import type { ClassScores } from './class-scores.js';
import { exact } from './features.js';
import type { TreeModel, TreeNode } from './model.js';
import { majority } from './tree-splits.js';

/** Finds the node of a row by nested CASE; what a node says is written once for each (operators.md 2.8). */
export function treeScores(model: TreeModel, helper: (name: string) => string): ClassScores {
  const { classes, root } = model;
  const nodes = allNodes(root);
  const columns = [...new Set(nodes.flatMap(({ split }) => split?.column ?? []))];
  const at = ident(helper('node'));
  const missing = columns.map((name) => sql`${ident(name)} IS NULL`);
  const found = nodeSql(root, new Map(nodes.map((node, i) => [node, i])));
  const value =
    missing.length === 0
      ? found
      : sql`CASE WHEN ${joinSql(missing, ' OR ')} THEN NULL ELSE ${found} END`;
  const ofNode = (what: (node: TreeNode) => Sql) => {
    const cases = nodes.map((node, i) => sql`WHEN ${i} THEN ${what(node)}`);
    return sql`(CASE ${at} ${joinSql(cases, ' ')} END)`;
  };
  return {
    columns,
    levels: [[{ name: helper('node'), value }]],
    classes: classes.map((label, i) => ({
      label,
      probability: ofNode((node) => exact(shareOf(node, i))),
    })),
    predicted: ofNode(({ counts }) => sql`${classes[majority(counts)] ?? ''}`),
    confidence: ofNode((node) => exact(shareOf(node, majority(node.counts)))),
    info: ofNode(
      (node) =>
        sql`${JSON.stringify(Object.fromEntries(classes.map((label, i) => [label, shareOf(node, i)])))}`,
    ),
  };
}

/** The node and all below it, each before those below it. */
export function allNodes(node: TreeNode): TreeNode[] {
  return [node, ...childrenOf(node).flatMap(allNodes)];
}

export function childrenOf({ split }: TreeNode): readonly TreeNode[] {
  if (split === null) return [];
  return 'branches' in split ? split.branches.map(({ node }) => node) : [split.below, split.above];
}

function nodeSql(node: TreeNode, numbers: ReadonlyMap<TreeNode, number>): Sql {
  const own = sql`${numbers.get(node) ?? 0}`;
  const { split } = node;
  if (split === null) return own;
  const c = ident(split.column);
  if (!('branches' in split))
    return sql`CASE WHEN ${c}::float8 <= ${exact(split.at)} THEN ${nodeSql(split.below, numbers)} ELSE ${nodeSql(split.above, numbers)} END`;
  const cases = split.branches.map(({ values, node: next }) => {
    const list = joinSql(
      values.map((value) => sql`${value}`),
      ', ',
    );
    return sql`WHEN ${c}::text IN (${list}) THEN ${nodeSql(next, numbers)}`;
  });
  return sql`CASE ${joinSql(cases, ' ')} ELSE ${own} END`;
}

function shareOf({ counts }: TreeNode, i: number): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  return total === 0 ? 0 : (counts[i] ?? 0) / total;
}
