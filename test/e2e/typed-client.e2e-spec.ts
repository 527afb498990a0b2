import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Fermata, fermata, FermataError, logIn, succeeded } from '../../client/index.js';
import { type RunEvent, watchRun } from '../../client/watch-run.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, seenWorking } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('the generated client', () => {
  let server: TestServer;
  let app: TestApp;
  let observer: Observer;
  let owner: Fermata;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    observer = await Observer.on(server.dataUrl);
    owner = await logIn({ baseUrl: app.url }, { username: 'owner', password: 'secret' });
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  it('finds a workflow, runs it, watches it, stops it, and reads the receipt', async () => {
    const workspaces = succeeded(
      await owner.GET('/api/workspaces', { params: { query: { active: 'true', per_page: 100 } } }),
    );
    const workspace = workspaces.response.find(({ name }) => name === 'Public');
    expect(workspaces.pagination.records).toBeGreaterThan(0);
    const workfiles = succeeded(
      await owner.GET('/api/workspaces/{workspace_id}/workfiles', {
        params: { path: { workspace_id: workspace!.id }, query: { file_type: 'work_flow' } },
      }),
    );
    const flow = workfiles.response.find(({ id }) => id === ALPINE_FLOW);
    expect(flow?.status).toBe('idle');

    const target = { params: { path: { id: flow!.id } } };
    const started = await owner.POST('/api/workfiles/{id}/run', target);
    expect(succeeded(started).response.status).toBe('running');
    const runPath = started.response.headers.get('location') ?? '';
    const runId = runPath.split('/').at(-1) ?? '';
    const events: RunEvent[] = [];
    const watching = (async () => {
      for await (const event of watchRun(owner, runId)) events.push(event);
    })();
    await seenWorking(observer, runPath, AT_WORK);

    const stopped = await owner.POST('/api/workfiles/{id}/stop', {
      ...target,
      body: { reason: 'wrong filter' },
    });
    expect(succeeded(stopped).response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    // The stream ends with the run.
    await watching;
    expect(events[0]).toMatchObject({ type: 'state', data: { status: 'queued' } });
    expect(events.some(({ type }) => type === 'operator_started')).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'state', data: { status: 'stopped' } });

    const { response: run } = succeeded(
      await owner.GET('/api/runs/{id}', { params: { path: { id: runId } } }),
    );
    expect(run.status).toBe('stopped');
    expect(run.stop_receipt).toMatchObject({ reason: 'wrong filter', method: 'cancelled' });
    expect(run.stop_receipt?.operators?.rolled_back).toEqual(['Look-alikes']);
  });

  it('tells what is wrong with bad input, typed by what the document says of the status', async () => {
    const tooLong = await owner.POST('/api/workfiles/{id}/stop', {
      params: { path: { id: ALPINE_FLOW } },
      body: { reason: 'x'.repeat(1001) },
    });
    expect(tooLong.response.status).toBe(422);
    if (tooLong.error === undefined || !('errors' in tooLong.error)) throw new Error('taken');
    expect(tooLong.error.errors).toEqual({ fields: { reason: { TOO_LONG: { count: 1000 } } } });

    const missing = await owner.GET('/api/runs/{id}', {
      params: { path: { id: '00000000-0000-4000-8000-000000000000' } },
    });
    expect(missing.data).toBeUndefined();
    expect(missing.error).toEqual({ errors: { record: 'NOT_FOUND' } });
  });

  it('throws what was refused, where the caller wants only successes', async () => {
    const place = { baseUrl: app.url };
    const refused = logIn(place, { username: 'owner', password: 'wrong' });
    await expect(refused).rejects.toThrow(FermataError);
    await expect(refused).rejects.toMatchObject({
      status: 401,
      body: { errors: { fields: { username_or_password: { INVALID: {} } } } },
    });
    const anonymous = await fermata(place, null).GET('/api/workspaces');
    expect(() => succeeded(anonymous)).toThrow('the server answered 401: {}');
    const unknown = watchRun(owner, '00000000-0000-4000-8000-000000000000').next();
    await expect(unknown).rejects.toMatchObject({ status: 404 });
  });
});
