import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { loadConfig } from './src/config/load-config.js';
import { ormOptions } from './src/database/orm-options.js';

/** For the TypeORM command line; the application builds its own connection from the same options. */
export default new DataSource(ormOptions(loadConfig(process.env)));
