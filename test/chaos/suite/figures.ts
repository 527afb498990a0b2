import { percentiles, type Percentiles } from '../../../src/bench/percentiles.js';

/** What scenarios have counted and measured, by name. */
export class Figures {
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

  get names(): { readonly counts: readonly string[]; readonly samples: readonly string[] } {
    return { counts: [...this.counts.keys()].sort(), samples: [...this.samples.keys()].sort() };
  }
}
