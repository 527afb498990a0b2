import { readFileSync } from 'node:fs';
import type { ChaosEvent } from './event.js';

/** The events of a history that was written before. A last line that was cut off is left out. */
export function readHistory(file: string): ChaosEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  if (lines.at(-1) !== '') lines.pop();
  return lines.filter(Boolean).map((line) => JSON.parse(line) as ChaosEvent);
}
