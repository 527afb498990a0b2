import type { FastifyRequest } from 'fastify';

export const SESSION_COOKIE = '_session_id';

export interface Credential {
  readonly source: 'parameter' | 'cookie' | 'header';
  readonly token: string;
}

/** Where the engine's own API is served (engine-api.md 1). */
const ENGINE = '/alpinedatalabs/';

/**
 * The credentials of a request in the order in which they count (chorus-api.md 2.1). A `session_id` parameter is the
 * only one looked at, unless it is empty or the literal `NULL` that clients send when logging in.
 */
export function credentialsOf(request: FastifyRequest): readonly Credential[] {
  if (request.url.startsWith(ENGINE)) return engineCredentials(request);
  const parameter = tokenIn(request.query, 'session_id') ?? tokenIn(request.body, 'session_id');
  if (parameter !== undefined) return [{ source: 'parameter', token: parameter }];
  return headerCredentials(request);
}

/**
 * The engine takes `token`, `x-token` and the cookie in this order; one that opens nothing stands in nobody's way: after
 * a new login clients still send the old `x-token` (engine-api.md 1).
 */
function engineCredentials(request: FastifyRequest): readonly Credential[] {
  const parameter = tokenIn(request.query, 'token') ?? tokenIn(request.query, 'session_id');
  return [
    ...(parameter === undefined ? [] : [{ source: 'parameter' as const, token: parameter }]),
    ...headerCredentials(request).reverse(),
  ];
}

function headerCredentials(request: FastifyRequest): Credential[] {
  const cookie = request.cookies[SESSION_COOKIE];
  const header = request.headers['x-token'];
  return [
    ...(cookie ? [{ source: 'cookie' as const, token: cookie }] : []),
    ...(typeof header === 'string' && header !== ''
      ? [{ source: 'header' as const, token: header }]
      : []),
  ];
}

/** The token under this name in a query, body or message; none when it is empty or the literal `NULL`. */
export function tokenIn(container: unknown, name: string): string | undefined {
  if (typeof container !== 'object' || container === null) return undefined;
  const value = (container as Record<string, unknown>)[name];
  return typeof value === 'string' && value !== '' && value !== 'NULL' ? value : undefined;
}
