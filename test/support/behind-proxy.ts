import { type Address, TcpProxy } from './tcp-proxy.js';
import { query, type TestServer } from './test-server.js';

/** A proxy in front of whatever a URL leads to. */
export function proxyOf(url: string): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(url);
  return TcpProxy.to({ host, port: Number(port) });
}

/** The same URL, through the proxy. */
export function throughProxy(url: string, { host, port }: Address): string {
  return Object.assign(new URL(url), { hostname: host, port: String(port) }).href;
}

/** Puts the metadata database behind the proxy, for one product: variables of `TestServer.config()`. */
export function metadataBehind(server: TestServer, proxy: Address): { DATABASE_URL: string } {
  return { DATABASE_URL: throughProxy(server.url, proxy) };
}

/**
 * Puts data sources behind the proxy, all of them unless ids are given. Call it before the product connects to them:
 * addresses in use are remembered.
 */
export async function dataSourcesBehind(
  server: Pick<TestServer, 'url'>,
  { host, port }: Address,
  ids: readonly number[] | null = null,
): Promise<void> {
  await query(
    server.url,
    'UPDATE data_sources SET host = $1, port = $2 WHERE $3::int[] IS NULL OR id = ANY ($3)',
    [host, port, ids],
  );
}
