import jStat from 'jstat';

/** Two-sided p-value of a standard normal statistic. */
export function normalP(z: number): number {
  return jStat.erfc(Math.abs(z) / Math.SQRT2);
}

/** Two-sided p-value of Student's t with so many degrees of freedom; NaN of what is undefined. */
export function studentP(t: number, degrees: number): number {
  if (Number.isNaN(t)) return NaN;
  return Number.isFinite(t) ? jStat.ibeta(degrees / (degrees + t * t), degrees / 2, 0.5) : 0;
}
