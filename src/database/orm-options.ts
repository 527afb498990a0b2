import type { DataSourceOptions } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { entities } from './entities.js';
import { migrations } from './migrations.js';

/** TypeORM's connection to the metadata database, for the application and for its command line. */
export function ormOptions({
  databaseUrl,
  databasePoolSize,
}: Pick<AppConfig, 'databaseUrl' | 'databasePoolSize'>): DataSourceOptions {
  return {
    type: 'postgres',
    url: databaseUrl ?? '',
    applicationName: 'fermata',
    poolSize: databasePoolSize,
    entities,
    migrations,
    synchronize: false,
    // An idle connection that breaks is replaced by the pool; statements under way get their own errors.
    poolErrorHandler: () => undefined,
    extra: { keepAlive: true },
  };
}
