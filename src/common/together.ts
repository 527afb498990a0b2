/** Lanes that do without a reason for another number: one statement that has to wait does not hold the others up. */
export const LANES = 3;

interface Waiting<Ask, Answer> {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Serves a call at once, and those that come while as many are under way as there are lanes all together afterwards: a
 * thousand calls at once take two statements, and one call alone waits for nothing.
 */
export class Together<Ask, Answer> {
  private waiting: Waiting<Ask, Answer>[] = [];
  private free: number;

  /** @param serve answers in the order of the asks; what it throws is thrown to each of them */
  constructor(
    private readonly serve: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
    lanes = 1,
  ) {
    this.free = lanes;
  }

  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ask, resolve, reject });
      if (this.free > 0) void this.goOn();
    });
  }

  /** Only what was asked before the serving began is answered by it: an answer is never older than its question. */
  private async goOn(): Promise<void> {
    this.free -= 1;
    while (this.waiting.length > 0) {
      const served = this.waiting;
      this.waiting = [];
      try {
        const answers = await this.serve(served.map(({ ask }) => ask));
        served.forEach(({ resolve }, i) => {
          resolve(answers[i] as Answer);
        });
      } catch (error) {
        served.forEach(({ reject }) => {
          reject(error);
        });
      }
    }
    this.free += 1;
  }
}

/** Rows of one statement for many asks, in the order of the asks; null for one that has none. */
export function inOrder<Row extends { readonly place: number }>(
  asks: readonly unknown[],
  rows: readonly Row[],
): (Omit<Row, 'place'> | null)[] {
  const found = new Map(rows.map(({ place, ...row }) => [place, row]));
  return asks.map((_, place) => found.get(place) ?? null);
}
