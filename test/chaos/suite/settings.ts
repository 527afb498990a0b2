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

/** @param names of all scenarios. @throws Error also for what would check nothing */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Settings {
  const number = (name: string): number | null => {
    const text = env[name]?.trim() ?? '';
    if (text === '') return null;
    if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`);
    return Number(text);
  };
  const only = (env['CHAOS_ONLY'] ?? '').split(/[\s,]+/).filter(Boolean);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `CHAOS_ONLY: there is no ${unknown.join(', no ')}; there are ${names.join(', ')}`,
    );
  const rounds = number('CHAOS_ROUNDS');
  if (rounds === 0) throw new Error('CHAOS_ROUNDS must be at least 1, or nothing is played');
  return {
    seed: number('CHAOS_SEED') ?? Date.now() % 1_000_000,
    only: only.length === 0 ? null : only,
    rounds,
    report: /^(1|true|yes)$/i.test(env['CHAOS_REPORT'] ?? ''),
  };
}
