import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { MessageClient } from '../support/message-client.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, GOLF_FLOW, runEnded, seenWorking } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const PRIVATE_FLOW = 1_000_030;
const ARCHIVED_FLOW = 1_000_031;
const TOUCHPOINT = 1_000_006;
const LINK = 1_000_007;
const ROLES = ['nobody', 'chorusadmin', 'owner', 'member', 'outsider'] as const;
const NOT_RUNNABLE = { fields: { base: { NOT_RUNNABLE: {} } } };

describe('messages over TCP', () => {
  let server: TestServer;
  let app: TestApp;
  let client: MessageClient;
  const clients = new Map<string, TestClient>();

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(
      server.config({
        MICROSERVICE_TRANSPORT: 'tcp',
        MICROSERVICE_PORT: '0',
        STOP_REPLY_TIMEOUT_MS: '10000',
      }),
    );
    client = MessageClient.tcp(app.messages);
    for (const role of ROLES)
      clients.set(role, role === 'nobody' ? app.anonymous : await app.as(role));
  });
  afterAll(async () => {
    await client.close();
    await app.close();
    await server.stop();
  });

  const http = (role: string) => clients.get(role)!;
  const ask = (role: string, pattern: string, payload: object = {}) => {
    const { token } = http(role);
    return client.ask(pattern, { ...(token !== '' && { session_id: token }), ...payload });
  };
  /** Runs that began and would be in the way of the next one. */
  const clear = () =>
    http('chorusadmin').json('POST', '/api/runs/stop', { all: true, force: true });

  describe('allow and refuse what HTTP does, with the same words', () => {
    // Statuses for the roles in their order.
    it.each([
      ['workfiles.show', ALPINE_FLOW, [401, 200, 200, 200, 200]],
      ['workfiles.run', ALPINE_FLOW, [401, 202, 202, 202, 403]],
      ['workfiles.stop', ALPINE_FLOW, [401, 202, 202, 202, 403]],
      ['workfiles.show', PRIVATE_FLOW, [401, 200, 200, 200, 403]],
      ['workfiles.stop', PRIVATE_FLOW, [401, 202, 202, 202, 403]],
      ['workfiles.show', ARCHIVED_FLOW, [401, 200, 200, 200, 200]],
      ['workfiles.run', ARCHIVED_FLOW, [401, 422, 403, 403, 403]],
      ['workfiles.stop', ARCHIVED_FLOW, [401, 202, 403, 403, 403]],
      ['workfiles.stop', TOUCHPOINT, [401, 202, 202, 202, 202]],
      ['workfiles.run', LINK, [401, 422, 422, 422, 403]],
      ['workfiles.stop', LINK, [401, 422, 422, 422, 403]],
      ['workfiles.show', 999_999_999, [401, 404, 404, 404, 404]],
      ['workfiles.run', 999_999_999, [401, 404, 404, 404, 404]],
      ['workfiles.stop', 999_999_999, [401, 404, 404, 404, 404]],
    ] as const)('%s of %d', async (pattern, id, statuses) => {
      const path = `/api/workfiles/${id}`;
      const action = pattern.split('.')[1]!;
      const seen: number[] = [];
      for (const role of ROLES) {
        const answer = await ask(role, pattern, { id });
        await clear();
        const same =
          action === 'show'
            ? await http(role).get(path)
            : await http(role).post(`${path}/${action}`);
        await clear();
        seen.push(answer.status);
        expect([role, answer.status, answer.errors]).toEqual([role, same.status, same.json.errors]);
        expect(Object.keys(answer.response ?? {})).toEqual(Object.keys(same.response ?? {}));
        if (action === 'show') expect(answer.response).toEqual(same.response);
      }
      expect(seen).toEqual(statuses);
    });

    it('runs.show, runs.stop', async () => {
      const { run_id: id } = await ask('owner', 'workfiles.run', { id: PRIVATE_FLOW });
      const ended = await runEnded(http('owner'), `/api/runs/${id}`);
      const statuses = [];
      for (const role of ROLES) {
        const answer = await ask(role, 'runs.show', { id });
        const same = await http(role).get(`/api/runs/${id}`);
        expect(answer).toEqual({
          status: same.status,
          ...same.json,
          request_id: expect.any(String),
        });
        statuses.push(answer.status);
      }
      expect(statuses).toEqual([401, 200, 200, 200, 403]);
      expect((await ask('owner', 'runs.show', { id })).response).toEqual(ended);
      expect(await ask('owner', 'runs.stop', {})).toMatchObject({
        status: 422,
        errors: { fields: { base: { BLANK: {} } } },
      });
      expect(await ask('nobody', 'runs.stop', { all: true })).toMatchObject({ status: 401 });
      expect(await ask('owner', 'runs.stop', { ids: [id] })).toMatchObject({ status: 202 });
    });
  });

  it.each([
    ['workfiles.show', {}, 422, { fields: { id: { BLANK: {} } } }],
    ['workfiles.run', { id: '' }, 422, { fields: { id: { BLANK: {} } } }],
    ['workfiles.stop', { id: '1 OR 1=1' }, 404, { record: 'NOT_FOUND' }],
    ['workfiles.stop', { id: -1 }, 404, { record: 'NOT_FOUND' }],
    ['workfiles.show', { id: 1e99 }, 404, { record: 'NOT_FOUND' }],
    ['workfiles.show', { id: { $gt: 0 } }, 404, { record: 'NOT_FOUND' }],
    ['workfiles.show', { id: [ALPINE_FLOW] }, 404, { record: 'NOT_FOUND' }],
    ['runs.show', { id: randomUUID() }, 404, { record: 'NOT_FOUND' }],
    ['runs.show', { id: 'latest' }, 404, { record: 'NOT_FOUND' }],
    [
      'workfiles.stop',
      { id: ALPINE_FLOW, force: 'maybe', reason: 'x'.repeat(1001) },
      422,
      { fields: { force: { INVALID: { value: 'maybe' } }, reason: { TOO_LONG: { count: 1000 } } } },
    ],
    [
      'workfiles.stop',
      { id: ALPINE_FLOW, reason: 7 },
      422,
      { fields: { reason: expect.anything() } },
    ],
    [
      'workfiles.stop',
      { id: ALPINE_FLOW, reason: 'a\0b' },
      400,
      { message: 'Text may not contain NUL characters.' },
    ],
    ['runs.stop', { ids: ['x'] }, 422, { fields: { ids: expect.anything() } }],
    ['workfiles.delete', { id: ALPINE_FLOW }, 404, { record: 'NOT_FOUND' }],
    ['constructor', {}, 404, { record: 'NOT_FOUND' }],
  ])('refuses %s with %j', async (pattern, payload, status, errors) => {
    expect(await ask('owner', pattern, payload)).toEqual({
      status,
      errors,
      request_id: expect.any(String),
    });
  });

  it.each([['text'], [[1]], [7], [true]])('refuses the payload %j', async (payload) => {
    expect(await client.ask('workfiles.show', payload)).toMatchObject({
      status: 400,
      errors: { message: 'The payload is not a JSON object.' },
    });
  });

  it.each([
    [{}],
    [{ session_id: '' }],
    [{ session_id: 'NULL' }],
    [{ session_id: 'f'.repeat(40) }],
    [{ session_id: ['a'] }],
    [{ session_id: null, user_id: 1_000_001, username: 'chorusadmin', viewer: { isAdmin: true } }],
  ])('knows nobody by %j', async (credentials) => {
    const answer = await client.ask('workfiles.stop', { id: ALPINE_FLOW, ...credentials });
    expect(answer).toEqual({ status: 401, request_id: expect.any(String) });
  });

  it('forgets a session that was logged out, and renews one that is used', async () => {
    const login = await app.as('owner');
    const payload = { session_id: login.token, id: ALPINE_FLOW };
    await query(server.url, `UPDATE sessions SET updated_at = now() - interval '1 hour'`);
    expect(await client.ask('workfiles.show', payload)).toMatchObject({ status: 200 });
    const [fresh] = await query<{ count: number }>(
      server.url,
      `SELECT count(*)::int AS count FROM sessions WHERE updated_at > now() - interval '1 minute'`,
    );
    expect(fresh!.count).toBe(1);
    await login.delete('/api/sessions');
    expect(await client.ask('workfiles.show', payload)).toMatchObject({ status: 401 });
  });

  it('keeps a request id that can be one', async () => {
    const named = await ask('owner', 'workfiles.show', { id: GOLF_FLOW, request_id: 'night-7' });
    expect(named.request_id).toBe('night-7');
    const bad = await ask('owner', 'workfiles.show', { id: GOLF_FLOW, request_id: 'a b\n' });
    expect(bad.request_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('starts one run however often it is asked at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ask('owner', 'workfiles.run', { id: ALPINE_FLOW })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array(7).fill(422)]);
    for (const refused of answers.filter(({ status }) => status === 422))
      expect(refused.errors).toEqual(NOT_RUNNABLE);
    await clear();
  });

  it('stops a run that is at work: its SQL is dead when the answer says idle', async () => {
    const observer = await Observer.on(server.dataUrl);
    try {
      const started = await ask('owner', 'workfiles.run', { id: ALPINE_FLOW });
      expect(started).toMatchObject({ status: 202, run_id: expect.any(String) });
      const working = await seenWorking(observer, `/api/runs/${started.run_id}`, AT_WORK);

      const stops = await Promise.all(
        Array.from({ length: 3 }, (_, i) =>
          ask('member', 'workfiles.stop', {
            id: String(ALPINE_FLOW),
            reason: 'wrong cut',
            request_id: `stop-${i}`,
          }),
        ),
      );

      expect(await observer.tagged()).toEqual([]);
      expect(await observer.locksOf([working.pid])).toBe(0);
      for (const stop of stops) expect(stop.response.status).toBe('idle');
      expect(stops[0].run_id).toBe(started.run_id);
      const { response } = await ask('owner', 'runs.show', { id: started.run_id });
      expect(response).toMatchObject({
        status: 'stopped',
        stop_receipt: { requested_by: 1_000_007, reason: 'wrong cut', outcome: 'stopped' },
      });
      expect(
        await query(
          server.url,
          'SELECT request_id, address FROM stop_requests WHERE run_id = $1 ORDER BY request_id LIMIT 1',
          [started.run_id],
        ),
      ).toEqual([{ request_id: 'stop-0', address: '127.0.0.1' }]);
      // Nothing is active any more: no error, and no run.
      expect(await ask('owner', 'workfiles.stop', { id: ALPINE_FLOW })).toMatchObject({
        status: 202,
        run_id: null,
        response: { status: 'idle' },
      });
    } finally {
      await observer.close();
    }
  });

  it('ends several runs by a filter, and answers for each', async () => {
    const started = await ask('owner', 'workfiles.run', { id: ALPINE_FLOW });
    const answer = await ask('owner', 'runs.stop', { ids: [started.run_id], force: true });
    expect(answer.status).toBe(202);
    expect(answer.response).toEqual([
      { run_id: started.run_id, workfile_id: ALPINE_FLOW, outcome: 'stopped', status: 'stopped' },
    ]);
  });

  it('tells its state to whoever asks whether it is ready', async () => {
    expect((await app.anonymous.get('/health/ready')).json.messages).toEqual({
      transport: 'tcp',
      status: 'up',
    });
  });
});
