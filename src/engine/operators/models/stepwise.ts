import type { Procedure } from '../procedure.js';
import type { Stepwise } from './training.js';

/** A fitted candidate, as far as the choice of features is concerned. */
export interface Fit {
  readonly aic: number;
  readonly sbc: number;
  /** P-value by index of the feature among all. */
  readonly pValues: ReadonlyMap<number, number>;
}

/**
 * Chooses features one by one: forward adds the best while it improves, backward removes the worst, both do either.
 * @param fit of a choice, by ascending indexes; null when it cannot be fitted
 */
export function* chooseFeatures<F extends Fit>(
  count: number,
  { direction, criterion, significance }: Stepwise,
  fit: (chosen: readonly number[]) => Procedure<F | null>,
): Procedure<{ readonly chosen: readonly number[]; readonly fit: F } | null> {
  const all = Array.from({ length: count }, (_, i) => i);
  let chosen = direction === 'backward' ? all : [];
  let current = yield* fit(chosen);
  if (current === null) return null;
  const value = (one: F) => (criterion === 'SBC' ? one.sbc : one.aic);
  for (let moves = 0; moves < 2 * count + 2; moves += 1) {
    const found: { readonly chosen: number[]; readonly fit: F; readonly score: number }[] = [];
    const consider = (candidate: number[], one: F, score: number) => {
      found.push({ chosen: candidate, fit: one, score });
    };
    if (direction !== 'backward')
      for (const added of all.filter((i) => !chosen.includes(i))) {
        const candidate = [...chosen, added].sort((a, b) => a - b);
        const one = yield* fit(candidate);
        if (one === null) continue;
        const p = one.pValues.get(added) ?? 1;
        if (criterion === null ? p < significance : value(one) < value(current))
          consider(candidate, one, criterion === null ? p : value(one));
      }
    if (found.length === 0 && direction !== 'forward')
      for (const removed of chosen) {
        const p = current.pValues.get(removed) ?? 1;
        if (criterion === null && p <= significance) continue;
        const candidate = chosen.filter((i) => i !== removed);
        const one = yield* fit(candidate);
        if (one === null) continue;
        if (criterion === null || value(one) < value(current))
          consider(candidate, one, criterion === null ? -p : value(one));
      }
    const [best] = found.sort((a, b) => a.score - b.score);
    if (best === undefined) break;
    ({ chosen, fit: current } = best);
  }
  return { chosen, fit: current };
}
