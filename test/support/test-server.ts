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
  /** The Redis that carries the queue, with `TEST_QUEUE=redis` in the environment of the tests; else PostgreSQL does. */
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

export async function startTestServer(): Promise<TestServer> {
  const cluster = testFolder('server');
  rmSync(cluster, { recursive: true });
  execFileSync('cp', ['-a', process.env['FERMATA_TEST_TEMPLATE'] ?? '', cluster]);
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
  const redis =
    process.env['TEST_QUEUE'] === 'redis' ? await startRedis(testFolder('redis')) : null;
  const environment = (variables: Readonly<Record<string, string>> = {}) => ({
    DATABASE_URL: server.url,
    SECRET_KEY: TEST_KEY,
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
      await server.stop();
      if (left.length > 0) throw new Error(`connections were left open: ${left.join(', ')}`);
    },
  };
}

/** One statement on a connection of its own. */
export async function query<Row extends object = Record<string, unknown>>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'test-query' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row & pg.QueryResultRow>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function leftOver(url: string): Promise<string[]> {
  // A closing connection needs a moment to leave the list; a leaked one stays.
  const deadline = Date.now() + 2000;
  for (;;) {
    const rows = await query<{ name: string }>(
      url,
      `SELECT application_name || ': ' || left(query, 80) AS name FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map(({ name }) => name);
  }
}
