import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flowXml, operator, storeFlow } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('operators that could all be at work at once', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    observer = await Observer.on(server.dataUrl);
    app = await startTestApp(server.config({ OPERATOR_CONCURRENCY: '2' }));
    owner = await app.as('owner');
    const operators = NAMES.map((name) =>
      operator(name, 'SqlExecute', { sql: 'SELECT pg_sleep(0.5)' }),
    );
    await storeFlow(server, GOLF_FLOW, flowXml({ operators }));
  });
  afterAll(async () => {
    await app.close();
    await observer.close();
    await server.stop();
  });

  it('have no more sessions than OPERATOR_CONCURRENCY, and use them again', async () => {
    const run = await startRun(owner, GOLF_FLOW);
    const ended = runEnded(owner, run);
    const over = new AbortController();
    const end = () => {
      over.abort();
    };
    ended.then(end, end);
    const pids = new Set<number>();
    let most = 0;
    while (!over.signal.aborted) {
      const seen = await observer.tagged();
      for (const { pid } of seen) pids.add(pid);
      const atWork = seen.filter(
        ({ state, query }) => state === 'active' && /pg_sleep/.test(query),
      );
      most = Math.max(most, atWork.length);
    }
    expect((await ended).status).toBe('succeeded');
    expect(most).toBe(2);
    expect(pids.size).toBe(2);
  });
});
