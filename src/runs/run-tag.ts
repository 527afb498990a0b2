/** The `application_name` of every admitted session of a run (architecture.md D6): 44 of the 63 bytes PostgreSQL keeps. */
export function runTag(runId: string): string {
  return `fermata:${runId}`;
}

/**
 * Its name while it is being opened, before its handle is on record: it is none of the run's sessions yet, and never becomes
 * one when the run is stopped or taken over meanwhile. Only so can no session of a run appear behind its end, whatever a
 * process that stood still goes on with.
 */
export function openingTag(runId: string): string {
  return `fermata-opening:${runId}`;
}
