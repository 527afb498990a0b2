/** `2019-04-03T22:09:24Z`: ISO 8601, UTC, no fraction (chorus-api.md 1.4). */
export function wireTime(time: Date): string;
export function wireTime(time: Date | null): string | null;
export function wireTime(time: Date | null): string | null {
  return time === null ? null : `${time.toISOString().slice(0, 19)}Z`;
}

/** A soft-deleted record prints `true`, a live one `null`, never `false` (chorus-api.md 1.4). */
export function wireDeleted(deletedAt: Date | null): true | null {
  return deletedAt === null ? null : true;
}
