import { join } from 'node:path';
import { freePort } from '../../../src/database/embedded/free-port.js';
import { dataSourcesBehind, proxyOf, throughProxy } from '../../support/behind-proxy.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import { TEST_KEY } from '../../support/test-key.js';
import { testFolder } from '../../support/test-server.js';
import type { History } from '../history/history.js';
import { EmbeddedDatabase } from './embedded-database.js';
import { type Database, PostgresServer } from './postgres-server.js';
import { Product } from './product.js';

export interface WorldOptions {
  readonly apis?: number;
  readonly workers?: number;
  /** Default: what TEST_QUEUE says, else PostgreSQL. */
  readonly queue?: 'redis';
  readonly bystanders?: number;
  /** One PostgreSQL, the product's own; its APIs are its workers. */
  readonly embedded?: boolean;
  /** No proxies: for measurements. */
  readonly direct?: boolean;
  /** Pause between two looks of the observer; 2 unless given. */
  readonly watchPauseMs?: number;
  /** Pids that the data source's processes share. */
  readonly dataSourcePids?: number;
  readonly dataSourceSettings?: Readonly<Record<string, string | number>>;
  readonly metadataSettings?: Readonly<Record<string, string | number>>;
  /** Of every process of the product. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly workerEnvironment?: Readonly<Record<string, string>>;
}

export type Network = 'data source' | 'metadata';

/** What a world is made of. */
export interface Parts {
  readonly metadata: Database;
  readonly data: Database;
  readonly networks: Readonly<Record<Network, TcpProxy>>;
  readonly redis: TestRedis | null;
  readonly apis: readonly Product[];
  readonly workers: readonly Product[];
}

/** Servers run when it returns, processes of the product not yet. */
export async function startParts(
  options: WorldOptions,
  history: History,
  logs: string,
): Promise<Parts> {
  const { apis = 1, workers = 1, embedded = false, direct = false } = options;
  const own = embedded ? await EmbeddedDatabase.start() : null;
  const { metadata, data } =
    own === null ? await startServers(options, logs) : { metadata: own, data: own };
  const networks = {
    'data source': await proxyOf(data.url('default')),
    metadata: await proxyOf(metadata.url('fermata')),
  };
  const isRedis = options.queue === 'redis' || process.env['TEST_QUEUE'] === 'redis';
  const redis = isRedis ? await startRedis(testFolder('redis')) : null;
  await dataSourcesBehind(
    { url: metadata.url('fermata') },
    direct ? { host: '127.0.0.1', port: data.port } : networks['data source'],
  );
  const url = metadata.url('fermata');
  const common = {
    ...(own === null
      ? { DATABASE_URL: direct ? url : throughProxy(url, networks.metadata) }
      : // The demo world is there, and would be pointed at the server itself.
        { DATA_DIR: own.folder, DEMO_DATA: 'false' }),
    SECRET_KEY: TEST_KEY,
    SHUTDOWN_GRACE_MS: '500',
    ...(redis !== null && { QUEUE_URL: redis.url }),
    ...options.environment,
  };
  const product = async (kind: 'api' | 'worker', i: number) => {
    const name = `${kind}-${i + 1}`;
    const alone = embedded ? {} : { WORKER_CONCURRENCY: '0' };
    const more =
      kind === 'api' ? { PORT: `${await freePort(0)}`, ...alone } : options.workerEnvironment;
    const environment = { ...common, ...more };
    return new Product({ name, kind, environment, logFile: join(logs, `${name}.log`) }, history);
  };
  const several = (kind: 'api' | 'worker', count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => product(kind, i)));
  return {
    ...{ metadata, data, networks, redis },
    apis: await several('api', apis),
    workers: await several('worker', workers),
  };
}

async function startServers(
  { metadataSettings = {}, dataSourceSettings, dataSourcePids }: WorldOptions,
  logs: string,
): Promise<Pick<Parts, 'metadata' | 'data'>> {
  const [metadata, data] = await Promise.all([
    PostgresServer.start({
      name: 'metadata',
      logFile: join(logs, 'metadata.log'),
      settings: metadataSettings,
    }),
    PostgresServer.start({
      name: 'data',
      logFile: join(logs, 'data.log'),
      // When each operator took effect, by the server's own books.
      settings: { track_commit_timestamp: 'on', ...dataSourceSettings },
      ...(dataSourcePids !== undefined && { pids: dataSourcePids }),
    }),
  ]);
  return { metadata, data };
}
