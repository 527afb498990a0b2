import pg from 'pg';
import type { Logger } from 'pino';
import { StartupError } from '../common/errors/startup-error.js';
import type { AppConfig } from '../config/app-config.js';
import { DataDir } from './data-dir.js';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
import { Supervisor } from './embedded/supervisor.js';

const OLDEST_VERSION = 140_000;

export interface MetadataDatabase {
  /** The given configuration with `databaseUrl` and `secretKey` set. */
  readonly config: AppConfig;
  readonly embedded: boolean;
  /** Stops an embedded server when nobody else uses it. Close every connection of one's own before. */
  close(): Promise<void>;
}

/** The configured PostgreSQL, or an embedded one. @throws Error when it cannot be reached or is too old */
export async function openMetadataDatabase(
  config: AppConfig,
  logger: Logger,
): Promise<MetadataDatabase> {
  if (config.databaseUrl === null) return openEmbedded(config, logger);
  await checkServer(config.databaseUrl);
  return { config, embedded: false, close: () => Promise.resolve() };
}

async function openEmbedded(config: AppConfig, logger: Logger): Promise<MetadataDatabase> {
  const dir = new DataDir(config.dataDir);
  const { cluster, publishedPort } = dir;
  const server = await startEmbeddedPostgres({
    ...{ cluster, database: 'fermata' },
    // Processes that share it find it again there, if it died while this one was not running.
    ...(publishedPort !== null && { preferredPort: publishedPort }),
  });
  dir.publishUrl(server.url);
  const supervisor = new Supervisor(server, logger);
  return {
    config: {
      ...config,
      databaseUrl: server.url,
      secretKey: config.secretKey ?? dir.secretKey(),
    },
    embedded: true,
    close: async () => {
      await supervisor.stop();
      if (await server.stop()) dir.withdrawUrl();
    },
  };
}

async function checkServer(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; encoding: string }>(
      `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding`,
    );
    const [server] = rows;
    if (server === undefined || server.version < OLDEST_VERSION)
      throw new Error('it is older than PostgreSQL 14');
    if (server.encoding !== 'UTF8') throw new Error(`its encoding is ${server.encoding}, not UTF8`);
  } catch (error) {
    // The address holds a password: it is not repeated here.
    throw new StartupError(`DATABASE_URL cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
