import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { createLogger } from './common/observability/logger.js';
import { NestLogger } from './common/observability/nest-logger.js';
import type { AppConfig } from './config/app-config.js';
import { configureApp, createAdapter } from './configure-app.js';
import { prepareDatabase } from './prepare-database.js';

export interface RunningServer {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** With the database address and key that were found or made. */
  readonly config: AppConfig;
  /** Stops taking requests, ends what runs here, and the embedded server when nobody else uses it. */
  close(): Promise<void>;
}

/** The whole product in this process: database, HTTP API, worker. */
export async function startServer(settings: AppConfig): Promise<RunningServer> {
  const logger = createLogger(settings);
  const database = await prepareDatabase(settings, logger);
  const { config } = database;
  try {
    const app = await createServer(config, logger);
    try {
      await app.listen(config.port, config.host);
    } catch (error) {
      await app.close();
      throw error;
    }
    return {
      url: await app.getUrl(),
      config,
      close: async () => {
        await app.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** HTTP API and worker on a prepared database; not listening yet. */
export async function createServer(
  config: AppConfig,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(config),
    createAdapter(config, logger),
    { logger: new NestLogger(logger), abortOnError: false, bodyParser: false },
  );
  await configureApp(app, config);
  return app;
}
