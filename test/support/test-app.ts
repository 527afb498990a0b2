import type { AppConfig } from '../../src/config/app-config.js';
import { builtModule } from './built-product.js';
import { TestClient } from './test-client.js';

export interface TestApp {
  readonly url: string;
  /** Where it takes messages; empty when it does not. */
  readonly messages: string;
  /** A client that is not logged in. */
  readonly anonymous: TestClient;
  /** A client with the cookie of a demo login. */
  as(username: string): Promise<TestClient>;
  close(): Promise<void>;
}

/** What a product is started with. */
export interface Product {
  readonly createServer: typeof import('../../src/start-server.js').createServer;
  readonly createLogger: typeof import('../../src/common/observability/logger.js').createLogger;
  readonly startMessages: typeof import('../../src/messages/start-messages.js').startMessages;
}

/** The built product on a listening port; every spec closes it. */
export async function startTestApp(config: AppConfig): Promise<TestApp> {
  const [server, logger, messages] = await Promise.all(
    ['start-server.js', 'common/observability/logger.js', 'messages/start-messages.js'].map(
      (path) => builtModule<Product>(path),
    ),
  );
  return listening(config, { ...server, ...logger, ...messages } as Product);
}

export async function listening(
  config: AppConfig,
  { createServer, createLogger, startMessages }: Product,
): Promise<TestApp> {
  const app = await createServer(config, createLogger(config));
  const messages = await startMessages(app).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const anonymous = new TestClient(url);
  return {
    url,
    messages: messages ?? '',
    anonymous,
    as: (username) => anonymous.login(username),
    close: () => app.close(),
  };
}
