import type { FlowPlan, PlannedOperator } from '../flow-plan.js';

/** Which operators may begin: those all of whose producers are done, in the plan's order. */
export class ReadyOperators {
  private readonly missing: number[];
  private readonly consumers: readonly number[][];
  private readonly ready: number[];

  /** @param done positions of operators that need not be done any more */
  constructor(
    private readonly plan: FlowPlan,
    done: ReadonlySet<number> = new Set(),
  ) {
    const left = plan.operators.filter(({ position }) => !done.has(position));
    this.missing = plan.operators.map(
      ({ inputs }) => inputs.filter((input) => !done.has(input)).length,
    );
    this.consumers = plan.operators.map(({ position }) =>
      left.filter(({ inputs }) => inputs.includes(position)).map((one) => one.position),
    );
    this.ready = left
      .filter(({ position }) => this.missing[position] === 0)
      .map(({ position }) => position);
  }

  /** Null when none is ready now. */
  take(): PlannedOperator | null {
    const position = this.ready.shift();
    return position === undefined ? null : (this.plan.operators[position] ?? null);
  }

  done(position: number): void {
    for (const consumer of this.consumers[position] ?? []) {
      const left = (this.missing[consumer] ?? 0) - 1;
      this.missing[consumer] = left;
      if (left === 0) this.ready.push(consumer);
    }
    this.ready.sort((a, b) => a - b);
  }
}
