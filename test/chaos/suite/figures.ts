import { percentiles, type Percentiles } from '../../../src/bench/percentiles.js';

export interface FigureValues {
  readonly counts: Readonly<Record<string, number>>;
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** What scenarios have counted and measured, by name. */
export class Figures {
  static of(all: readonly FigureValues[]): Figures {
    const figures = new Figures();
    for (const { counts, samples } of all) {
      for (const [name, n] of Object.entries(counts)) figures.count(name, n);
      for (const [name, values] of Object.entries(samples))
        for (const value of values) figures.sample(name, value);
    }
    return figures;
  }

  private readonly counts = new Map<string, number>();
  private readonly samples = new Map<string, number[]>();

  count(name: string, by = 1): void {
    this.counts.set(name, this.counted(name) + by);
  }

  counted(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** @param ms any number, in truth */
  sample(name: string, ms: number): void {
    const known = this.samples.get(name);
    if (known === undefined) this.samples.set(name, [ms]);
    else known.push(ms);
  }

  percentilesOf(name: string): Percentiles | null {
    const values = this.samples.get(name) ?? [];
    return values.length === 0 ? null : percentiles(values);
  }

  get values(): FigureValues {
    return {
      counts: Object.fromEntries(this.counts),
      samples: Object.fromEntries(this.samples),
    };
  }

  get names(): { readonly counts: readonly string[]; readonly samples: readonly string[] } {
    return { counts: [...this.counts.keys()].sort(), samples: [...this.samples.keys()].sort() };
  }
}
