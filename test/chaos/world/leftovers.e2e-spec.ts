import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { demoDataUrl } from '../../../src/demo/demo-warehouse.js';
import { GOLF_FLOW, runEnded, startRun } from '../../support/runs.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { TEST_KEY } from '../../support/test-key.js';
import { query, startTestServer, type TestServer } from '../../support/test-server.js';
import { type Left, leftovers } from './leftovers.js';

describe('what is left behind a run', () => {
  let server: TestServer;
  let app: TestApp;
  let run: string;
  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    const owner = await app.as('owner');
    const path = await startRun(owner, GOLF_FLOW);
    expect((await runEnded(owner, path)).status).toBe('succeeded');
    run = path.split('/').at(-1) ?? '';
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const look = async (innocent: readonly number[] = []): Promise<string[]> => {
    const found = await leftovers([run], {
      data: (sql, values) => query<Left>(server.dataUrl, sql, values),
      metadata: (sql, values) => query<Left>(server.url, sql, values),
      innocent: () => innocent,
    });
    return found.map(({ what, detail }) => `${what}: ${detail}`);
  };

  it('is nothing', async () => {
    expect(await look()).toEqual([]);
  });

  it.each([
    [
      'an open transaction',
      'BEGIN',
      /^an open transaction: fermata-control \d+ idle in transaction$/,
    ],
    [
      'a lock',
      'BEGIN; TABLE demo.golfnew',
      /^a lock: fermata-control \d+ AccessShareLock demo.golfnew$/,
    ],
  ])('is seen when it is %s of any of its sessions', async (_what, statement, told) => {
    const databaseUrl = server.url;
    const client = new pg.Client({
      connectionString: demoDataUrl({ databaseUrl, secretKey: TEST_KEY }),
      application_name: 'fermata-control',
    });
    await client.connect();
    try {
      await client.query(statement);
      const pid = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0];
      expect(await look()).toContainEqual(expect.stringMatching(told));
      expect(await look([pid?.pid ?? 0])).toEqual([]);
    } finally {
      await client.end();
    }
  });

  it.each([
    ['an operator', `UPDATE run_steps SET status = $1 WHERE run_id = $2`, ['running', 'finished']],
    ['a session', `UPDATE run_sessions SET closed_at = $1 WHERE run_id = $2`, [null, new Date()]],
  ])('is seen when %s is on record as not over', async (what, update, [open, over]) => {
    await query(server.url, update, [open, run]);
    expect(await look()).toContainEqual(
      expect.stringMatching(`^${what} on record as .* of ${run}`),
    );
    await query(server.url, update, [over, run]);
    expect(await look()).toEqual([]);
  });
});
