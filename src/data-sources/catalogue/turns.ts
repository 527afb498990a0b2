/** So many are in line for this key already that nobody knows when one more would have his turn. */
export class LineTooLong extends Error {}

interface Line {
  /** Settles, without an error, when whoever came last has had his turn. */
  last: Promise<unknown>;
  length: number;
}

/** Work that is done one after the other for each key; a failure does not hold up what comes next. */
export class Turns<Key> {
  private readonly lines = new Map<Key, Line>();

  /** @param most how many may be in line for one key, the one whose turn it is included */
  constructor(private readonly most: number) {}

  /** @throws LineTooLong at once */
  async take<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const line = this.lines.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (line.length >= this.most) throw new LineTooLong();
    this.lines.set(key, line);
    line.length += 1;
    const mine = line.last.then(work);
    line.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      line.length -= 1;
      if (line.length === 0) this.lines.delete(key);
    }
  }
}
