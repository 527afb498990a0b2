import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flowXml, operator, storeFlow, tableSource } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { startProduct, WORKING } from '../support/product-process.js';
import { GOLF_FLOW, runEnded, seenWorking, startRun } from '../support/runs.js';
import { addDatabases } from '../support/second-database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { TEST_KEY } from '../support/test-key.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const PREPARE = `
  CREATE FUNCTION demo.halt() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN pg_sleep(600)::text; END $$;
  CREATE VIEW demo.halting AS
    SELECT i AS id, CASE WHEN i = 150000 THEN demo.halt() ELSE md5(i::text) END AS text FROM generate_series(1, 300000) i;
  GRANT SELECT ON demo.halting TO fermata_demo;
`;

describe('a worker that dies', () => {
  let server: TestServer;
  let api: TestApp;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.dataUrl, PREPARE);
    api = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    observer = await Observer.on(server.dataUrl);
  });
  afterAll(async () => {
    await observer.close();
    await api.close();
    await server.stop();
  });

  it('in the middle of a copy between databases leaves the old table, and no session on either side', async () => {
    const { third } = await addDatabases(server, GOLF_FLOW);
    await query(third, 'CREATE TABLE kept.copied AS SELECT 1 AS id');
    await query(third, 'ALTER TABLE kept.copied OWNER TO fermata_demo');
    const copy = operator('copy', 'CopyToDB', {
      dbConnectionName: 'Elsewhere',
      schemaName: 'kept',
      copyToTableName: 'copied',
    });
    const operators = [tableSource('halting'), copy];
    await storeFlow(server, GOLF_FLOW, flowXml({ operators, links: [['halting', 'copy']] }));
    const owner = await api.as('owner');
    const environment = { DATABASE_URL: server.url, SECRET_KEY: TEST_KEY };
    const worker = await startProduct({ ...WORKING, environment });
    const run = await startRun(owner, GOLF_FLOW);
    await seenWorking(observer, run, /FROM STDIN/);
    await until('rows on their way', async () => {
      const [at] = await observer.query(
        `SELECT tuples_processed::int AS rows FROM pg_stat_progress_copy WHERE datname = 'third'`,
      );
      return Number(at?.['rows'] ?? 0) > 100_000;
    });

    await worker.kill('SIGKILL');

    await until('no session of the run', async () => (await observer.tagged()).length === 0);
    expect(await query(third, 'SELECT * FROM kept.copied')).toEqual([{ id: 1 }]);
    await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
    const ended = await runEnded(owner, run);
    expect(ended.status).not.toBe('succeeded');
    expect(await query(third, 'SELECT * FROM kept.copied')).toEqual([{ id: 1 }]);
  });

  it('in the middle of an export leaves nothing of its file', async () => {
    const operators = [tableSource('halting'), operator('file', 'Export')];
    await storeFlow(server, GOLF_FLOW, flowXml({ operators, links: [['halting', 'file']] }));
    const owner = await api.as('owner');
    const environment = { DATABASE_URL: server.url, SECRET_KEY: TEST_KEY };
    const worker = await startProduct({ ...WORKING, environment });
    const run = await startRun(owner, GOLF_FLOW);
    const parts = () => query(server.url, 'SELECT FROM run_export_parts');
    await until('some of it is stored', async () => (await parts()).length > 0);

    await worker.kill('SIGKILL');

    expect((await owner.get(`${run}/exports`)).response).toEqual([]);
    await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
    expect(await runEnded(owner, run)).toMatchObject({ status: 'stopped' });
    expect(await parts()).toEqual([]);
    expect(await query(server.url, 'SELECT FROM run_exports')).toEqual([]);
    expect(await observer.tagged()).toEqual([]);
  });
});
