import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createLogger } from '../../src/common/observability/logger.js';
import { prepareDatabase } from '../../src/prepare-database.js';
import { ALPINE_FLOW } from '../support/runs.js';
import { startTestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

describe('the demo world', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.stop();
  });

  const columns = async (table: string) => {
    const rows = await query(
      server.dataUrl,
      `SELECT attname || ' ' || format_type(atttypid, atttypmod) AS name FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`,
      [table],
    );
    return rows.map(({ name }) => name);
  };
  const checksum = (table: string) =>
    query(
      server.dataUrl,
      `SELECT count(*)::int AS n, md5(string_agg(t::text, ',' ORDER BY t::text)) AS md5 FROM ${table} t`,
    );

  it('has the documented tables, the same on every installation', async () => {
    expect(await columns('demo.credit')).toEqual([
      'id bigint',
      'times90dayslate integer',
      'revolving_util numeric',
      'debt_ratio numeric',
      'credit_lines integer',
      'monthly_income numeric',
      'times30dayslate_2years integer',
      'srsdlqncy integer',
    ]);
    expect(await columns('demo.demographics')).toEqual([
      'id bigint',
      'name text',
      'age bigint',
      'num_dep integer',
      'edu integer',
    ]);
    const golf = await columns('demo.golfnew');
    expect(golf.map((column) => String(column).split(' ')[0])).toEqual([
      'outlook',
      'temperature',
      'humidity',
      'wind',
      'play',
    ]);
    expect(await checksum('demo.credit')).toEqual([
      { n: 60_000, md5: '97e25ce0ff611c0819b2ab319617e1d8' },
    ]);
    expect(await checksum('demo.demographics')).toEqual([
      { n: 60_000, md5: 'bb58d2aaa101040204ede2c070ed648a' },
    ]);
    expect(await checksum('demo.golfnew')).toEqual([
      { n: 14, md5: '6c43c89b4ef0fc80da2649cb749d1787' },
    ]);
  });

  it('knows datasets that are really there', async () => {
    const known = await query(
      server.url,
      `SELECT s.name AS schema, d.name AS table FROM datasets d JOIN schemas s ON s.id = d.schema_id
       WHERE d.kind IN ('table', 'view')`,
    );
    expect(known).toHaveLength(7);
    for (const { schema, table } of known)
      expect(
        await query(server.dataUrl, 'SELECT to_regclass($1) IS NOT NULL AS found', [
          `"${String(schema)}"."${String(table)}"`,
        ]),
      ).toEqual([{ found: true }]);
  });

  it('is reached by a role that is no superuser, with a password stored encrypted', async () => {
    const [role] = await query(
      server.url,
      `SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'fermata_demo'`,
    );
    expect(role).toEqual({ rolsuper: false, rolcreatedb: false, rolcreaterole: false });
    const accounts = await query(
      server.url,
      'SELECT db_password_encrypted AS secret FROM data_source_accounts',
    );
    for (const { secret } of accounts) expect(secret).toMatch(/^v1:/);
  });

  it('has passwords hashed with Argon2id', async () => {
    const users = await query(server.url, 'SELECT password_hash AS hash FROM users');
    expect(users).toHaveLength(4);
    for (const { hash } of users) expect(hash).toMatch(/^\$argon2id\$/);
  });

  it('is loaded once, and only when asked for', async () => {
    const count = () =>
      query(
        server.url,
        'SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM workfiles) AS n',
      );
    const before = await count();
    await query(server.url, `UPDATE users SET first_name = 'Changed' WHERE id = 1000006`);
    const config = server.config({ DEMO_DATA: 'true' });
    await (await prepareDatabase(config, createLogger(config))).close();
    expect(await count()).toEqual(before);
    expect(await query(server.url, `SELECT first_name FROM users WHERE id = 1000006`)).toEqual([
      { first_name: 'Changed' },
    ]);

    await query(server.url, 'CREATE DATABASE plain_test');
    const plain = { ...server.config(), databaseUrl: server.url.replace(/fermata$/, 'plain_test') };
    await (await prepareDatabase(plain, createLogger(plain))).close();
    const left = `SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM workspace_stages) AS stages`;
    expect(await query(plain.databaseUrl, left)).toEqual([{ users: 0, stages: 5 }]);

    // Demo data on an installation that has been in use: its first stage takes the documented id.
    await query(
      plain.databaseUrl,
      `INSERT INTO users (username, first_name, last_name, email) VALUES ('early', 'E', 'E', 'e@example.com')`,
    );
    await query(
      plain.databaseUrl,
      `INSERT INTO workspaces (name, owner_id, workspace_stage_id) SELECT 'Early', u.id, s.id FROM users u, workspace_stages s WHERE s.position = 0`,
    );
    const demo = { ...plain, demoData: true };
    await (await prepareDatabase(demo, createLogger(demo))).close();
    expect(await query(plain.databaseUrl, left)).toEqual([{ users: 5, stages: 5 }]);
    expect(
      await query(
        plain.databaseUrl,
        `SELECT workspace_stage_id AS id FROM workspaces WHERE name = 'Early'`,
      ),
    ).toEqual([{ id: 1_000_000 }]);
    // New rows go on after the documented ids.
    const [made] = await query<{ id: number }>(
      plain.databaseUrl,
      `INSERT INTO users (username, first_name, last_name, email) VALUES ('late', 'L', 'L', 'l@example.com') RETURNING id`,
    );
    expect(made!.id).toBeGreaterThan(1_000_008);
  });

  it('is shown without asking its data source', async () => {
    // Nothing listens there: whoever asked would fail.
    await query(server.url, `UPDATE data_sources SET host = '127.0.0.1', port = 1`);
    const app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    const owner = await app.as('owner');
    const { response } = await owner.get(`/api/workfiles/${ALPINE_FLOW}`);
    expect(response.workspace.datasets_count).toBe(11);
    expect(response.execution_locations[0].data_source).toMatchObject({
      version: '9.1.2 - FactoryVersion',
      state: 'online',
    });
    expect((await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`)).status).toBe(202);
    await app.close();
  });

  it('is not opened to the network with its known password by mistake', async () => {
    const start = async (variables: Record<string, string>) => {
      const config = server.config({ HOST: '0.0.0.0', ...variables });
      const lines: string[] = [];
      const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
      await (await prepareDatabase(config, logger)).close();
      return lines.join('');
    };
    await expect(start({ DEMO_DATA: 'false' })).rejects.toThrow(
      /HOST.*chorusadmin, owner, member, outsider.*DEMO_PASSWORD/s,
    );
    // Whoever wants it has it, and is told.
    expect(await start({ DEMO_DATA: 'true' })).toMatch(
      /chorusadmin.*known password.*DEMO_PASSWORD/,
    );
    for (const HOST of ['127.0.0.1', 'localhost', '::1'])
      expect(await start({ HOST, DEMO_DATA: 'false' })).toBe('');
    expect(await start({ DEMO_PASSWORD: 'other', DEMO_DATA: 'false' })).toBe('');
    expect(await start({ DEMO_DATA: 'false' })).toBe('');
  });
});
