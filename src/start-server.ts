import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { createLogger } from './common/observability/logger.js';
import { NestLogger } from './common/observability/nest-logger.js';
import type { AppConfig } from './config/app-config.js';
import { configureApp, createAdapter } from './configure-app.js';
import { connectMessages, startMessages } from './messages/start-messages.js';
import { prepareDatabase } from './prepare-database.js';

export interface RunningServer {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where it takes messages, e.g. `tcp://127.0.0.1:8090`; null when it does not. */
  readonly messages: string | null;
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
    let messages: string | null;
    try {
      messages = await startMessages(app);
      await app.listen(config.port, config.host);
    } catch (error) {
      await app.close();
      throw error;
    }
    return {
      url: await app.getUrl(),
      messages,
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

/** HTTP API, messages and worker on a prepared database; not listening yet. */
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
  connectMessages(app);
  return app;
}
