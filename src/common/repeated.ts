/** The values that are there more than once, each once, in the order of their second places. */
export function repeated<T>(values: readonly T[]): Set<T> {
  const seen = new Set<T>();
  const again = new Set<T>();
  for (const value of values) {
    if (seen.has(value)) again.add(value);
    seen.add(value);
  }
  return again;
}
