import { OperatorFailed, type Relation } from '../flow-plan.js';

/** @throws OperatorFailed naming every wanted column that the input does not have */
export function assertColumns(operator: string, input: Relation, wanted: readonly string[]): void {
  const there = new Set(input.columns.map(({ name }) => name));
  const missing = [...new Set(wanted)].filter((column) => !there.has(column));
  if (missing.length > 0)
    throw new OperatorFailed(
      operator,
      `"${input.schema}"."${input.table}" has no column ${missing.map((c) => `"${c}"`).join(', ')}; ` +
        `it has ${[...there].map((c) => `"${c}"`).join(', ')}`,
    );
}

/** The only input; how many there are was checked with the plan. */
export function onlyInput(inputs: readonly Relation[]): Relation {
  const [input] = inputs;
  if (input === undefined) throw new Error('an operator was compiled without its input');
  return input;
}
