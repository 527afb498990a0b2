import type { WorldOptions } from '../world/parts.js';
import type { Stage } from './stage.js';

/** A way to make trouble, repeatable by its seed. */
export interface Scenario {
  /** For CHAOS_ONLY. */
  readonly name: string;
  /** What it is about, in a line. */
  readonly title: string;
  /** In the full suite. */
  readonly rounds: number;
  readonly world: WorldOptions;
  /** Why it cannot be played here; null when it can. */
  readonly missing?: () => string | null;
  play(stage: Stage): Promise<void>;
}
