import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { StartupError } from './common/errors/startup-error.js';
import { createLogger } from './common/observability/logger.js';
import { NestLogger } from './common/observability/nest-logger.js';
import { loadConfig } from './config/load-config.js';
import { prepareDatabase } from './prepare-database.js';
import { runUntilSignalled } from './run-until-signalled.js';
import { WorkerAppModule } from './worker-app.module.js';

await runUntilSignalled(async () => {
  const settings = loadConfig(process.env);
  if (settings.workerConcurrency === 0)
    throw new StartupError('WORKER_CONCURRENCY is 0: a worker alone would have nothing to do');
  const logger = createLogger(settings);
  const database = await prepareDatabase(settings, logger);
  const app = await NestFactory.createApplicationContext(WorkerAppModule.of(database.config), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  await app.init();
  return {
    close: async () => {
      await app.close();
      await database.close();
    },
  };
});
