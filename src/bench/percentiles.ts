export interface Percentiles {
  readonly samples: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest-rank percentiles of milliseconds. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (p: number) => sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? NaN;
  return { samples: sorted.length, p50: rank(50), p95: rank(95), p99: rank(99), max: rank(100) };
}

export function row(label: string, p: Percentiles): string {
  const ms = (value: number) => value.toFixed(1).padStart(9);
  return `${label.padEnd(46)}${String(p.samples).padStart(6)}${ms(p.p50)}${ms(p.p95)}${ms(p.p99)}${ms(p.max)}`;
}
