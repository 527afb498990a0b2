const TRUE = new Set(['t', 'true', 'yes', 'y', '1']);
const FALSE = new Set(['f', 'false', 'no', 'n', '0']);

/**
 * A class as the data source prints it: files say `t` and `f` for what PostgreSQL casts to `true` and `false`
 * (operators.md 0.5).
 */
export function classText(value: string, columnType: string): string {
  const text = value.trim();
  if (columnType !== 'boolean') return text;
  if (TRUE.has(text.toLowerCase())) return 'true';
  return FALSE.has(text.toLowerCase()) ? 'false' : text;
}
