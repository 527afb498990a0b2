import { sql } from '../../common/sql/sql.js';
import type { NodeReader } from '../afm/node-reader.js';
import { assertColumns, onlyInput } from './input-columns.js';
import { attributesOf } from './models/attributes.js';
import { observedClasses } from './models/classes.js';
import { present } from './models/features.js';
import type { TreeModel, TreeNode } from './models/model.js';
import { readColumns } from './models/training.js';
import { CODED, encode } from './models/tree-codes.js';
import { grow, type GrowthRule } from './models/tree-growth.js';
import { allNodes, childrenOf } from './models/tree-scores.js';
import { type Criterion, majority, total } from './models/tree-splits.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { execute } from './procedure.js';
import { number, type Report, tableReport } from './report.js';

/** Classifies by questions about single columns, one after the other (operators.md 2.8). */
function tree(
  kind: Pick<OperatorKind, 'title' | 'description' | 'types'>,
  criterion: Criterion,
): OperatorKind {
  return {
    ...kind,
    inputs: ONE_DATA_SET,
    delivers: 'model',
    read(node) {
      const { dependent, columns } = readColumns(node);
      const rule = ruleOf(node, criterion);
      return {
        does: 'procedure',
        outputs: [],
        *run({ data }) {
          const input = onlyInput(data);
          assertColumns(node.name, input, [dependent, ...columns]);
          const where = present([dependent, ...columns]);
          const observed = yield* observedClasses(node.name, input, dependent, where);
          const attributes = yield* attributesOf(node.name, input, columns, where);
          const classes = observed.map(({ label }) => label);
          const coded = yield* encode({ input, dependent, where }, classes, attributes);
          const root = yield* grow(
            rule,
            coded,
            observed.map(({ rows }) => rows),
          );
          yield* execute(sql`DROP TABLE ${CODED}`);
          const model: TreeModel = { kind: 'tree', name: node.name, dependent, classes, root };
          return {
            delivery: { kind: 'model', model },
            report: {
              kind: 'composite',
              parts: [
                { title: 'Summary', report: summary(root) },
                { title: 'Tree', report: nodeTable(model) },
              ],
            },
            rowCount: null,
          };
        },
      };
    },
  };
}

function ruleOf(node: NodeReader, criterion: Criterion): GrowthRule {
  return {
    criterion,
    maximalDepth: node.integer('maximal_depth', 5, 1, 30),
    minimalSplitSize: node.integer('minimal_size_for_split', 4, 2, Number.MAX_SAFE_INTEGER),
    minimalLeafSize: node.integer('minimal_leaf_size', 2, 1, Number.MAX_SAFE_INTEGER),
    minimalGain: node.decimal('minimal_gain', 0.01, 0, 1),
  };
}

function summary(root: TreeNode): Report {
  const nodes = allNodes(root);
  return tableReport(
    ['Statistic', number('Value')],
    [
      ['Nodes', nodes.length],
      ['Leaves', nodes.filter(({ split }) => split === null).length],
      ['Depth', depthOf(root)],
      ['Rows used', total(root.counts)],
    ],
  );
}

function depthOf(node: TreeNode): number {
  return Math.max(0, ...childrenOf(node).map((child) => 1 + depthOf(child)));
}

/** A line per node, each before those below it; the condition is the one that leads to it. */
function nodeTable({ classes, root }: TreeModel): Report {
  const rows: (string | number | null)[][] = [];
  const add = (node: TreeNode, parent: number | null, condition: string): void => {
    const id = rows.length;
    const most = majority(node.counts);
    const share = (node.counts[most] ?? 0) / total(node.counts);
    rows.push([id, parent, condition, total(node.counts), classes[most] ?? '', share]);
    const { split } = node;
    if (split === null) return;
    if ('branches' in split)
      for (const { values, node: next } of split.branches)
        add(next, id, `${split.column} ${values.length === 1 ? '=' : 'in'} ${values.join(', ')}`);
    else {
      add(split.below, id, `${split.column} <= ${split.at}`);
      add(split.above, id, `${split.column} > ${split.at}`);
    }
  };
  add(root, null, '');
  return tableReport(
    [
      number('Node'),
      number('Parent'),
      'Condition',
      number('Rows'),
      'Prediction',
      number('Confidence'),
    ],
    rows,
  );
}

export const DECISION_TREE = tree(
  {
    title: 'Decision Tree',
    description: 'Classifies by questions that gain the most information.',
    types: ['decisiontree'],
  },
  'gain ratio',
);

export const CART = tree(
  {
    title: 'CART',
    description: 'Classifies by questions that part the rows in two.',
    types: ['cart'],
  },
  'gini',
);
