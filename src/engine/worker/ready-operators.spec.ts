import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FlowPlan, PlannedOperator } from '../flow-plan.js';
import { ReadyOperators } from './ready-operators.js';

/** Any graph without cycles: an operator takes from some of those before it. */
const graphs = fc
  .integer({ min: 1, max: 30 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, i) =>
        fc.subarray(Array.from({ length: i }, (__, j) => j)),
      ),
    ),
  );

function planOf(graph: readonly (readonly number[])[]): FlowPlan {
  return {
    operators: graph.map(
      (inputs, position) => ({ position, inputs }) as unknown as PlannedOperator,
    ),
  };
}

describe('ReadyOperators', () => {
  it('gives every operator once, after all that it takes from, in whatever order they end', () => {
    fc.assert(
      fc.property(graphs, fc.infiniteStream(fc.nat(1000)), (graph, choices) => {
        const ready = new ReadyOperators(planOf(graph));
        const atWork: number[] = [];
        const done = new Set<number>();
        const given: number[] = [];
        for (;;) {
          for (let next = ready.take(); next !== null; next = ready.take()) {
            expect(next.inputs.filter((input) => !done.has(input))).toEqual([]);
            atWork.push(next.position);
            given.push(next.position);
          }
          if (atWork.length === 0) break;
          const choice = choices.next().value as number;
          const [ended = 0] = atWork.splice(choice % atWork.length, 1);
          done.add(ended);
          ready.done(ended);
        }
        expect([...given].sort((a, b) => a - b)).toEqual(graph.map((_, i) => i));
      }),
    );
  });
});
