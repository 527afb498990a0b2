/** So many are in line for this key already that nobody knows when one more would have his turn. */
export class LineTooLong extends Error {}

/** Work that is done one after the other for each key; a failure does not hold up what comes next. */
export class Turns<Key> {
  private readonly last = new Map<Key, Promise<unknown>>();
  private readonly inLine = new Map<Key, number>();

  /** @param most how many may be in line for one key, the one whose turn it is included */
  constructor(private readonly most: number) {}

  /** @throws LineTooLong at once */
  async take<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const others = this.inLine.get(key) ?? 0;
    if (others >= this.most) throw new LineTooLong();
    this.inLine.set(key, others + 1);
    const before = this.last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.last.set(key, settled);
    try {
      return await mine;
    } finally {
      const left = (this.inLine.get(key) ?? 1) - 1;
      if (left === 0) this.inLine.delete(key);
      else this.inLine.set(key, left);
      if (this.last.get(key) === settled) this.last.delete(key);
    }
  }
}
