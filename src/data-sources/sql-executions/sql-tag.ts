/** The `application_name` of the session of an ad-hoc SQL text: 48 of the 63 bytes PostgreSQL keeps. */
export function sqlTag(executionId: string): string {
  return `fermata-sql:${executionId}`;
}
