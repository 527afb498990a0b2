/** Label and name of a time zone: `["(GMT-10:00) Pacific/Honolulu", "Pacific/Honolulu"]`. */
export type TimeZone = readonly [label: string, name: string];

let known: readonly TimeZone[] | undefined;

/** Every zone that this runtime knows, by its offset in winter, then name. */
export function timeZones(): readonly TimeZone[] {
  known ??= ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')]
    .map((name) => ({ name, minutes: standardOffset(name) }))
    .sort((a, b) => a.minutes - b.minutes || (a.name < b.name ? -1 : 1))
    .map(({ name, minutes }) => [`(GMT${offsetText(minutes)}) ${name}`, name]);
  return known;
}

/** Minutes east of Greenwich; summer time is ahead of it on either half of the globe. */
function standardOffset(timeZone: string): number {
  const year = new Date().getUTCFullYear();
  return Math.min(...[0, 6].map((month) => offsetAt(timeZone, new Date(Date.UTC(year, month, 1)))));
}

function offsetAt(timeZone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const text = parts.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(text) ?? [];
  const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  return sign === '-' ? -size : size;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
