import { join } from 'node:path';

/** `test/support/environment.js` gives it to specs. */
type ImportNatively = (path: string) => Promise<unknown>;

const DIST = join(import.meta.dirname, '../../dist');

/**
 * A module of the built product, loaded by Node itself and not by Jest: once in a worker and not once in each spec file, which is
 * most of what a spec file would take. Its classes are therefore not those that a spec imports from `src`, and what a spec changes
 * in a library does not reach it (`source-app.ts` is for that).
 * @param path below `dist`
 */
export async function builtModule<Module>(path: string): Promise<Module> {
  const { importNatively } = globalThis as { importNatively?: ImportNatively };
  const load = importNatively ?? ((file: string): Promise<unknown> => import(file));
  return (await load(join(DIST, path))) as Module;
}
