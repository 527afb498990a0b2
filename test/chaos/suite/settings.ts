/** What CHAOS_* variables say. */
export interface Settings {
  readonly seed: number;
  /** Names of scenarios; null: all. */
  readonly only: readonly string[] | null;
  /** Instead of each scenario's own number. */
  readonly rounds: number | null;
  /** Writes docs/chaos-report.md. */
  readonly report: boolean;
}

export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const number = (name: string): number | null => {
    const text = env[name]?.trim() ?? '';
    if (text === '') return null;
    if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`);
    return Number(text);
  };
  const only = (env['CHAOS_ONLY'] ?? '').split(/[\s,]+/).filter(Boolean);
  return {
    seed: number('CHAOS_SEED') ?? Date.now() % 1_000_000,
    only: only.length === 0 ? null : only,
    rounds: number('CHAOS_ROUNDS'),
    report: /^(1|true|yes)$/i.test(env['CHAOS_REPORT'] ?? ''),
  };
}
