import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const PUBLIC_FLOW = 1_000_004;
const PRIVATE_FLOW = 1_000_030;
const ARCHIVED_FLOW = 1_000_031;
const TOUCHPOINT = 1_000_006;
const LINK = 1_000_007;
const FILE = 1_000_010;
const ROLES = ['chorusadmin', 'owner', 'member', 'outsider'] as const;
const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };
const NOT_RUNNABLE = { errors: { fields: { base: { NOT_RUNNABLE: {} } } } };

describe('access', () => {
  let server: TestServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const call = async (role: string, [method, path]: readonly [string, string]) => {
    const client = role === 'nobody' ? app.anonymous : await app.as(role);
    const answer = await client.call(method, path);
    await query(
      server.url,
      `UPDATE runs SET status = 'stopped', ended_at = now(), stop_receipt = '{}'
      WHERE status = 'queued'`,
    );
    return answer;
  };
  const show = (id: number | string) => ['GET', `/api/workfiles/${id}`] as const;
  const run = (id: number | string) => ['POST', `/api/workfiles/${id}/run`] as const;
  const stop = (id: number | string) => ['POST', `/api/workfiles/${id}/stop`] as const;

  // Columns: nobody, site administrator, owner, member, outsider.
  it.each([
    {
      what: 'show, public workspace',
      request: show(PUBLIC_FLOW),
      statuses: [401, 200, 200, 200, 200],
    },
    {
      what: 'run, public workspace',
      request: run(PUBLIC_FLOW),
      statuses: [401, 202, 202, 202, 403],
    },
    {
      what: 'stop, public workspace',
      request: stop(PUBLIC_FLOW),
      statuses: [401, 202, 202, 202, 403],
    },
    {
      what: 'show, private workspace',
      request: show(PRIVATE_FLOW),
      statuses: [401, 200, 200, 200, 403],
    },
    {
      what: 'run, private workspace',
      request: run(PRIVATE_FLOW),
      statuses: [401, 202, 202, 202, 403],
    },
    {
      what: 'stop, private workspace',
      request: stop(PRIVATE_FLOW),
      statuses: [401, 202, 202, 202, 403],
    },
    {
      what: 'show, archived workspace',
      request: show(ARCHIVED_FLOW),
      statuses: [401, 200, 200, 200, 200],
    },
    {
      what: 'stop of a touchpoint',
      request: stop(TOUCHPOINT),
      statuses: [401, 202, 202, 202, 202],
    },
    { what: 'stop of a file', request: stop(FILE), statuses: [401, 422, 422, 422, 403] },
    { what: 'stop of a link', request: stop(LINK), statuses: [401, 422, 422, 422, 403] },
    { what: 'run of a file', request: run(FILE), statuses: [401, 422, 422, 422, 403] },
    { what: 'run of a touchpoint', request: run(TOUCHPOINT), statuses: [401, 422, 422, 422, 422] },
    { what: 'stop of nothing', request: stop(999), statuses: [401, 404, 404, 404, 404] },
    { what: 'show of nothing', request: show(999), statuses: [401, 404, 404, 404, 404] },
    { what: 'run of nothing', request: run(999), statuses: [401, 404, 404, 404, 404] },
    {
      what: 'a picture',
      request: ['GET', '/paperclip/users/images/001/000/006/icon/User.png'] as const,
      statuses: [401, 200, 200, 200, 200],
    },
    {
      what: 'the default picture',
      request: ['GET', '/images/general/default-user.png'] as const,
      statuses: [401, 200, 200, 200, 200],
    },
    {
      what: 'no picture',
      request: ['GET', '/paperclip/users/images/001/000/007/icon/User.png'] as const,
      statuses: [401, 404, 404, 404, 404],
    },
  ])('$what', async ({ request, statuses }) => {
    const seen = [];
    for (const role of ['nobody', ...ROLES]) seen.push((await call(role, request)).status);
    expect(seen).toEqual(statuses);
  });

  it('answers each refusal in its documented envelope', async () => {
    expect((await call('nobody', stop(PUBLIC_FLOW))).json).toEqual({});
    expect((await call('outsider', stop(PUBLIC_FLOW))).json).toEqual({
      errors: { model_data: {} },
    });
    expect((await call('owner', stop(999))).json).toEqual(NOT_FOUND);
    expect((await call('owner', stop(FILE))).json).toEqual(NOT_RUNNABLE);
    expect((await call('owner', run(FILE))).json).toEqual(NOT_RUNNABLE);
  });

  it.each(['abc', '1.5', '-1', '0', '99999999999999999999', '1000004x', '%00'])(
    'knows no workfile %s',
    async (id) => {
      for (const request of [show(id), run(id), stop(id)]) {
        const answer = await call('owner', request);
        expect(answer.status).toBe(404);
        expect(answer.json).toEqual(NOT_FOUND);
      }
    },
  );

  it('knows no deleted workfile, nor one in a deleted workspace', async () => {
    for (const [table, id] of [
      ['workfiles', PRIVATE_FLOW],
      ['workspaces', 1_000_009],
    ] as const) {
      await query(server.url, `UPDATE ${table} SET deleted_at = now() WHERE id = $1`, [id]);
      for (const request of [show(PRIVATE_FLOW), run(PRIVATE_FLOW), stop(PRIVATE_FLOW)])
        expect((await call('owner', request)).json).toEqual(NOT_FOUND);
      await query(server.url, `UPDATE ${table} SET deleted_at = NULL WHERE id = $1`, [id]);
    }
  });

  it('to a run is access to its workfile', async () => {
    const owner = await app.as('owner');
    const path =
      (await owner.post(`/api/workfiles/${PRIVATE_FLOW}/run`)).headers.get('location') ?? '';
    await owner.post(`/api/workfiles/${PRIVATE_FLOW}/stop`);
    const seen = [];
    for (const role of ['nobody', ...ROLES]) seen.push((await call(role, ['GET', path])).status);
    expect(seen).toEqual([401, 200, 200, 200, 403]);
    for (const id of ['1', 'abc', '00000000-0000-4000-8000-000000000000'])
      expect((await owner.get(`/api/runs/${id}`)).json).toEqual(NOT_FOUND);
  });

  it('prints the permissions of whoever looks', async () => {
    const permission = async (role: string) =>
      (await call(role, show(PUBLIC_FLOW))).response.workspace;
    expect(await permission('owner')).toMatchObject({
      permission: ['admin', 'create_workflow'],
      is_member: true,
    });
    expect(await permission('chorusadmin')).toMatchObject({
      permission: ['admin'],
      is_member: false,
    });
    expect(await permission('member')).toMatchObject({
      permission: ['read', 'commenting', 'update', 'duplicate_chorus_view', 'create_workflow'],
      is_member: true,
    });
    expect(await permission('outsider')).toMatchObject({
      permission: ['read', 'commenting'],
      is_member: false,
    });
  });
});
