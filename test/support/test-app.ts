import type { AppConfig } from '../../src/config/app-config.js';
import { createLogger } from '../../src/common/observability/logger.js';
import { startMessages } from '../../src/messages/start-messages.js';
import { createServer } from '../../src/start-server.js';
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

/** The product itself on a listening port; every spec closes it. */
export async function startTestApp(config: AppConfig): Promise<TestApp> {
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
