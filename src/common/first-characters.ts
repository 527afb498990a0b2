/** The beginning of a text, never ending within a character: half of a surrogate pair is no text to PostgreSQL. */
export function firstCharacters(text: string, count: number): string {
  return [...text.slice(0, 2 * count)].slice(0, count).join('');
}
