import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flowXml, storeFlow, tableSource, variable } from '../support/flows.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const PARTNER = 'https://notebooks.example';
const OLD = '00000000-0000-4000-8000-00000000000a';
const YOUNG = '00000000-0000-4000-8000-00000000000b';

/** Settings that nothing else is tested with: each does what `.env.example` says of it. */
describe('the setting', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    await query(
      server.url,
      `INSERT INTO sql_executions (id, check_id, user_id, dataset_id, database_id, account_id, process_id, lease_until,
         ended_at, outcome)
       SELECT old.id, 'old', a.owner_id, 1000011, 1000001, a.id, 'old', now(), now() - days * interval '1 day', 'committed'
       FROM (SELECT * FROM data_source_accounts ORDER BY id LIMIT 1) a,
         (VALUES ($1::uuid, 2.5), ($2::uuid, 1.5)) AS old (id, days)`,
      [OLD, YOUNG],
    );
    app = await startTestApp(
      server.config({
        COOKIE_SECURE: 'true',
        ALLOWED_ORIGINS: `https://elsewhere.example,${PARTNER}`,
        SESSION_TIMEOUT_MINUTES: '30',
        STATEMENT_TIMEOUT_MS: '77000',
        TEMP_FILE_LIMIT: '123MB',
        SQL_HISTORY_DAYS: '2',
      }),
    );
    owner = await app.as('owner');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it('COOKIE_SECURE keeps the session cookie from plain HTTP', async () => {
    const login = { username: 'owner', password: 'secret' };
    const [cookie] = (await app.anonymous.post('/api/sessions', login)).headers.getSetCookie();
    expect(cookie?.split('; ')).toContain('Secure');
  });

  it('ALLOWED_ORIGINS lets pages of these origins write with the cookie, and no others', async () => {
    const stop = async (origin: string) =>
      (await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`, {}, { headers: { origin } })).status;
    expect(await stop(PARTNER)).toBe(202);
    expect(await stop('https://elsewhere.example')).toBe(202);
    expect(await stop('http://notebooks.example')).toBe(403);
    expect(await stop(`${PARTNER}.evil.example`)).toBe(403);
  });

  it('SESSION_TIMEOUT_MINUTES ends a session that nobody uses', async () => {
    const idle = (seconds: number) =>
      query(server.url, `UPDATE sessions SET updated_at = now() - $1 * interval '1 second'`, [
        seconds,
      ]);
    const other = await app.as('member');
    await idle(30 * 60 - 30);
    expect((await other.get('/api/sessions')).status).toBe(200);
    await idle(30 * 60 + 1);
    expect((await other.get('/api/sessions')).status).toBe(401);
    owner = await app.as('owner');
  });

  it('STATEMENT_TIMEOUT_MS and TEMP_FILE_LIMIT bound the sessions of runs', async () => {
    // Only a superuser may set the second.
    await query(server.dataUrl, 'ALTER ROLE fermata_demo SUPERUSER');
    const shown = (name: string) => ['TEXT', `current_setting('${name}')`] as const;
    const settings = {
      statement_timeout: shown('statement_timeout'),
      temp_file_limit: shown('temp_file_limit'),
    };
    const operators = [
      tableSource('golfnew'),
      variable('bounds', 'play', settings, { outputTable: 'bounds' }),
    ];
    await storeFlow(server, GOLF_FLOW, flowXml({ operators, links: [['golfnew', 'bounds']] }));
    expect((await runEnded(owner, await startRun(owner, GOLF_FLOW))).status).toBe('succeeded');
    const rows = await query(
      server.dataUrl,
      'SELECT DISTINCT statement_timeout, temp_file_limit FROM "default".bounds',
    );
    expect(rows).toEqual([{ statement_timeout: '77s', temp_file_limit: '123MB' }]);
  });

  it('SQL_HISTORY_DAYS forgets executions that ended before', async () => {
    const kept = () =>
      query(server.url, 'SELECT id FROM sql_executions WHERE id = ANY ($1)', [[OLD, YOUNG]]);
    await until('the old one is forgotten', async () => (await kept()).length < 2);
    expect(await kept()).toEqual([{ id: YOUNG }]);
  });
});
