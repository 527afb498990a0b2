import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, seenWorking, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const STOP = `/api/workfiles/${ALPINE_FLOW}/stop`;

describe('the documented stop answer', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let golden: string;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    golden = await readFile(join(import.meta.dirname, '../golden/stop-response.json'), 'utf8');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it('comes byte for byte after a real run and a real stop', async () => {
    const observer = await Observer.on(server.dataUrl);
    const run = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, run, AT_WORK);
    expect((await owner.get(`/api/workfiles/${ALPINE_FLOW}`)).response.status).toBe('running');

    const answer = await owner.post(STOP);

    expect(await observer.tagged()).toEqual([]);
    await observer.close();
    expect(answer.status).toBe(202);
    expect(answer.headers.get('content-length')).toBe('3678');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.text).toBe(golden);
  });

  // Each change in the database, and exactly what it moves in the answer.
  it.each([
    {
      change: 'a member',
      sql: `INSERT INTO memberships (workspace_id, user_id) VALUES (1000008, 1000008)`,
      moves: { 'workspace.members_count': 3 },
    },
    {
      change: 'a tag of the workfile',
      sql: `WITH tag AS (INSERT INTO tags (name) VALUES ('churn') RETURNING id)
        INSERT INTO taggings (tag_id, taggable_type, taggable_id) SELECT id, 'workfile', 1000004 FROM tag`,
      moves: { 'tags.0.id': expect.any(Number), 'tags.0.name': 'churn' },
    },
    {
      change: 'an achieved milestone',
      sql: `INSERT INTO milestones (workspace_id, name, state, target_date)
        VALUES (1000008, 'Went live', 'achieved', '2019-05-02')`,
      moves: {
        'workspace.milestone_count': 4,
        'workspace.milestone_completed_count': 1,
        'workspace.project_target_date': '2019-05-02T00:00:00Z',
      },
    },
    {
      change: 'a note on the workfile',
      sql: `INSERT INTO events (action, actor_id, workspace_id, target1_type, target1_id, additional_data)
        VALUES ('NoteOnWorkfile', 1000007, 1000008, 'workfile', 1000004, '{"body": "Too slow"}')`,
      moves: {
        comment_count: 1,
        'workspace.recent_comments_count': 10,
        'recent_comments.0.body': 'Too slow',
        'recent_comments.0.author.username': 'member',
      },
    },
    {
      change: 'an old insight',
      sql: `INSERT INTO events (action, actor_id, workspace_id, target1_type, target1_id, insight, created_at)
        VALUES ('NoteOnWorkspace', 1000007, 1000008, 'workspace', 1000008, true, now() - interval '8 days')`,
      moves: { 'workspace.insights_count': 2 },
    },
    {
      change: 'another workfile',
      sql: `INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type)
        VALUES ('workflow', 1000008, 1000006, 'second_flow', 'work_flow')`,
      moves: { 'workspace.workfiles_count': 18 },
    },
    {
      change: 'a dataset in the sandbox',
      sql: `INSERT INTO datasets (kind, name, schema_id) VALUES ('table', 'fresh', 1000006)`,
      moves: { 'workspace.datasets_count': 12 },
    },
    {
      change: 'a dataset that is no longer found',
      sql: `UPDATE datasets SET stale_at = now() WHERE id = 1000014`,
      moves: { 'workspace.datasets_count': 10 },
    },
    {
      change: 'an offline data source',
      sql: `UPDATE data_sources SET state = 'offline', version = '10' WHERE id = 1000002`,
      moves: {
        'workspace.sandbox_info.database.data_source.state': 'offline',
        'workspace.sandbox_info.database.data_source.version': '10',
        'execution_locations.0.data_source.state': 'offline',
        'execution_locations.0.data_source.version': '10',
      },
    },
    {
      change: 'another role of the owner',
      sql: `INSERT INTO user_roles (user_id, role) VALUES (1000006, 'admin')`,
      moves: {
        'workspace.owner.roles.0': 'admin',
        'workspace.owner.roles.1': 'data_admin',
        'workspace.owner.admin': true,
        'owner.roles.0': 'admin',
        'owner.roles.1': 'data_admin',
      },
    },
    {
      change: 'an archived workspace',
      sql: `UPDATE workspaces SET archived_at = '2019-06-01T10:00:00Z', archiver_id = 1000006 WHERE id = 1000008`,
      asked: 'show' as const,
      moves: {
        'workspace.archived': true,
        'workspace.archived_at': '2019-06-01T10:00:00Z',
        'workspace.archiver.username': 'owner',
      },
    },
  ])('moves exactly the right fields: $change', async ({ sql, moves, asked }) => {
    const ask = () => (asked === 'show' ? owner.get(STOP.replace('/stop', '')) : owner.post(STOP));
    const before = flat((await ask()).response);
    const saved = await savepoint(server, sql);
    const after = flat((await ask()).response);
    await saved.undo();

    const moved = Object.fromEntries(
      Object.entries(after).filter(([path, value]) => before[path] !== value),
    );
    expect(moved).toMatchObject(moves);
    // What moved besides lies in the objects that the change brought in.
    const brought = /^(tags\.0|recent_comments\.0|workspace\.archiver|workspace\.archiver\.)/;
    expect(Object.keys(moved).filter((path) => !brought.test(path) && !(path in moves))).toEqual(
      [],
    );
  });
});

/** Leaves of a document by their path. */
function flat(value: unknown, path = ''): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return { [path]: value };
  const entries = Object.entries(value);
  return Object.assign({}, ...entries.map(([k, v]) => flat(v, path === '' ? k : `${path}.${k}`)));
}

/** Makes a change; what it touched is put back from copies of the tables. */
async function savepoint(server: TestServer, sql: string): Promise<{ undo: () => Promise<void> }> {
  const tables = [
    ...['memberships', 'taggings', 'tags', 'milestones', 'events', 'workfiles', 'datasets'],
    ...['data_sources', 'user_roles', 'workspaces'],
  ];
  for (const table of tables)
    await query(server.url, `CREATE TABLE saved_${table} AS SELECT * FROM ${table}`);
  await query(server.url, sql);
  return {
    undo: async () => {
      const restore = tables.flatMap((table) => [
        `DELETE FROM ${table}`,
        `INSERT INTO ${table} SELECT * FROM saved_${table}`,
        `DROP TABLE saved_${table}`,
      ]);
      await query(
        server.url,
        `BEGIN; SET LOCAL session_replication_role = replica; ${restore.join('; ')}; COMMIT`,
      );
    },
  };
}
