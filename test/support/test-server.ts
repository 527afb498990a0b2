import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { AppConfig } from '../../src/config/app-config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { startRedis, type TestRedis } from './redis-server.js';
import { TEST_KEY } from './test-key.js';

/** A PostgreSQL of one spec file alone: metadata and data source, with the demo world. */
export interface TestServer {
  /** Superuser connection to the metadata. */
  readonly url: string;
  /** Superuser connection to the data source's database. */
  readonly dataUrl: string;
  /** The Redis that carries the queue; null when PostgreSQL does. */
  readonly redis: TestRedis | null;
  /** Environment of a product on this server: the variables of `.env.example` that lead to it, and the given ones. */
  environment(variables?: Readonly<Record<string, string>>): Record<string, string>;
  /** The same as a configuration, for a product in the test's own process. */
  config(variables?: Readonly<Record<string, string>>): AppConfig;
  /** Stops the server. @throws Error naming connections that the spec left open */
  stop(): Promise<void>;
}

/** A new folder that PostgreSQL can reach, removed after the test run. */
export function testFolder(name: string): string {
  const folder = mkdtempSync(join(process.env['FERMATA_TEST_RUN'] ?? '', `${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}

/** A copy of the template: a cluster with the demo world, for which `SECRET_KEY` is `TEST_KEY`. */
export function copyCluster(cluster: string): void {
  execFileSync('cp', ['-a', process.env['FERMATA_TEST_TEMPLATE'] ?? '', cluster]);
}

/** Where several specs share two processors, two seconds are soon over; whoever is about these limits sets them. */
export const PATIENT = { STOP_TERMINATE_AFTER_MS: '10000', STOP_REPLY_TIMEOUT_MS: '15000' };

/** @param queue what carries it; PostgreSQL, unless the environment of the tests says `TEST_QUEUE=redis` */
export async function startTestServer(
  queue = process.env['TEST_QUEUE'] ?? 'postgresql',
): Promise<TestServer> {
  const cluster = testFolder('server');
  rmSync(cluster, { recursive: true });
  copyCluster(cluster);
  const server = await startEmbeddedPostgres({
    cluster,
    database: 'fermata',
    preferredPort: 0,
    // A test database need not survive a power cut.
    settings: { fsync: 'off', max_connections: 60 },
  });
  const { port } = new URL(server.url);
  await query(server.url, 'UPDATE data_sources SET host = $1, port = $2', ['127.0.0.1', port]);
  const dataUrl = server.url.replace(/fermata$/, 'default');
  const redis = queue === 'redis' ? await startRedis(testFolder('redis')) : null;
  const environment = (variables: Readonly<Record<string, string>> = {}) => ({
    DATABASE_URL: server.url,
    SECRET_KEY: TEST_KEY,
    ...PATIENT,
    ...(redis !== null && { QUEUE_URL: redis.url }),
    ...variables,
  });
  return {
    url: server.url,
    dataUrl,
    redis,
    environment,
    config: (variables = {}) =>
      loadConfig({
        PORT: '0',
        LOG_LEVEL: 'silent',
        SHUTDOWN_GRACE_MS: '0',
        ...environment(variables),
      }),
    stop: async () => {
      await redis?.kill();
      const left = await leftOver(server.url);
      await closePools(port);
      await server.stop();
      if (left.length > 0) throw new Error(`connections were left open: ${left.join(', ')}`);
    },
  };
}

// Opening a connection takes longer than most of what tests ask. What is idle is soon closed, for a spec may count sessions.
const pools = new Map<string, pg.Pool>();
const QUERY_POOL = { application_name: 'test-query', max: 20, idleTimeoutMillis: 500 };

/** One statement on a connection that nobody else uses meanwhile. */
export async function query<Row extends object = Record<string, unknown>>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const pool = pools.get(url) ?? new pg.Pool({ connectionString: url, ...QUERY_POOL });
  if (!pools.has(url)) {
    pools.set(url, pool);
    // A server that a test kills takes idle connections with it.
    pool.on('error', () => undefined);
  }
  const client = await pool.connect();
  let failed = true;
  const ignore = () => undefined;
  client.on('error', ignore);
  try {
    const { rows } = await client.query<Row & pg.QueryResultRow>(text, values);
    failed = false;
    return rows;
  } finally {
    client.off('error', ignore);
    client.release(failed);
  }
}

/** Those of `query` to a server. */
async function closePools(port: string): Promise<void> {
  for (const [url, pool] of pools)
    if (new URL(url).port === port) {
      pools.delete(url);
      await pool.end();
    }
}

async function leftOver(url: string): Promise<string[]> {
  // A closing connection needs a moment to leave the list; a leaked one stays.
  const deadline = Date.now() + 2000;
  for (;;) {
    const rows = await query<{ name: string }>(
      url,
      `SELECT application_name || ': ' || left(query, 80) AS name FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND application_name <> '${QUERY_POOL.application_name}'`,
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map(({ name }) => name);
  }
}
