import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import 'reflect-metadata';
import { AppModule } from '../../src/app.module.js';
import { createLogger } from '../../src/common/observability/logger.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createAdapter, setRoutePrefix } from '../../src/configure-app.js';
import { openApiDocument } from '../../src/openapi/openapi-document.js';

/** The document of the routes as they are in the source, without a database: nothing is instantiated. */
export async function plannedDocument(): Promise<OpenAPIObject> {
  const config = loadConfig({ LOG_LEVEL: 'silent' });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(config),
    createAdapter(config, createLogger(config)),
    { preview: true, abortOnError: false, logger: false },
  );
  setRoutePrefix(app);
  return openApiDocument(app);
}

/** As it is committed. */
export function committedForm(document: OpenAPIObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
