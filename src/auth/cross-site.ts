import type { FastifyRequest } from 'fastify';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * True for a write that another site's page sent with our cookie (architecture.md D11). Browsers say so in
 * `Sec-Fetch-Site` or `Origin`; requests without either come from programs and pass, as documented clients must.
 */
export function isCrossSiteWrite(
  { method, headers, host }: Pick<FastifyRequest, 'method' | 'headers' | 'host'>,
  allowedOrigins: readonly string[],
): boolean {
  if (SAFE_METHODS.includes(method)) return false;
  const { origin } = headers;
  if (origin !== undefined) return !allowedOrigins.includes(origin) && hostOf(origin) !== host;
  const site = headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
