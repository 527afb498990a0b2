import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { flowXml, tableSource, variable } from '../support/flows.js';
import { storeFlows } from '../support/many-flows.js';
import { Observer } from '../support/observer.js';
import { runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const PUBLIC_WORKSPACE = 1_000_008;
const DATA_SOURCE = 1_000_002;
/** Waits in the data source, without using the processor, until it is cancelled. */
const SLEEPS = flowXml({
  operators: [
    tableSource('golfnew'),
    variable('bulk_@flow_id', 'play', { never: ['TEXT', 'pg_sleep(600)::text'] }),
  ],
  links: [['golfnew', 'bulk_@flow_id']],
  variables: { '@flow_id': '@flow_id' },
});

describe('stops of many runs', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let admin: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(
      server.config({ WORKER_CONCURRENCY: '8', STOP_REPLY_TIMEOUT_MS: '10000' }),
    );
    owner = await app.as('owner');
    admin = await app.as('chorusadmin');
    observer = await Observer.on(server.dataUrl);
  });
  afterEach(async () => {
    await admin.post('/api/runs/stop', { all: true });
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const started = async (flows: readonly number[], client = owner): Promise<string[]> => {
    const runs = await Promise.all(flows.map((id) => startRun(client, id)));
    return runs.map((path) => path.split('/').at(-1)!);
  };
  const asleep = (count: number) =>
    until(`${count} runs at work`, async () => {
      const working = await observer.tagged();
      return (
        working.filter(({ query: sql }) => /^CREATE TABLE[^]*pg_sleep/.test(sql)).length >= count
      );
    });

  it('ends all of a workspace, and answers for each', async () => {
    const flows = await storeFlows(server, 6, SLEEPS);
    const runs = await started(flows);
    await asleep(6);

    const answer = await owner.post(`/api/workspaces/${PUBLIC_WORKSPACE}/stop`, {
      reason: 'lunch',
    });

    expect(answer.status).toBe(202);
    expect(await observer.tagged()).toEqual([]);
    expect(new Set(answer.response)).toEqual(
      new Set(
        runs.map((run_id, i) => ({
          run_id,
          workfile_id: flows[i],
          outcome: 'stopped',
          status: 'stopped',
        })),
      ),
    );
    const { response } = await owner.get(`/api/runs/${runs[0]}`);
    expect(response.stop_receipt).toMatchObject({ reason: 'lunch', method: 'cancelled' });
    expect(response.stop_requests).toEqual([
      { requested_at: expect.any(String), requested_by: 1_000_006, reason: 'lunch', forced: false },
    ]);
  });

  it('go by user, data source, age and ids, together', async () => {
    const [first = 0, second = 0, third = 0] = await storeFlows(server, 3, SLEEPS);
    const [a] = await started([first]);
    const member = await app.as('member');
    const [b, c] = await started([second, third], member);
    await asleep(3);
    const stopped = async (fields: object) => {
      const answer = await admin.post('/api/runs/stop', fields as Record<string, unknown>);
      expect(answer.status).toBe(202);
      return answer.response.map((one: any) => one.run_id).sort();
    };

    expect(await stopped({ user_id: 1_000_006, workspace_id: 1_000_009 })).toEqual([]);
    expect(await stopped({ older_than: 3600 })).toEqual([]);
    expect(await stopped({ data_source_id: 999 })).toEqual([]);
    expect(await stopped({ ids: [b, a].join(','), user_id: 1_000_006 })).toEqual([a]);
    expect(await stopped({ data_source_id: DATA_SOURCE, older_than: 0 })).toEqual([b, c].sort());
    expect(await observer.tagged()).toEqual([]);
  });

  it('need a condition, and refuse nonsense without stopping anything', async () => {
    const [flow = 0] = await storeFlows(server, 1, SLEEPS);
    const [run] = await started([flow]);
    await asleep(1);
    expect((await admin.post('/api/runs/stop')).json).toEqual({
      errors: { fields: { base: { BLANK: {} } } },
    });
    for (const fields of [
      { user_id: 'x' },
      { workspace_id: -1 },
      { older_than: '1.5' },
      { data_source_id: '99999999999' },
      { ids: 'not-a-uuid' },
      { all: 'maybe' },
      { all: true, force: 'hard' },
      { all: true, reason: 'x'.repeat(1001) },
    ]) {
      const answer = await admin.post('/api/runs/stop', fields);
      expect([answer.status, Object.keys(answer.json.errors)]).toEqual([422, ['fields']]);
    }
    for (const name of ['user_id', 'workspace_id', 'data_source_id', 'older_than', 'ids']) {
      const answer = await admin.json('POST', '/api/runs/stop', { [name]: null });
      expect([name, answer.json]).toEqual([name, { errors: { fields: { base: { BLANK: {} } } } }]);
    }
    const others = { workspace_id: null, user_id: 1_000_001 };
    expect((await admin.json('POST', '/api/runs/stop', others)).response).toEqual([]);
    expect((await owner.get(`/api/runs/${run}`)).response.status).toBe('running');
  });

  it('are authorised for each run', async () => {
    const [flow = 0] = await storeFlows(server, 1, SLEEPS);
    const [hidden = 0] = await storeFlows(server, 1, SLEEPS, 1_000_009);
    const [run, secret] = await started([flow, hidden]);
    await asleep(2);
    const outsider = await app.as('outsider');
    const answer = await outsider.post('/api/runs/stop', { all: true });
    expect(answer.response).toEqual([
      { run_id: run, workfile_id: flow, outcome: 'denied', status: 'running' },
    ]);
    expect((await outsider.post(`/api/workspaces/${PUBLIC_WORKSPACE}/stop`)).status).toBe(403);
    expect((await outsider.post('/api/workspaces/999/stop')).status).toBe(404);
    expect((await outsider.post('/api/data_sources/999/stop')).status).toBe(404);
    expect((await app.anonymous.post('/api/runs/stop', { all: true })).status).toBe(401);
    expect((await outsider.get('/api/runs')).response.map((one: any) => one.id)).toEqual([run]);
    expect((await owner.get('/api/runs')).response.map((one: any) => one.id).sort()).toEqual(
      [run, secret].sort(),
    );
    // The data source is the owner's: whatever runs there is theirs to stop.
    const ended = await owner.post(`/api/data_sources/${DATA_SOURCE}/stop`, { force: 'true' });
    expect(ended.response.map((one: any) => one.outcome)).toEqual(['stopped', 'stopped']);
  });

  it('tell nobody of a data source that is hidden from them, and still end what they run there', async () => {
    const [flow = 0] = await storeFlows(server, 1, SLEEPS);
    const member = await app.as('member');
    const [run] = await started([flow], member);
    await asleep(1);
    const path = `/api/data_sources/${DATA_SOURCE}/stop`;
    const out = (state: string) =>
      query(server.url, 'UPDATE data_sources SET state = $2 WHERE id = $1', [DATA_SOURCE, state]);
    await out('disabled');
    const ended = await member.post(path, { force: 'true' });
    expect(ended.response).toEqual([
      { run_id: run, workfile_id: flow, outcome: 'stopped', status: 'stopped' },
    ]);
    expect((await member.post(path)).status).toBe(404);
    expect((await owner.post(path)).response).toEqual([]);
    await out('online');
    expect((await member.post(path)).response).toEqual([]);
  });

  it('with force terminate at once', async () => {
    const [flow = 0] = await storeFlows(server, 1, SLEEPS);
    const [run] = await started([flow]);
    await asleep(1);
    const answer = await owner.post(`/api/workfiles/${flow}/stop`, {
      force: 'true',
      reason: 'now',
    });
    expect(answer.response.status).toBe('idle');
    const { stop_receipt, stop_requests } = (await owner.get(`/api/runs/${run}`)).response;
    expect(stop_receipt).toMatchObject({
      method: 'terminated',
      sessions_ended: [{ ending: 'terminated' }],
    });
    expect(stop_requests).toMatchObject([{ forced: true, reason: 'now' }]);
    expect(await observer.tagged()).toEqual([]);
  });

  it('are on record with who, why, from where and with which outcome', async () => {
    const [flow = 0] = await storeFlows(server, 1, SLEEPS);
    const [run] = await started([flow]);
    await asleep(1);
    await owner.post(
      `/api/workfiles/${flow}/stop`,
      { reason: 'on record' },
      { headers: { 'x-request-id': 'trail-1' } },
    );
    const list = await admin.get('/api/stops?per_page=1');
    expect(list.json.pagination).toMatchObject({ page: 1, per_page: 1 });
    expect(list.response).toEqual([
      {
        id: expect.any(Number),
        run_id: run,
        workfile_id: flow,
        requested_at: expect.stringMatching(/Z$/),
        requested_by: 1_000_006,
        reason: 'on record',
        address: '127.0.0.1',
        request_id: 'trail-1',
        forced: false,
        status: 'stopped',
        method: 'cancelled',
        latency_ms: expect.any(Number),
      },
    ]);
    expect((await owner.get('/api/stops')).status).toBe(403);
    // An idle workflow has nothing to stop, and nothing to record.
    const before = list.json.pagination.records;
    await owner.post(`/api/workfiles/${flow}/stop`);
    expect((await admin.get('/api/stops')).json.pagination.records).toBe(before);
  });

  it('are accepted from whatever address a trusted proxy names', async () => {
    const variables = { TRUST_PROXY: 'true', WORKER_CONCURRENCY: '0' };
    const proxied = await startTestApp(server.config(variables));
    const headers = { 'x-forwarded-for': 'n'.repeat(100) };
    const [id] = await storeFlows(server, 1, SLEEPS);
    const [run] = await started([id!]);
    const client = await proxied.as('owner');
    expect((await client.post(`/api/workfiles/${id}/stop`, {}, { headers })).status).toBe(202);
    const [stop] = (await admin.get('/api/stops')).response;
    expect(stop).toMatchObject({ run_id: run, address: 'n'.repeat(64) });
    await proxied.close();
  });

  it('publish the confirmation as an event, once, with the receipt', async () => {
    const [flow = 0] = await storeFlows(server, 1, SLEEPS);
    const [run] = await started([flow]);
    await asleep(1);
    const none = await query(
      server.url,
      `SELECT FROM run_events WHERE run_id = $1 AND type = 'stop_confirmed'`,
      [run],
    );
    expect(none).toEqual([]);
    await owner.post(`/api/workfiles/${flow}/stop`);
    const { stop_receipt } = await runEnded(owner, `/api/runs/${run}`);
    const events = await query<{ data: object }>(
      server.url,
      `SELECT data FROM run_events WHERE run_id = $1 AND type = 'stop_confirmed'`,
      [run],
    );
    expect(events).toEqual([{ data: stop_receipt }]);
    const told = await owner.get(`/api/runs/${run}/events`);
    expect(told.text).toMatch(/event: stop_confirmed\ndata: .*"method": ?"cancelled"/);
  });
});
