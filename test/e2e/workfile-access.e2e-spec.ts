import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { json } from '../support/forms.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { ARCHIVED, aWorkfile, PRIVATE, PUBLIC, type StoredWorkfile } from '../support/workfiles.js';

const ROLES = ['nobody', 'chorusadmin', 'owner', 'member', 'outsider'];
const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };

interface Call {
  readonly what: string;
  readonly kind?: string;
  readonly method: string;
  readonly path: (workfile: StoredWorkfile, workspaceId: number) => string;
  readonly body?: object;
  /** What those get who may. */
  readonly status: number;
}

const SEEN: readonly Call[] = [
  {
    what: 'list',
    method: 'GET',
    path: (_, workspace) => `/api/workspaces/${workspace}/workfiles`,
    status: 200,
  },
  { what: 'show', method: 'GET', path: ({ id }) => `/api/workfiles/${id}`, status: 200 },
  {
    what: 'download',
    method: 'GET',
    path: ({ id }) => `/api/workfiles/${id}/download`,
    status: 200,
  },
  {
    what: 'list of versions',
    method: 'GET',
    path: ({ id }) => `/api/workfiles/${id}/versions`,
    status: 200,
  },
  {
    what: 'a version',
    method: 'GET',
    path: ({ id, versionId }) => `/api/workfiles/${id}/versions/${versionId}`,
    status: 200,
  },
  {
    what: 'the picture of a version',
    method: 'GET',
    path: ({ versionId }) => `/api/workfile_versions/${versionId}/image`,
    status: 200,
  },
  {
    what: 'the picture of a version, without the prefix',
    method: 'GET',
    path: ({ versionId }) => `/workfile_versions/${versionId}/image`,
    status: 200,
  },
  {
    what: 'the own draft, of which there is none',
    method: 'GET',
    path: ({ id }) => `/api/workfiles/${id}/draft`,
    status: 404,
  },
];

const EDITED: readonly Call[] = [
  {
    what: 'creation of a file',
    method: 'POST',
    path: (_, workspace) => `/api/workspaces/${workspace}/workfiles`,
    body: { file_name: 'new' },
    status: 201,
  },
  {
    what: 'creation of a link',
    method: 'POST',
    path: (_, workspace) => `/api/workspaces/${workspace}/workfiles`,
    body: { file_name: 'new', link_url: 'https://example.com' },
    status: 201,
  },
  {
    what: 'change',
    method: 'PUT',
    path: ({ id }) => `/api/workfiles/${id}`,
    body: { description: 'x' },
    status: 200,
  },
  {
    what: 'change by PATCH',
    method: 'PATCH',
    path: ({ id }) => `/api/workfiles/${id}`,
    body: { description: 'x' },
    status: 200,
  },
  { what: 'deletion', method: 'DELETE', path: ({ id }) => `/api/workfiles/${id}`, status: 200 },
  {
    what: 'deletion of many',
    method: 'DELETE',
    path: ({ id }, workspace) => `/api/workspaces/${workspace}/workfiles?workfile_ids[]=${id}`,
    status: 200,
  },
  {
    what: 'copy into the same workspace',
    method: 'POST',
    path: ({ id }) => `/api/workfiles/${id}/copy`,
    status: 201,
  },
  {
    what: 'a new version',
    method: 'POST',
    path: ({ id }) => `/api/workfiles/${id}/versions`,
    body: { content: 'x' },
    status: 201,
  },
  {
    what: 'a new version of a workflow',
    kind: 'workflow',
    method: 'POST',
    path: ({ id }) => `/api/workfiles/${id}/versions`,
    body: { commit_message: 'x' },
    status: 201,
  },
  {
    what: 'overwriting a version',
    method: 'PUT',
    path: ({ id, versionId }) => `/api/workfiles/${id}/versions/${versionId}`,
    body: { content: 'x' },
    status: 200,
  },
  {
    what: 'deletion of the only version',
    method: 'DELETE',
    path: ({ id, versionId }) => `/api/workfiles/${id}/versions/${versionId}`,
    status: 422,
  },
  {
    what: 'a draft',
    method: 'POST',
    path: ({ id }) => `/api/workfiles/${id}/draft`,
    body: { content: 'x' },
    status: 201,
  },
  {
    what: 'change of a draft that there is not',
    method: 'PUT',
    path: ({ id }) => `/api/workfiles/${id}/draft`,
    body: { content: 'x' },
    status: 404,
  },
  {
    what: 'dropping a draft that there is not',
    method: 'DELETE',
    path: ({ id }) => `/api/workfiles/${id}/draft`,
    status: 404,
  },
  {
    what: 'a result',
    kind: 'workflow',
    method: 'POST',
    path: ({ id }) => `/api/workfiles/${id}/results`,
    body: { result_id: 'r', results_written: 'true' },
    status: 201,
  },
];

describe('who may do what with workfiles', () => {
  let server: TestServer;
  let app: TestApp;
  const clients = new Map<string, TestClient>();

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    clients.set('nobody', app.anonymous);
    for (const role of ROLES.slice(1)) clients.set(role, await app.as(role));
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  /** Everybody's status, each on a workfile of its own. */
  const statuses = async (call: Call, workspaceId: number) => {
    const seen = [];
    for (const role of ROLES) {
      const { kind = 'file' } = call;
      const workfile = await aWorkfile(server, { workspaceId, kind });
      const answer = await clients
        .get(role)!
        .call(call.method, call.path(workfile, workspaceId), call.body ? json(call.body) : {});
      if (answer.status === 403) expect(answer.json).toEqual({ errors: { model_data: {} } });
      seen.push(answer.status);
      await query(
        server.url,
        `UPDATE workfiles SET deleted_at = now() WHERE file_name = 'new' AND deleted_at IS NULL`,
      );
    }
    return seen;
  };

  // Columns: nobody, site administrator, owner, member, outsider.
  it.each(SEEN)('$what: for all who may see the workspace', async (call) => {
    const s = call.status;
    expect(await statuses(call, PUBLIC)).toEqual([401, s, s, s, s]);
    expect(await statuses(call, PRIVATE)).toEqual([401, s, s, s, 403]);
    expect(await statuses(call, ARCHIVED)).toEqual([401, s, s, s, s]);
  });

  it.each(EDITED)('$what: for those who may edit it', async (call) => {
    const s = call.status;
    expect(await statuses(call, PUBLIC)).toEqual([401, s, s, s, 403]);
    expect(await statuses(call, PRIVATE)).toEqual([401, s, s, s, 403]);
    expect(await statuses(call, ARCHIVED)).toEqual([401, s, 403, 403, 403]);
  });

  it.each([
    [
      'creation of a workflow',
      'file',
      ({ workspaces }: any) => workspaces,
      { entity_subtype: 'alpine', file_name: 'new' },
    ],
    ['copy of a workflow', 'workflow', ({ copy }: any) => copy, {}],
  ])('%s: by nobody in an archived workspace', async (what, kind, pick, body) => {
    const call: Call = {
      what,
      kind,
      method: 'POST',
      path: ({ id }, workspace) =>
        pick({
          workspaces: `/api/workspaces/${workspace}/workfiles`,
          copy: `/api/workfiles/${id}/copy`,
        }),
      body,
      status: 201,
    };
    expect(await statuses(call, PUBLIC)).toEqual([401, 201, 201, 201, 403]);
    expect(await statuses(call, ARCHIVED)).toEqual([401, 422, 403, 403, 403]);
    const { id } = await aWorkfile(server, { kind: 'workflow', workspaceId: PUBLIC });
    const answer = await clients
      .get('chorusadmin')!
      .call('POST', `/api/workfiles/${id}/copy`, json({ workspace_id: ARCHIVED }));
    expect(answer.json).toEqual({ errors: { fields: { workspace: { ARCHIVED: null } } } });
  });

  it('a copy needs to see the one workspace and to edit the other', async () => {
    const outsider = clients.get('outsider')!;
    const [own] = await query<{ id: number }>(
      server.url,
      `INSERT INTO workspaces (name, owner_id) VALUES ('of the outsider', 1000008) RETURNING id`,
    );
    const copy = async (workspaceId: number, into: number, client = outsider) => {
      const { id } = await aWorkfile(server, { workspaceId });
      const answer = await client.post(`/api/workfiles/${id}/copy`, { workspace_id: into });
      return answer.status;
    };
    expect(await copy(PUBLIC, own!.id)).toBe(201);
    expect(await copy(PRIVATE, own!.id)).toBe(403);
    expect(await copy(PUBLIC, PRIVATE)).toBe(403);
    expect(await copy(PUBLIC, 999)).toBe(404);
    expect(await copy(PUBLIC, own!.id, clients.get('member'))).toBe(403);
    expect(await copy(PRIVATE, own!.id, clients.get('chorusadmin'))).toBe(201);
  });

  it('a published touchpoint is looked at by everybody, and edited by those who may', async () => {
    const { id } = await aWorkfile(server, {
      workspaceId: PRIVATE,
      kind: 'published_worklet',
      name: 'score a client',
    });
    const outsider = clients.get('outsider')!;
    expect((await outsider.get(`/api/workfiles/${id}`)).response.file_type).toBe(
      'published_worklet',
    );
    expect((await outsider.get(`/api/workfiles/${id}/versions`)).response).toEqual([]);
    expect((await outsider.call('PUT', `/api/workfiles/${id}`, json({}))).status).toBe(403);
    expect((await outsider.delete(`/api/workfiles/${id}`)).status).toBe(403);
    expect((await app.anonymous.get(`/api/workfiles/${id}`)).status).toBe(401);
  });

  it.each([...SEEN, ...EDITED].map((call) => ({ ...call })))(
    '$what: 404 for what does not exist',
    async ({ method, path, body }) => {
      const owner = clients.get('owner')!;
      for (const id of [999, 0, 'x', '1e3', '99999999999'] as number[]) {
        const answer = await owner.call(
          method,
          path({ id, versionId: id }, id),
          body ? json(body) : {},
        );
        expect(answer.json).toEqual(NOT_FOUND);
        expect(answer.status).toBe(404);
      }
    },
  );

  it('nothing of a deleted workfile or workspace is reached', async () => {
    const owner = clients.get('owner')!;
    const { id, versionId } = await aWorkfile(server);
    const gone = await aWorkfile(server, { workspaceId: PRIVATE });
    expect((await owner.delete(`/api/workfiles/${id}`)).json).toEqual({});
    await query(server.url, 'UPDATE workspaces SET deleted_at = now() WHERE id = $1', [PRIVATE]);
    for (const call of [...SEEN, ...EDITED].filter(
      ({ path }) => !path.toString().includes('workspace'),
    ))
      for (const one of [{ id, versionId }, gone]) {
        const { method, path, body } = call;
        const answer = await owner.call(method, path(one, PRIVATE), body ? json(body) : {});
        expect([call.what, answer.status]).toEqual([call.what, 404]);
      }
    await query(server.url, 'UPDATE workspaces SET deleted_at = NULL WHERE id = $1', [PRIVATE]);
  });
});
