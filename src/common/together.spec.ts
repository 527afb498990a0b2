import { describe, expect, it } from '@jest/globals';
import { inOrder, Together } from './together.js';

/** Answers each number with its double; holds every serving back until it is let go. */
class Server {
  readonly served: (readonly number[])[] = [];
  private readonly gates: ((error?: Error) => void)[] = [];

  readonly together = new Together<number, number>(async (asks) => {
    this.served.push(asks);
    await new Promise<void>((resolve, reject) => {
      this.gates.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    return asks.map((ask) => ask * 2);
  });

  letGo(error?: Error): void {
    this.gates.shift()?.(error);
  }
}

describe('calls served together', () => {
  it('are sent at once when nothing is under way, and in one piece behind what is', async () => {
    const server = new Server();
    const first = server.together.ask(1);
    const others = [2, 3, 4].map((ask) => server.together.ask(ask));
    expect(server.served).toEqual([[1]]);

    server.letGo();
    expect(await first).toBe(2);
    expect(server.served).toEqual([[1], [2, 3, 4]]);
    const late = server.together.ask(5);
    server.letGo();
    expect(await Promise.all(others)).toEqual([4, 6, 8]);
    server.letGo();
    expect(await late).toBe(10);
    expect(server.served).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('fail together, and the next ones are served again', async () => {
    const server = new Server();
    const first = server.together.ask(1);
    const others = [2, 3].map((ask) => server.together.ask(ask));
    server.letGo();
    await first;
    server.letGo(new Error('lost'));
    const outcomes = await Promise.allSettled(others);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    const next = server.together.ask(4);
    server.letGo();
    expect(await next).toBe(8);
  });
});

describe('rows of one statement for many asks', () => {
  it('are put in the order of the asks, whatever theirs is, with nothing for those that have none', () => {
    const rows = [
      { place: 2, name: 'c' },
      { place: 0, name: 'a' },
    ];
    expect(inOrder(['first', 'second', 'third'], rows)).toEqual([
      { name: 'a' },
      null,
      { name: 'c' },
    ]);
  });
});
