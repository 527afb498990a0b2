import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { aDataSource, aRole, post, type TestRole } from '../support/data-sources.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

describe('datasets', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let member: TestClient;
  let role: TestRole;
  let schema: string;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(
      server.config({ WORKER_CONCURRENCY: '0', CATALOGUE_MAX_AGE_SECONDS: '0' }),
    );
    [owner, member] = await Promise.all([app.as('owner'), app.as('member')]);
    const path = `/api/data_sources/${await aDataSource(server, owner)}`;
    role = await aRole(server);
    const account = { db_username: role.name, db_password: role.password };
    expect((await post(member, `${path}/account`, account)).status).toBe(201);
    const databases = (await owner.get(`${path}/databases`)).response as Named[];
    const { id } = named(databases, 'default');
    const schemas = (await owner.get(`/api/databases/${id}/schemas`)).response as Named[];
    schema = `/api/schemas/${named(schemas, 'public').id}`;
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });
  beforeEach(() =>
    query(
      server.dataUrl,
      `DROP TABLE IF EXISTS public.one, public.other;
       CREATE TABLE public.one AS SELECT 1 AS a; CREATE TABLE public.other AS SELECT 2 AS b;
       GRANT SELECT ON public.one, public.other TO PUBLIC`,
    ),
  );

  /** Path of a table that both see. */
  const seen = async (table: string): Promise<string> => {
    const [listed] = await Promise.all(
      [owner, member].map((client) => client.get(`${schema}/datasets`)),
    );
    return `/api/datasets/${named(listed?.response as Named[], table).id}`;
  };

  it('that many ask about at once keep nobody waiting for long', async () => {
    const path = `${await seen('one')}/statistics`;
    const flow = new pg.Client({ connectionString: server.dataUrl });
    await flow.connect();
    try {
      await flow.query('BEGIN; LOCK TABLE public.one');
      const asking = Array.from({ length: 60 }, () => owner.get(path));
      const first = await Promise.race(asking);
      await flow.query('COMMIT');
      expect(first.status).toBe(422);
      expect(first.json).toEqual({
        errors: {
          record: 'TOO_MANY_CONNECTIONS',
          message: 'too many wait for this data source already: try again later',
        },
      });
      const statuses = (await Promise.all(asking)).map(({ status }) => status);
      const refused = statuses.filter((status) => status === 422).length;
      expect(statuses.filter((status) => status === 200)).toHaveLength(60 - refused);
      // Whoever comes when somebody had his turn is let in.
      expect(refused).toBeLessThanOrEqual(10);
      expect((await owner.get(path)).status).toBe(200);
    } finally {
      await flow.end();
    }
  });

  it('are gone for nobody when somebody may not read them', async () => {
    const path = await seen('one');
    await query(
      server.dataUrl,
      `REVOKE SELECT ON public.one FROM PUBLIC; GRANT SELECT ON public.one TO CURRENT_USER;
       DO $$ DECLARE r name; BEGIN
         FOR r IN SELECT rolname FROM pg_roles WHERE rolname LIKE 'role\\_%' AND rolname <> '${role.name}'
         LOOP EXECUTE format('GRANT SELECT ON public.one TO %I', r); END LOOP;
       END $$`,
    );
    for (const about of ['', '/columns', '/statistics'])
      expect((await member.get(path + about)).json).toMatchObject({
        errors: { type: 'PostgresLikeConnection::SqlPermissionDenied' },
      });
    for (const about of ['', '/columns', '/statistics'])
      expect((await owner.get(path + about)).status).toBe(200);
    expect(await seen('one')).toBe(path);
  });

  it('are gone for everybody when they are gone from the database', async () => {
    const path = await seen('one');
    await query(server.dataUrl, 'DROP TABLE public.one');
    expect((await member.get(path)).status).toBe(404);
    const listed = (await owner.get(`${schema}/datasets`)).response as Named[];
    expect(listed.map(({ object_name: name }) => name)).not.toContain('one');
  });

  it('keep nobody waiting while a flow has one of them to itself', async () => {
    const [one, other] = [await seen('one'), await seen('other')];
    const flow = new pg.Client({ connectionString: server.dataUrl });
    await flow.connect();
    try {
      await flow.query('BEGIN; DROP TABLE public.one');
      const statistics = owner.get(`${one}/statistics`);
      const since = performance.now();
      expect((await owner.get(`${other}/columns`)).status).toBe(200);
      expect(performance.now() - since).toBeLessThan(5000);
      expect((await statistics).response).toMatchObject({ columns: 1, on_disk_size: null });
    } finally {
      await flow.end();
    }
  });
});

interface Named {
  readonly id: number;
  readonly name?: string;
  readonly object_name?: string;
}

function named(all: readonly Named[], name: string): Named {
  const found = all.find((one) => one.name === name || one.object_name === name);
  if (found === undefined) throw new Error(`no ${name} in ${JSON.stringify(all)}`);
  return found;
}
