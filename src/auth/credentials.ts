import type { FastifyRequest } from 'fastify';

export const SESSION_COOKIE = '_session_id';

export interface Credential {
  readonly source: 'parameter' | 'cookie' | 'header';
  readonly token: string;
}

/**
 * The credentials of a request in the order in which they count (chorus-api.md 2.1). A `session_id` parameter is the
 * only one looked at, unless it is empty or the literal `NULL` that clients send when logging in.
 */
export function credentialsOf(request: FastifyRequest): readonly Credential[] {
  const parameter = field(request.query) ?? field(request.body);
  if (parameter !== undefined) return [{ source: 'parameter', token: parameter }];
  const cookie = request.cookies[SESSION_COOKIE];
  const header = request.headers['x-token'];
  return [
    ...(cookie ? [{ source: 'cookie' as const, token: cookie }] : []),
    ...(typeof header === 'string' && header !== ''
      ? [{ source: 'header' as const, token: header }]
      : []),
  ];
}

function field(container: unknown): string | undefined {
  if (typeof container !== 'object' || container === null) return undefined;
  const value = (container as Record<string, unknown>)['session_id'];
  return typeof value === 'string' && value !== '' && value !== 'NULL' ? value : undefined;
}
