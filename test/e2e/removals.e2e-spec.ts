import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fieldsOf } from '../support/documents.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, GOLF_FLOW, seenWorking, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const PUBLIC = 1_000_008;
const PRIVATE = 1_000_009;
const MEMBER = 1_000_007;

/** What goes away stops what runs there, and nothing starts there afterwards. */
describe('archiving and deleting', () => {
  let server: TestServer;
  let app: TestApp;
  let observer: Observer;
  let owner: TestClient;
  let member: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ STOP_REPLY_TIMEOUT_MS: '20000' }));
    observer = await Observer.on(server.dataUrl);
    [owner, member, admin] = await Promise.all([
      app.as('owner'),
      app.as('member'),
      app.as('chorusadmin'),
    ]);
  });
  afterAll(async () => {
    await app.close();
    await observer.close();
    await server.stop();
  });

  const idOf = (path: string) => path.split('/').at(-1) ?? '';
  const working = async (client: TestClient) => {
    const path = await startRun(client, ALPINE_FLOW);
    await seenWorking(observer, path, AT_WORK);
    return path;
  };
  const receipt = async (path: string) => (await admin.get(path)).response.stop_receipt;

  it('a workspace: says what was stopped when it is archived, and starts nothing more', async () => {
    const path = await working(member);
    const archived = await owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: true });
    expect(await observer.tagged()).toEqual([]);
    expect(archived.status).toBe(200);
    expect(archived.response).toMatchObject({ id: PUBLIC, archived: true });
    expect(archived.json.stopped).toEqual([
      { run_id: idOf(path), workfile_id: ALPINE_FLOW, status: 'stopped' },
    ]);
    expect(await receipt(path)).toMatchObject({
      reason: 'workspace Public was archived',
      outcome: 'stopped',
    });
    const again = await admin.post(`/api/workfiles/${ALPINE_FLOW}/run`);
    expect(again.status).toBe(422);
    // Without anything that runs nothing is said of it.
    const twice = await owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: true });
    expect(Object.keys(twice.json)).toEqual(['response']);
    const back = await owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: false });
    expect(Object.keys(back.json)).toEqual(['response']);
    const fresh = await startRun(owner, GOLF_FLOW);
    expect(fresh).toContain('/api/runs/');
    await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
  });

  it('a workspace: nothing starts or goes on beside its archiving', async () => {
    for (let round = 0; round < 3; round += 1) {
      const [archived, ...runs] = await Promise.all([
        owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: true }),
        owner.post(`/api/workfiles/${ALPINE_FLOW}/run`),
        member.post(`/api/workfiles/${GOLF_FLOW}/run`),
      ]);
      expect(archived.status).toBe(200);
      for (const run of runs) expect([202, 403, 422]).toContain(run.status);
      const started = runs.flatMap((run) =>
        run.status === 202 ? [idOf(run.headers.get('location') ?? '')] : [],
      );
      const active = await query<{ id: string }>(
        server.url,
        `SELECT id FROM runs WHERE status IN ('queued', 'running', 'stopping')`,
      );
      expect(active).toEqual([]);
      expect(await observer.tagged()).toEqual([]);
      // What was started before was stopped, unless it was over by itself.
      const stopped = (archived.json.stopped ?? []).map((one: { run_id: string }) => one.run_id);
      for (const id of stopped) expect(started).toContain(id);
      await owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: false });
    }
  });

  it('a workspace: is deleted with what runs in it', async () => {
    const [{ id: copy } = { id: 0 }] = await query<{ id: number }>(
      server.url,
      `WITH doc AS (SELECT * FROM workfile_flows WHERE workfile_id = $1),
         made AS (INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type)
           VALUES ('workflow', $2, $3, 'copied_flow', 'work_flow') RETURNING id),
         placed AS (INSERT INTO workfile_execution_locations (workfile_id, database_id)
           SELECT made.id, 1000001 FROM made)
       INSERT INTO workfile_flows (workfile_id, afm) SELECT made.id, doc.afm FROM made, doc RETURNING workfile_id AS id`,
      [ALPINE_FLOW, PRIVATE, MEMBER],
    );
    const path = await startRun(member, copy);
    await seenWorking(observer, path, AT_WORK);
    const deleted = await owner.delete(`/api/workspaces/${PRIVATE}`);
    expect(await observer.tagged()).toEqual([]);
    expect(deleted.status).toBe(200);
    expect(deleted.json).toEqual({
      stopped: [{ run_id: idOf(path), workfile_id: copy, status: 'stopped' }],
    });
    expect((await owner.get(`/api/workspaces/${PRIVATE}`)).status).toBe(404);
    expect((await admin.post(`/api/workfiles/${copy}/run`)).status).toBe(404);
    const [run] = await query(server.url, 'SELECT status FROM runs WHERE id = $1', [idOf(path)]);
    expect(run).toEqual({ status: 'stopped' });
  });

  it('a user: is deleted with what he runs, and nothing of others', async () => {
    const path = await working(member);
    const deleted = await admin.delete(`/api/users/${MEMBER}`);
    expect(await observer.tagged()).toEqual([]);
    expect(deleted.json).toEqual({
      stopped: [{ run_id: idOf(path), workfile_id: ALPINE_FLOW, status: 'stopped' }],
    });
    expect(await receipt(path)).toMatchObject({ reason: 'user member was deleted' });
    expect((await member.post(`/api/workfiles/${ALPINE_FLOW}/run`)).status).toBe(401);
    // He is still printed as who started it.
    expect((await admin.get(path)).status).toBe(200);
    expect((await admin.get(`/api/workspaces/${PUBLIC}`)).response.members_count).toBe(1);

    const others = await working(owner);
    const idle = await admin.json('POST', '/api/users', {
      username: 'idle',
      password: 'demo62',
      first_name: 'I',
      last_name: 'D',
      email: 'i@example.org',
    });
    expect((await admin.delete(`/api/users/${idle.response.id}`)).json).toEqual({});
    expect((await observer.tagged()).length).toBeGreaterThan(0);
    expect((await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`)).response.status).toBe('idle');
    expect((await admin.get(others)).response.status).toBe('stopped');
  });

  it('refused, leave what runs alone', async () => {
    const path = await working(owner);
    const before = await observer.tagged();
    expect(fieldsOf(await admin.delete('/api/users/1000006'))).toHaveProperty('workspace_count');
    const outsider = await app.as('outsider');
    expect((await outsider.delete(`/api/workspaces/${PUBLIC}`)).status).toBe(403);
    expect(
      (await owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: true, name: '' })).status,
    ).toBe(422);
    expect((await admin.get(path)).response.status).toBe('running');
    expect(await observer.tagged()).toHaveLength(before.length);
    await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
  });
});
