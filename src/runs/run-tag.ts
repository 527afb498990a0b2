/** The `application_name` of every session of a run (architecture.md D6): 44 of the 63 bytes PostgreSQL keeps. */
export function runTag(runId: string): string {
  return `fermata:${runId}`;
}
