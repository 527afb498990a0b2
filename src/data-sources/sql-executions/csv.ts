/** Lines of a CSV file (RFC 4180, LF): NULL is empty, an empty text is `""`. */
export function csvLines(rows: readonly (readonly (string | null)[])[]): string {
  return rows.map((row) => `${row.map(csvValue).join(',')}\n`).join('');
}

function csvValue(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
