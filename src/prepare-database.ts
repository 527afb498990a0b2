import type { Logger } from 'pino';
import { DataSource as OrmDataSource } from 'typeorm';
import type { AppConfig } from './config/app-config.js';
import { migrate } from './database/migrate.js';
import { type MetadataDatabase, openMetadataDatabase } from './database/metadata-database.js';
import { ormOptions } from './database/orm-options.js';
import { guardDemoLogins } from './demo/demo-passwords.js';
import { loadDemoWorld, pointDemoAt } from './demo/demo-world.js';
import { seedReferenceData } from './database/reference-data.js';

/**
 * A migrated metadata database, with the demo world when the configuration wants it.
 * @throws StartupError also when demo logins would be open to the network against its wish
 */
export async function prepareDatabase(
  settings: AppConfig,
  logger: Logger,
): Promise<MetadataDatabase> {
  const database = await openMetadataDatabase(settings, logger);
  const { config } = database;
  const orm = new OrmDataSource(ormOptions(config));
  try {
    await orm.initialize();
    await migrate(orm);
    if (config.demoData) await prepareDemo(orm, database, logger);
    await guardDemoLogins(orm, config, logger);
    await seedReferenceData(orm);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  } finally {
    if (orm.isInitialized) await orm.destroy();
  }
}

async function prepareDemo(
  orm: OrmDataSource,
  { config, embedded }: MetadataDatabase,
  logger: Logger,
): Promise<void> {
  const adminUrl = config.databaseUrl ?? '';
  const { hostname: host, port } = new URL(adminUrl);
  const server = { host, port: Number(port || 5432), adminUrl };
  const state = await loadDemoWorld({ orm, config, server, today: new Date() });
  if (state === 'loaded') logger.info('demo world loaded');
  // The embedded server may have come up on another port than last time.
  if (embedded) await pointDemoAt(orm, server);
}
