import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { openOrm } from './open-orm.js';
import { ormOptions } from './orm-options.js';

/** The metadata connection of a process; `prepare-database.ts` has migrated it before. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [APP_CONFIG],
      useFactory: (config: AppConfig) => ormOptions(config, config.databaseTimeoutMs),
      dataSourceFactory: (options) => openOrm(options as DataSourceOptions),
    }),
  ],
})
export class DatabaseModule {}
