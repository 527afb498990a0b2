import type { RunLocation } from '../runs/run-snapshot.js';
import type { AfmOperator } from './afm/afm-document.js';
import { NodeReader } from './afm/node-reader.js';
import type { FlowProblem, OutputTarget } from './flow-plan.js';
import type { Delivers } from './operators/delivery.js';
import { findOperator } from './operators/operator-catalogue.js';
import type { InputNode, OperatorKind, Recipe } from './operators/operator.js';

/** An operator with everything but its place in the order. */
export interface FlowNode {
  readonly operator: AfmOperator;
  readonly kind: OperatorKind;
  readonly recipe: Recipe;
  readonly delivers: Delivers;
  readonly outputs: readonly OutputTarget[];
  /** Null when it has none of its own and its inputs have none. */
  location: RunLocation | null;
  /** Where its input is, when that is another database than its own. */
  inputLocation: RunLocation | null;
}

/** How an operator looks to those that take from it. */
export function inputNode(operator: AfmOperator): InputNode {
  const { name, uuid, type } = operator;
  return { name, uuid, delivers: deliveredBy(findOperator(type), operator) };
}

/** What its kind delivers, unless its parameters say that it hands nothing on. */
function deliveredBy(kind: OperatorKind | string, operator: AfmOperator): Delivers | 'unknown' {
  if (typeof kind === 'string') return 'unknown';
  const isNothing = kind.deliversNothing?.(new NodeReader(operator));
  if (isNothing === null) return 'unknown';
  return isNothing === true ? 'nothing' : kind.delivers;
}

/** Null when it cannot be run; why is in the problems. */
export function readNode(
  operator: AfmOperator,
  producers: readonly InputNode[],
  problems: FlowProblem[],
): FlowNode | null {
  const reader = new NodeReader(operator);
  const kind = findOperator(operator.type);
  if (typeof kind === 'string') {
    reader.problem('type', kind, 'not_here');
    problems.push(...reader.problems);
    return null;
  }
  checkInputs(reader, kind, producers);
  const data = producers.filter(({ delivers }) => delivers === 'data' || delivers === 'unknown');
  const recipe = kind.read(reader, data);
  const delivers = deliveredBy(kind, operator);
  problems.push(...reader.problems);
  return {
    operator,
    kind,
    recipe,
    delivers: delivers === 'unknown' ? 'nothing' : delivers,
    outputs: outputsOf(recipe),
    location: null,
    inputLocation: null,
  };
}

const SHOWN: Readonly<Record<'data' | 'samples' | 'models', string>> = {
  data: 'data set',
  samples: 'sampling operator',
  models: 'model',
};
const DELIVERED_AS: Readonly<Record<Delivers | 'unknown', keyof typeof SHOWN | null>> = {
  data: 'data',
  samples: 'samples',
  model: 'models',
  nothing: null,
  unknown: null,
};

/** What delivers nothing comes before by its link, and is no input (operators.md 0.2). */
function checkInputs(
  reader: NodeReader,
  { title, inputs }: OperatorKind,
  producers: readonly InputNode[],
): void {
  if (producers.some(({ delivers }) => delivers === 'unknown')) return;
  for (const role of ['data', 'samples', 'models'] as const) {
    const given = producers.filter(({ delivers }) => DELIVERED_AS[delivers] === role);
    const { min, max } = inputs[role] ?? { min: 0, max: 0 };
    if (given.length >= min && given.length <= max) continue;
    const names = given.map(({ name }) => `"${name}"`).join(', ');
    const silent = producers.filter(({ delivers }) => delivers === 'nothing');
    const why =
      given.length < min
        ? silent.map(({ name }) => `; "${name}" passes no output on`).join('')
        : '';
    reader.problem(
      null,
      `${title} takes ${countOf(min, max, SHOWN[role])} as input and has ${given.length}${names && `: ${names}`}${why}`,
    );
  }
}

function countOf(min: number, max: number, noun: string): string {
  if (max === 0) return `no ${noun}`;
  const count =
    min === max ? `exactly ${min}` : max === Infinity ? `at least ${min}` : `${min} to ${max}`;
  return `${count} ${noun}${min === 1 && max === 1 ? '' : 's'}`;
}

function outputsOf(recipe: Recipe): readonly OutputTarget[] {
  if (recipe.does === 'read') return [];
  return recipe.does === 'select' ? [recipe.output] : recipe.outputs;
}
