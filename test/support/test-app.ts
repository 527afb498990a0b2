import type { AppConfig } from '../../src/config/app-config.js';
import { createLogger } from '../../src/common/observability/logger.js';
import { createServer } from '../../src/start-server.js';
import { TestClient } from './test-client.js';

export interface TestApp {
  readonly url: string;
  /** A client that is not logged in. */
  readonly anonymous: TestClient;
  /** A client with the cookie of a demo login. */
  as(username: string): Promise<TestClient>;
  close(): Promise<void>;
}

/** The product itself on a listening port; every spec closes it. */
export async function startTestApp(config: AppConfig): Promise<TestApp> {
  const app = await createServer(config, createLogger(config));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const anonymous = new TestClient(url);
  return {
    url,
    anonymous,
    as: (username) => anonymous.login(username),
    close: () => app.close(),
  };
}
