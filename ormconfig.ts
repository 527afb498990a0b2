import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { StartupError } from './src/common/errors/startup-error.js';
import { loadConfig } from './src/config/load-config.js';
import { ormOptions } from './src/database/orm-options.js';

const config = loadConfig(process.env);
// The driver would take whatever PGHOST names, or the server at the usual port, and migrate that.
if (config.databaseUrl === null)
  throw new StartupError('DATABASE_URL must be set: which database is meant is never guessed');

/** For the TypeORM command line; the application builds its own connection from the same options. */
export default new DataSource(ormOptions(config));
