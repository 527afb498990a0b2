import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { MEMBER } from '../support/data-sources.js';
import { GOLF_FLOW } from '../support/runs.js';
import { storedState } from '../support/stored-state.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import { aWorkfile, PUBLIC, type StoredWorkfile } from '../support/workfiles.js';

/** Built on GOLF_FLOW. */
const TOUCHPOINT = 1_000_006;
/** A table of the demo's data source. */
const DATASET = 1_000_011;
const WAITING = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'fermata%'`;
/** What the database says to one of two that wait for each other. */
const DEADLOCK = `CREATE FUNCTION deadlock() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END $$;
  CREATE TRIGGER deadlock BEFORE UPDATE ON workfiles FOR EACH ROW EXECUTE FUNCTION deadlock()`;

/** A request that waits for somebody else's change is judged by what that one has left. */
describe('behind the lock of another transaction', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let member: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
    member = await app.as('member');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const waiting = (count: number) =>
    until(`${count} who wait`, async () => {
      const rows = await query(server.url, WAITING);
      return rows.length === count;
    });
  /** Does it in a transaction that is not committed before the request waits for it. */
  const behind = async (statements: readonly string[], send: () => Promise<Answer>) => {
    const other = new pg.Client({ connectionString: server.url });
    await other.connect();
    try {
      await other.query('BEGIN');
      for (const one of statements) await other.query(one);
      const answer = send();
      await waiting(1);
      await other.query('COMMIT');
      return await answer;
    } finally {
      await other.end();
    }
  };

  let made = 0;
  /** A workspace that the member leads. */
  const aWorkspace = async (): Promise<number> => {
    const body = { name: `Behind locks ${(made += 1)}` };
    const { response } = await owner.json('POST', '/api/workspaces', body);
    const members = [
      { user_id: response.owner.id, role: 'Project Manager' },
      { user_id: MEMBER, role: 'Project Manager' },
    ];
    const path = `/api/workspaces/${response.id}/members`;
    expect((await owner.json('POST', path, { members })).status).toBe(200);
    return response.id;
  };
  const removed = (id: number) => [
    `SELECT FROM workspaces WHERE id = ${id} FOR NO KEY UPDATE`,
    `DELETE FROM memberships WHERE workspace_id = ${id} AND user_id = ${MEMBER}`,
  ];

  it('nobody puts himself back into a workspace from which he is being removed', async () => {
    const id = await aWorkspace();
    const members = [{ user_id: 1_000_006 }, { user_id: MEMBER }];
    const answer = await behind(removed(id), () =>
      member.json('POST', `/api/workspaces/${id}/members`, { members }),
    );
    expect(answer.status).toBe(403);
    const left = await query(
      server.url,
      'SELECT user_id FROM memberships WHERE workspace_id = $1',
      [id],
    );
    expect(left).toEqual([{ user_id: 1_000_006 }]);
  });

  it('nobody creates anything in a workspace from which he is being removed', async () => {
    const id = await aWorkspace();
    await query(server.url, 'UPDATE workspaces SET has_added_workfile = true WHERE id = $1', [id]);
    const answer = await behind(removed(id), () =>
      member.json('POST', `/api/workspaces/${id}/workfiles`, {
        entity_subtype: 'alpine',
        file_name: 'late',
      }),
    );
    expect(answer.status).toBe(403);
    const left = await query(server.url, 'SELECT FROM workfiles WHERE workspace_id = $1', [id]);
    expect(left).toEqual([]);
  });

  it.each(['POST', 'DELETE'])(
    'nobody changes (%s) which datasets a workspace uses from which he is being removed',
    async (method) => {
      const id = await aWorkspace();
      const path = `/api/workspaces/${id}/datasets`;
      const body = { dataset_ids: [DATASET] };
      if (method === 'DELETE') expect((await owner.json('POST', path, body)).status).toBe(201);
      const before = await query(server.url, 'SELECT * FROM associated_datasets ORDER BY id');
      expect((await behind(removed(id), () => member.json(method, path, body))).status).toBe(403);
      const after = await query(server.url, 'SELECT * FROM associated_datasets ORDER BY id');
      expect(after).toEqual(before);
    },
  );

  type Ask = (file: StoredWorkfile, workspaceId: number) => Promise<Answer>;
  it.each<[string, Ask]>([
    [
      'saves a version',
      ({ id }) => member.json('POST', `/api/workfiles/${id}/versions`, { content: 'late' }),
    ],
    [
      'overwrites a version',
      ({ id, versionId }) =>
        member.json('PUT', `/api/workfiles/${id}/versions/${versionId}`, { content: 'late' }),
    ],
    [
      'deletes a version',
      ({ id, versionId }) => member.delete(`/api/workfiles/${id}/versions/${versionId}`),
    ],
    [
      'changes a workfile',
      ({ id }) => member.json('PUT', `/api/workfiles/${id}`, { description: 'late' }),
    ],
    [
      'saves a draft',
      ({ id }) => member.json('POST', `/api/workfiles/${id}/draft`, { content: 'late' }),
    ],
    ['deletes a workfile', ({ id }) => member.delete(`/api/workfiles/${id}`)],
    [
      'deletes workfiles',
      ({ id }, workspaceId) =>
        member.json('DELETE', `/api/workspaces/${workspaceId}/workfiles`, { workfile_ids: [id] }),
    ],
  ])('nobody %s in a workspace that is being archived', async (_, ask) => {
    const workspaceId = await aWorkspace();
    const file = await aWorkfile(server, { workspaceId });
    expect(
      (await owner.json('POST', `/api/workfiles/${file.id}/versions`, { content: 'x' })).status,
    ).toBe(201);
    const [latest] = await query<{ versionId: number }>(
      server.url,
      'SELECT latest_version_id AS "versionId" FROM workfiles WHERE id = $1',
      [file.id],
    );
    const before = await storedState(server.url);
    const answer = await behind(
      [
        `UPDATE workspaces SET archived_at = now(), archiver_id = owner_id WHERE id = ${workspaceId}`,
        `SELECT FROM workfiles WHERE id = ${file.id} FOR UPDATE`,
      ],
      () => ask({ id: file.id, versionId: latest!.versionId }, workspaceId),
    );
    expect(answer.status).toBe(403);
    const { workspaces: _archived, ...after } = await storedState(server.url);
    expect(before).toMatchObject(after);
  });

  it('a workflow is not deleted while a touchpoint is being copied that is built on it', async () => {
    const answer = await behind(
      [
        `SELECT FROM workspaces WHERE id = ${PUBLIC} FOR SHARE`,
        `WITH copy AS (INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type)
           VALUES ('worklet', ${PUBLIC}, ${MEMBER}, 'copy', 'worklet') RETURNING id)
         INSERT INTO worklets (workfile_id, workflow_id) SELECT id, ${GOLF_FLOW} FROM copy`,
      ],
      () =>
        owner.json('DELETE', `/api/workspaces/${PUBLIC}/workfiles`, {
          workfile_ids: [GOLF_FLOW, TOUCHPOINT],
        }),
    );
    expect([answer.status, answer.json]).toEqual([
      422,
      { errors: { fields: { workfile: { WORKLET_ASSOCIATED: {} } } } },
    ]);
  });

  it('who is ended because two wait for each other is told to ask again', async () => {
    const { id } = await aWorkfile(server);
    await query(server.url, DEADLOCK);
    const change = () =>
      owner.json('PUT', `/api/workfiles/${id}`, { description: 'waits for another' });
    const answer = await change();
    await query(server.url, 'DROP FUNCTION deadlock CASCADE');
    expect([answer.status, answer.headers.get('retry-after'), answer.json]).toEqual([
      503,
      '1',
      {
        errors: {
          message: 'Another request was changing the same at that moment. Please try again.',
        },
      },
    ]);
    expect((await change()).status).toBe(200);
  });
});
