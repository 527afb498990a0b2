import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flowXml, rowFilter, storeFlow, tableSource } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { GOLF_FLOW, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const VIEW = `
  CREATE FUNCTION demo.waits(i int) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(CASE WHEN i > 25 THEN 60 ELSE 0 END); RETURN i; END';
  CREATE VIEW demo.slow AS SELECT i, demo.waits(i) AS waited FROM generate_series(1, 26) i;
  GRANT SELECT ON ALL TABLES IN SCHEMA demo TO fermata_demo`;

describe('rows of a source', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
    await query(server.dataUrl, VIEW);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  it('are counted beside what is made of them', async () => {
    const operators = [tableSource('slow'), rowFilter('kept', 'i = 1')];
    await storeFlow(server, GOLF_FLOW, flowXml({ operators, links: [['slow', 'kept']] }));
    const run = await startRun(owner, GOLF_FLOW);
    const { steps } = await until('the end of the filter', async () => {
      const { response } = await owner.get(run);
      const { steps: seen } = response as { steps: { name: string; status: string }[] };
      return seen.some(({ name, status }) => name === 'kept' && status === 'finished')
        ? response
        : null;
    });
    expect(steps).toMatchObject([{ name: 'slow', status: 'running' }, { name: 'kept' }]);
    expect(await observer.query('SELECT i FROM "default".kept')).toEqual([{ i: 1 }]);

    const stopped = await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);

    expect(stopped.response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    expect((await owner.get(run)).response.stop_receipt).toMatchObject({
      outcome: 'stopped',
      operators: { finished: ['kept'], rolled_back: ['slow'], never_started: [] },
    });
  });
});
