interface Waiting<Ask, Answer> {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Serves one call at once, and those that come meanwhile all together afterwards: a connection that takes one statement
 * at a time needs two for a thousand of them.
 */
export class Together<Ask, Answer> {
  private waiting: Waiting<Ask, Answer>[] = [];
  private busy = false;

  /** @param serve answers in the order of the asks; what it throws is thrown to each of them */
  constructor(private readonly serve: (asks: readonly Ask[]) => Promise<readonly Answer[]>) {}

  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ask, resolve, reject });
      if (!this.busy) void this.goOn();
    });
  }

  /** Only what was asked before the serving began is answered by it: an answer is never older than its question. */
  private async goOn(): Promise<void> {
    this.busy = true;
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
    this.busy = false;
  }
}
