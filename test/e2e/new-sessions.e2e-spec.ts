import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DEMO_ROLE, demoRolePassword } from '../../src/demo/demo-warehouse.js';
import { dataSourcesBehind, throughProxy } from '../support/behind-proxy.js';
import { quiet } from '../support/data-sources.js';
import { flowXml, storeFlow, tableSource } from '../support/flows.js';
import { type OddAddress, startBalancer, startPooler } from '../support/odd-addresses.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { aCheckId, anSqlFile, execute, executionOf } from '../support/sql-files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const SESSIONS = `SELECT application_name AS tag FROM pg_stat_activity WHERE application_name ~ '^fermata(-opening|-sql)?:'`;

/** What the proof says holds only for sessions that nobody else has, and where the proof looks. */
describe('a data source that', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let address: OddAddress;

  const addressOf = ({ dataUrl }: TestServer) => {
    const { hostname: host, port } = new URL(dataUrl);
    return { host, port: Number(port) };
  };
  const start = async () => {
    await storeFlow(server, GOLF_FLOW, flowXml({ operators: [tableSource('golfnew')] }));
    await dataSourcesBehind(server, address);
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    await quiet(server);
  };
  const stop = async () => {
    await app.close();
    address.close();
    await server.stop();
  };

  describe('is several servers', () => {
    let other: TestServer;

    beforeAll(async () => {
      server = await startTestServer();
      other = await startTestServer();
      address = await startBalancer(addressOf(server), addressOf(other));
      await start();
    });
    afterAll(async () => {
      await stop();
      await other.stop();
    });

    const left = async () => [
      ...(await query(server.dataUrl, SESSIONS)),
      ...(await query(other.dataUrl, SESSIONS)),
    ];

    it('begins no run, which a stop could look for in vain', async () => {
      const run = await runEnded(owner, await startRun(owner, GOLF_FLOW));
      expect(run).toMatchObject({ status: 'failed', steps: [] });
      expect(run.error.message).toContain('its address leads to several servers');
      expect(await left()).toEqual([]);
    });

    it('begins no SQL', async () => {
      const checkId = aCheckId();
      const answer = await execute(owner, await anSqlFile(server), 'SELECT 1', { checkId });
      expect(answer.status).toBe(422);
      expect(answer.text).toContain('its address leads to several servers');
      expect(await executionOf(server, checkId)).toMatchObject({ outcome: 'never_started' });
      expect(await left()).toEqual([]);
    });
  });

  describe('is behind a pooler', () => {
    let pids: readonly number[];

    beforeAll(async () => {
      server = await startTestServer();
      address = await startPooler(addressOf(server));
      await start();
      pids = await Promise.all([left(), left(), left()]);
    });
    afterAll(stop);

    /** Somebody has a session for a while, and leaves it to the pooler. */
    const left = async (): Promise<number> => {
      const url = Object.assign(new URL(throughProxy(server.dataUrl, address)), {
        username: DEMO_ROLE,
        password: demoRolePassword(TEST_KEY),
      });
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      const { rows } = await client.query<{ pid: number }>(
        'SELECT pg_backend_pid() AS pid FROM pg_sleep(3)',
      );
      await client.end();
      return rows[0]!.pid;
    };
    const living = async () => {
      const seen = 'SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1) ORDER BY pid';
      const rows = await query<{ pid: number }>(server.dataUrl, seen, [pids]);
      return rows.map(({ pid }) => pid);
    };

    it('begins no run in a session that others have had, and leaves it alone', async () => {
      const run = await runEnded(owner, await startRun(owner, GOLF_FLOW));
      expect(run).toMatchObject({ status: 'failed', steps: [] });
      expect(run.error.message).toContain('a connection pooler');
      expect(await living()).toEqual(pids.toSorted((a, b) => a - b));
    });

    it('begins no SQL there', async () => {
      const answer = await execute(owner, await anSqlFile(server), 'SELECT 1');
      expect(answer.status).toBe(422);
      expect(answer.text).toContain('a connection pooler');
      expect(await living()).toEqual(pids.toSorted((a, b) => a - b));
    });
  });
});
