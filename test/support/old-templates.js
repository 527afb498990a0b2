// Templates take a hundred megabytes each, and every build makes another.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** File in the folder of a test run: its process, and the template that it copies. */
export const USED_TEMPLATE = 'template';
const DAY_MS = 86_400_000;

/**
 * Removes the templates that no test run copies any more: those of earlier builds of this checkout, and of any other when they
 * have not been used for a day.
 */
export function removeOldTemplates(base, ofThisCheckout, current) {
  const names = readdirSync(base);
  const kept = new Set([current, ...names.flatMap((name) => usedBy(join(base, name)))]);
  for (const name of names) {
    if (!name.startsWith('template-') || kept.has(name)) continue;
    if (name.startsWith(ofThisCheckout) || ageMs(join(base, name)) > DAY_MS)
      rmSync(join(base, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

function usedBy(run) {
  try {
    const [pid, template] = readFileSync(join(run, USED_TEMPLATE), 'utf8').split(' ');
    process.kill(Number(pid), 0);
    return [template];
  } catch {
    // No test run, or one that is over.
    return [];
  }
}

function ageMs(folder) {
  try {
    return Date.now() - statSync(folder).mtimeMs;
  } catch {
    // Somebody else has removed it.
    return 0;
  }
}
