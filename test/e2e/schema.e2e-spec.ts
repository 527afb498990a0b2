import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DataSource as OrmDataSource } from 'typeorm';
import { entities } from '../../src/database/entities.js';
import { migrations } from '../../src/database/migrations.js';
import { migrate } from '../../src/database/migrate.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { canMove, RUN_STATUSES, type RunStatus } from '../../src/runs/run-status.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import '../support/quiet.js';

const SOURCES = join(import.meta.dirname, '../../src');

// Schemas are marked as deleted and never go, so nothing is ever looked up by these.
const UNINDEXED = ['workfiles_execution_schema_id_fkey', 'workspaces_sandbox_id_fkey'];

describe('schema', () => {
  let server: TestServer;
  let orm: OrmDataSource;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.url, 'CREATE DATABASE blank_test');
    const databaseUrl = server.url.replace(/fermata$/, 'blank_test');
    orm = new OrmDataSource(ormOptions({ databaseUrl, databasePoolSize: 5 }));
    await orm.initialize();
    await migrate(orm);
  });
  afterAll(async () => {
    await orm.destroy();
    await server.stop();
  });

  it('is what the entities say', async () => {
    const { upQueries } = await orm.driver.createSchemaBuilder().log();
    expect(upQueries.map((one) => one.query)).toEqual([]);
  });

  it('finds the rows that go with a deleted one in an index', async () => {
    // Partial indexes do not count: they may leave out rows that go too.
    const unindexed = await orm.query<{ name: string }[]>(
      `SELECT conname AS name FROM pg_constraint fk
       WHERE contype = 'f' AND confdeltype IN ('c', 'n', 'd') AND NOT EXISTS (
         SELECT FROM pg_index i WHERE i.indrelid = fk.conrelid AND i.indpred IS NULL
           AND (i.indkey::int2[])[0:cardinality(fk.conkey) - 1] = fk.conkey)
       ORDER BY name`,
    );
    expect(unindexed.map(({ name }) => name)).toEqual(UNINDEXED);
  });

  it('knows every entity and every migration there is', async () => {
    const files = await readdir(SOURCES, { recursive: true });
    expect(entities).toHaveLength(files.filter((file) => file.endsWith('.entity.ts')).length);
    expect(migrations).toHaveLength(
      files.filter((file) => /^database\/migrations\/\d+-\w+\.ts$/.test(file)).length,
    );
  });

  it('is made once by several processes that start together', async () => {
    await query(server.url, 'CREATE DATABASE crowd_test');
    const databaseUrl = server.url.replace(/fermata$/, 'crowd_test');
    const crowd = await Promise.all(
      [1, 2, 3].map(async () => {
        const one = new OrmDataSource(ormOptions({ databaseUrl, databasePoolSize: 3 }));
        await one.initialize();
        return one;
      }),
    );
    await Promise.all(crowd.map((one) => migrate(one)));
    expect(await query(databaseUrl, 'SELECT count(*)::int AS n FROM migrations')).toEqual([
      { n: migrations.length },
    ]);
    await Promise.all(crowd.map((one) => one.destroy()));
  });

  it('is not looked for by the command line where the environment of PostgreSQL points', async () => {
    await query(server.url, 'CREATE DATABASE elsewhere_test');
    const { hostname, port, username, password } = new URL(server.url);
    const { DATABASE_URL: _, ...env } = process.env;
    const elsewhere = {
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: password,
      PGDATABASE: 'elsewhere_test',
    };
    const cli = 'node_modules/typeorm/cli.js -d ormconfig.ts migration:run';
    const run = promisify(execFile)(
      process.execPath,
      ['--import', '@swc-node/register/esm-register', ...cli.split(' ')],
      { env: { ...env, ...elsewhere } },
    );
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DATABASE_URL must be set'),
    });
    const url = server.url.replace(/fermata$/, 'elsewhere_test');
    const tables = await query(url, `SELECT FROM pg_tables WHERE schemaname = 'public'`);
    expect(tables).toEqual([]);
  });

  it('refuses every illegal move of a run, and none that is legal', async () => {
    await orm.query(
      `INSERT INTO users (id, username, first_name, last_name, email) VALUES (1, 'a', 'A', 'A', 'a@example.com')`,
    );
    await orm.query(`INSERT INTO workspaces (id, name, owner_id) VALUES (1, 'W', 1)`);
    const seen: string[] = [];
    const legal: string[] = [];
    for (const from of RUN_STATUSES)
      for (const to of RUN_STATUSES.filter((one) => one !== from)) {
        if (canMove(from, to)) legal.push(`${from}>${to}`);
        if (await moves(orm, from, to)) seen.push(`${from}>${to}`);
      }
    expect(seen).toEqual(legal);
  });

  it('holds at most one active run per workfile', async () => {
    const [{ id } = {}] = await query<{ id: number }>(
      server.url,
      `SELECT id FROM workfiles WHERE id = 1000004`,
    );
    const insert = () =>
      query(
        server.url,
        `INSERT INTO runs (id, workfile_id, requested_by, snapshot) VALUES (gen_random_uuid(), $1, 1000006, '{}')`,
        [id],
      );
    await insert();
    await expect(insert()).rejects.toMatchObject({ constraint: 'runs_active_workfile_id_key' });
  });

  it('goes away and comes back', async () => {
    for (const _ of migrations) await orm.undoLastMigration();
    const tables = await orm.query<unknown[]>(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'migrations%'`,
    );
    expect(tables).toEqual([]);
    await migrate(orm);
    const { upQueries } = await orm.driver.createSchemaBuilder().log();
    expect(upQueries).toEqual([]);
  });
});

/** Whether the database lets a run go from one state to another. */
async function moves(orm: OrmDataSource, from: RunStatus, to: RunStatus): Promise<boolean> {
  const [{ id } = { id: 0 }] = await orm.query<{ id: number }[]>(
    `INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type)
     VALUES ('workflow', 1, 1, gen_random_uuid()::text, 'work_flow') RETURNING id`,
  );
  const ended = (status: RunStatus) =>
    `ended_at = CASE WHEN '${status}' IN ('stopped', 'succeeded', 'failed') THEN now() END`;
  const [run] = await orm.query<{ id: string }[]>(
    `INSERT INTO runs (id, workfile_id, requested_by, snapshot, status, stop_requested_at, stop_receipt, ended_at)
     SELECT gen_random_uuid(), $1, 1, '{}', $2::text, now(), '{}',
       CASE WHEN $2::text IN ('stopped', 'succeeded', 'failed') THEN now() END RETURNING id`,
    [id, from],
  );
  try {
    await orm.query(`UPDATE runs SET status = $2, ${ended(to)} WHERE id = $1`, [run?.id, to]);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ constraint: 'runs_legal_move' });
    return false;
  }
}
