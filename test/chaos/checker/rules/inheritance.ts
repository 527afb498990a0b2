import type { Of, RunStory, Story } from '../story.js';
import { violation, type Violation } from '../violation.js';
import { isOpen, lastStepOf } from './effects.js';

/** Of nobody: there is nothing. */
type Owner = string | null;

/**
 * I8 across the runs of a workfile: what an operator has not replaced is as the latest run left it that finished it.
 * Remembers from piece to piece of a history which one that was.
 */
export class Inheritance {
  /** Whose rows may be in an operator's table, by workfile and operator. */
  private readonly owners = new Map<string, ReadonlySet<Owner>>();

  check({ runs }: Story): Violation[] {
    const inOrder = [...runs.values()].sort((a, b) => begun(a) - begun(b));
    return inOrder.flatMap((story) => {
      this.learn(story);
      return this.compare(story);
    });
  }

  private learn(story: RunStory): void {
    const { run, steps } = story;
    for (const operator of new Set(steps.map((step) => step.operator))) {
      const step = lastStepOf(story, operator);
      const key = keyOf(story, operator);
      if (step?.to === 'finished') this.owners.set(key, new Set([run]));
      else if (isOpen(step)) this.owners.set(key, new Set([...this.ownersOf(key), run]));
    }
  }

  private compare(story: RunStory): Violation[] {
    const found: Violation[] = [];
    for (const output of story.outputs) {
      const { operator, others } = output;
      if (output.table === null || output.rows > 0) continue;
      // Whose own output is not there is told as that.
      if (lastStepOf(story, operator)?.to === 'finished') continue;
      const key = keyOf(story, operator);
      const owners = this.ownersOf(key);
      const seen = others.map(({ run }) => run);
      const [only = null] = seen;
      if (seen.length < 2 && owners.has(only)) continue;
      found.push(
        violation(
          'I8',
          `${operator}: ${rowsOf(seen, ' and ')} instead of ${rowsOf([...owners], ' or ')}`,
          story.run,
          ...stepsOf(story, operator),
          output,
        ),
      );
      // Said once, not again of each run to come.
      this.owners.set(key, new Set([only]));
    }
    return found;
  }

  private ownersOf(key: string): ReadonlySet<Owner> {
    return this.owners.get(key) ?? new Set([null]);
  }
}

function begun({ moves }: RunStory): number {
  return moves[0]?.seq ?? 0;
}

function keyOf({ workfile }: RunStory, operator: string): string {
  return `${workfile} ${operator}`;
}

function rowsOf(owners: readonly Owner[], and: string): string {
  const names = owners.map((owner) => (owner === null ? 'nothing' : `rows of ${owner}`));
  return names.join(and) || 'nothing';
}

function stepsOf({ steps }: RunStory, operator: string): Of<'step'>[] {
  return steps.filter((step) => step.operator === operator);
}
