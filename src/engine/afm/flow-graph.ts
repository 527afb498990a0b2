import { type FlowProblem } from '../flow-plan.js';
import type { AfmDocument } from './afm-document.js';

/** Who feeds whom, by index in the document. */
export interface FlowGraph {
  /** Of each operator its producers, in link order. */
  readonly inputs: readonly (readonly number[])[];
  /** Operators so that producers come before consumers; among equals as in the file. */
  readonly order: readonly number[];
  readonly problems: readonly FlowProblem[];
}

export function graphOf({ operators, links }: AfmDocument): FlowGraph {
  const problems: FlowProblem[] = [];
  const indexes = new Map<string, number>();
  operators.forEach(({ name }, i) => {
    if (name === '') problems.push(problem(null, `operator ${i + 1} of the file has no name`));
    else if (indexes.has(name)) problems.push(problem(name, 'two operators have this name'));
    else indexes.set(name, i);
  });

  const inputs: number[][] = operators.map(() => []);
  for (const { source, target } of links) {
    const [from, to] = [indexes.get(source), indexes.get(target)];
    for (const [name, index] of [
      [source, from],
      [target, to],
    ] as const)
      if (index === undefined)
        problems.push(
          problem(name, `a link from "${source}" to "${target}" names an operator that is missing`),
        );
    if (from !== undefined && to !== undefined && inputs[to]?.includes(from) === false)
      inputs[to].push(from);
  }

  const order = sorted(inputs);
  operators.forEach(({ name }, i) => {
    if (!order.includes(i))
      problems.push(problem(name, 'it waits for its own output: the links form a cycle'));
  });
  return { inputs, order, problems };
}

/** Without the members of cycles and what waits for them. */
function sorted(inputs: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const done = new Set<number>();
  for (;;) {
    const next = inputs.findIndex(
      (producers, i) => !done.has(i) && producers.every((producer) => done.has(producer)),
    );
    if (next === -1) return order;
    done.add(next);
    order.push(next);
  }
}

function problem(operator: string | null, message: string): FlowProblem {
  return { operator, parameter: null, message };
}
