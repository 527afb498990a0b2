import { createLogger } from '../../src/common/observability/logger.js';
import type { AppConfig } from '../../src/config/app-config.js';
import { startMessages } from '../../src/messages/start-messages.js';
import { createServer } from '../../src/start-server.js';
import { listening, type TestApp } from './test-app.js';

/** As `startTestApp`, of the product's sources in the spec's own realm: for specs that get between it and its libraries. */
export function startSourceApp(config: AppConfig): Promise<TestApp> {
  return listening(config, { createServer, createLogger, startMessages });
}
