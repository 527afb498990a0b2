import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { badInputs } from '../support/bad-inputs.js';
import { ALPINE_FLOW } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const SHOW = `/api/workfiles/${ALPINE_FLOW}`;
const BAD_CREDENTIALS = { errors: { fields: { username_or_password: { INVALID: {} } } } };

describe('sessions', () => {
  let server: TestServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '5' }));
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it('log in with a flat form, a wrapped form, JSON or multipart', async () => {
    const form = new FormData();
    form.set('username', 'owner');
    form.set('password', 'secret');
    const json = { headers: { 'content-type': 'application/json' } };
    const answers = [
      await app.anonymous.post('/api/sessions', { username: 'OWNER', password: 'secret' }),
      await app.anonymous.post('/api/sessions?session_id=NULL', {
        'session[username]': 'owner',
        'session[password]': 'secret',
      }),
      await app.anonymous.call('POST', '/api/sessions', {
        ...json,
        body: JSON.stringify({ session: { username: 'owner', password: 'secret' } }),
      }),
      await app.anonymous.call('POST', '/api/sessions', { body: form }),
    ];
    for (const { status, headers, response } of answers) {
      expect(status).toBe(201);
      expect(response).toMatchObject({
        session_id: expect.stringMatching(/^[0-9a-f]{40}$/),
        user: { id: 1_000_006, username: 'owner', entity_type: 'user' },
        complete_json: true,
      });
      expect(response.user).not.toHaveProperty('complete_json');
      expect(headers.getSetCookie()).toEqual([
        `_session_id=${response.session_id}; Path=/; HttpOnly; SameSite=Lax`,
      ]);
    }
    expect(new Set(answers.map(({ response }) => response.session_id)).size).toBe(4);
  });

  it('keep only a hash of their token', async () => {
    const { token } = await app.as('owner');
    const rows = await query(server.url, 'SELECT sessions::text AS row FROM sessions');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some(({ row }) => String(row).includes(token))).toBe(false);
  });

  it.each([
    ['a wrong password', { username: 'owner', password: 'wrong' }, BAD_CREDENTIALS],
    ['an unknown user', { username: 'nobody', password: 'secret' }, BAD_CREDENTIALS],
    [
      'a blank name',
      { username: '', password: 'secret' },
      { errors: { fields: { username: { BLANK: {} } } } },
    ],
    [
      'a blank password',
      { username: 'owner' },
      { errors: { fields: { password: { BLANK: {} } } } },
    ],
  ])('are refused for %s', async (_title, fields, body) => {
    const answer = await app.anonymous.post('/api/sessions', fields);
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual(body);
  });

  it.each(['deleted_at', 'deactivated_at'])(
    'are refused to a user with %s, also open ones',
    async (column) => {
      const member = await app.as('member');
      await query(server.url, `UPDATE users SET ${column} = now() WHERE username = 'member'`);
      expect((await member.get(SHOW)).status).toBe(401);
      expect(
        (await app.anonymous.post('/api/sessions', { username: 'member', password: 'secret' }))
          .status,
      ).toBe(401);
      await query(server.url, `UPDATE users SET ${column} = NULL WHERE username = 'member'`);
      expect((await member.get(SHOW)).status).toBe(200);
    },
  );

  it('open the door as parameter, cookie or x-token', async () => {
    const { token, cookie } = await app.as('owner');
    const status = async (path: string, headers = {}) =>
      (await app.anonymous.get(path, { headers })).status;
    expect(await status(SHOW)).toBe(401);
    expect(await status(`${SHOW}?session_id=${token}`)).toBe(200);
    expect(await status(SHOW, { cookie })).toBe(200);
    expect(await status(SHOW, { 'x-token': token })).toBe(200);
    // A stale header beside a good cookie does no harm, nor the other way round.
    expect(await status(SHOW, { cookie, 'x-token': 'stale' })).toBe(200);
    expect(await status(SHOW, { cookie: '_session_id=stale', 'x-token': token })).toBe(200);
    // The parameter is the only one looked at.
    expect(await status(`${SHOW}?session_id=wrong`, { cookie })).toBe(401);
    expect(await status(`${SHOW}?session_id=NULL`, { cookie })).toBe(200);
  });

  it('are in the body of a stop too, and never become a cookie by that', async () => {
    const { token } = await app.as('owner');
    const answer = await app.anonymous.post(`${SHOW}/stop`, { session_id: token });
    expect(answer.status).toBe(202);
    expect(answer.headers.getSetCookie().join()).not.toContain(token);
  });

  it('show their user, and end', async () => {
    const owner = await app.as('owner');
    const shown = await owner.get('/api/sessions');
    expect(shown.status).toBe(200);
    expect(shown.response).toMatchObject({
      session_id: owner.token,
      user: { id: 1_000_006, complete_json: true },
    });

    const ended = await owner.delete('/api/sessions');
    expect(ended.status).toBe(200);
    expect(ended.json).toEqual({ csrf_token: expect.any(String) });
    expect(ended.headers.getSetCookie()[0]).toMatch(/^_session_id=; /);
    expect((await owner.get('/api/sessions')).status).toBe(401);
    expect((await owner.get(SHOW)).status).toBe(401);
    expect((await app.anonymous.delete('/api/sessions')).status).toBe(200);
  });

  it('expire when idle, and are renewed by use', async () => {
    const owner = await app.as('owner');
    const age = (minutes: number) =>
      query(server.url, `UPDATE sessions SET updated_at = now() - $1 * interval '1 minute'`, [
        minutes,
      ]);
    await age(479);
    expect((await owner.get('/api/sessions')).status).toBe(200);
    expect((await owner.get(SHOW)).status).toBe(200);
    const [{ fresh } = {}] = await query(
      server.url,
      `SELECT max(updated_at) > now() - interval '1 minute' AS fresh FROM sessions`,
    );
    expect(fresh).toBe(true);
    await age(481);
    expect((await owner.get(SHOW)).status).toBe(401);
    expect((await owner.get('/api/sessions')).status).toBe(401);
  });

  it('refuse a write that another site’s page sends with the cookie', async () => {
    const { url, cookie, token } = await app.as('owner');
    const stop = (headers: Record<string, string>, path = `${SHOW}/stop`) =>
      new TestClient(url).post(path, {}, { headers });
    const own = new URL(url).origin;
    const bare = cookie ?? '';
    expect((await stop({ cookie: bare, origin: 'https://evil.example' })).status).toBe(403);
    expect((await stop({ cookie: bare, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await stop({ cookie: bare, origin: 'null' })).status).toBe(403);
    expect((await stop({ cookie: bare, origin: own })).status).toBe(202);
    expect((await stop({ cookie: bare, 'sec-fetch-site': 'same-origin' })).status).toBe(202);
    expect((await stop({ cookie: bare })).status).toBe(202);
    // No browser adds these by itself.
    expect((await stop({ 'x-token': token, origin: 'https://evil.example' })).status).toBe(202);
    expect(
      (await stop({ origin: 'https://evil.example' }, `${SHOW}/stop?session_id=${token}`)).status,
    ).toBe(202);
  });

  it('are refused to whatever else is sent, and none is opened', async () => {
    const bad = badInputs({
      good: { username: 'owner', password: 'secret' },
      required: ['username', 'password'],
      texts: { username: 256, password: 256 },
    });
    expect(bad.length).toBeGreaterThanOrEqual(20);
    const sessions = () => query(server.url, 'SELECT count(*) FROM sessions');
    const before = await sessions();
    for (const { title, options } of bad) {
      const { status, json } = await app.anonymous.call('POST', '/api/sessions', options);
      // White space is a password like any other, only a wrong one.
      expect([title, [400, 401, 413].includes(status)]).toEqual([title, true]);
      expect(json).toHaveProperty('errors');
    }
    expect(await sessions()).toEqual(before);
  });

  it('serve the reference client, also after it logs in as somebody else', async () => {
    const login = await app.anonymous.post('/api/sessions?session_id=NULL', {
      username: 'owner',
      password: 'secret',
    });
    expect(login.status).toBe(201);
    const token = login.response.session_id as string;
    const cookie = `_session_id=${token}`;
    // The status call carries the cookie alone, and the type of whatever was sent before.
    const status = await app.anonymous.get('/api/sessions', {
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    });
    const { complete_json: complete, ...user } = status.response.user;
    expect(complete).toBe(true);
    expect(user).toEqual(login.response.user);

    const logout = await app.anonymous.delete(`/api/sessions?session_id=${token}`, {
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    });
    expect(logout.status).toBe(200);
    for (const headers of [{ cookie }, { 'x-token': token }])
      expect((await app.anonymous.get('/api/sessions', { headers })).status).toBe(401);
    expect((await app.anonymous.get(`/api/users?session_id=${token}`)).status).toBe(401);

    // The old x-token goes on being sent beside the new cookie and parameter.
    const member = await app.as('member');
    const headers = { cookie: member.cookie ?? '', 'x-token': token };
    for (const path of ['/api/sessions', '/api/license', `/api/users?session_id=${member.token}`])
      expect((await app.anonymous.get(path, { headers })).status).toBe(200);
    const now = await app.anonymous.get('/api/sessions', { headers });
    expect(now.response.user.username).toBe('member');
  });

  it('that have expired are gone once a server has started', async () => {
    const { token } = await app.as('owner');
    const live = await app.as('owner');
    const count = async () => {
      const rows = await query<{ n: number }>(
        server.url,
        `SELECT count(*)::int AS n FROM sessions WHERE updated_at < now() - interval '480 minutes'`,
      );
      return rows[0]?.n;
    };
    await query(
      server.url,
      `UPDATE sessions SET updated_at = now() - interval '481 minutes' WHERE token_hash = sha256($1::bytea)`,
      [Buffer.from(token)],
    );
    expect(await count()).toBeGreaterThan(0);
    const other = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    expect(await count()).toBe(0);
    expect((await live.get('/api/sessions')).status).toBe(200);
    await other.close();
  });

  it('slow down guessing, by name and address', async () => {
    const guess = () =>
      app.anonymous.post('/api/sessions', { username: 'outsider', password: 'guess' });
    for (let i = 0; i < 5; i += 1) expect((await guess()).status).toBe(401);
    const throttled = await guess();
    expect(throttled.status).toBe(429);
    expect(Number(throttled.headers.get('retry-after'))).toBeGreaterThan(0);
    const right = await app.anonymous.post('/api/sessions', {
      username: 'outsider',
      password: 'secret',
    });
    expect(right.status).toBe(429);
    expect((await app.as('owner')).token).not.toBe('');
  });

  it('do not let the password of whoever left one open be guessed for ever', async () => {
    const [here, elsewhere] = [await app.as('member'), await app.as('member')];
    const guess = (client: TestClient, old_password: string) =>
      client.json('PUT', '/api/users/1000007', { password: 'of the finder', old_password });
    for (let i = 0; i < 4; i += 1) expect((await guess(here, 'guess')).status).toBe(422);
    expect((await here.json('PUT', '/api/users/1000007', { dept: 'Found' })).status).toBe(200);
    expect((await guess(elsewhere, 'guess')).status).toBe(422);
    const throttled = await guess(here, 'guess');
    expect([throttled.status, throttled.json]).toEqual([
      429,
      { errors: { message: expect.stringMatching(/^Too many wrong passwords/) } },
    ]);
    expect(Number(throttled.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await guess(elsewhere, 'secret')).status).toBe(429);
    const owner = await app.as('owner');
    const own = { password: 'secret', old_password: 'secret' };
    for (let i = 0; i < 6; i += 1)
      expect((await owner.json('PUT', '/api/users/1000006', own)).status).toBe(200);
  });

  it('slow down guessing, however the name is written that the database finds', async () => {
    const [{ folded } = {}] = await query(server.url, `SELECT lower('İ') = 'i' AS folded`);
    expect(folded).toBe(true);
    const other = await startTestApp(
      server.config({ LOGIN_ATTEMPTS: '2', WORKER_CONCURRENCY: '0' }),
    );
    const login = async (username: string, password: string) =>
      (await other.anonymous.post('/api/sessions', { username, password })).status;
    expect(await login('outsİder', 'secret')).toBe(201);
    for (const name of ['outsider', 'OUTSIDER']) expect(await login(name, 'guess')).toBe(401);
    expect(await login('outsİder', 'guess')).toBe(429);
    for (const name of ['nobody', 'NOBODY']) expect(await login(name, 'guess')).toBe(401);
    expect(await login('Nobody', 'guess')).toBe(429);
    await other.close();
  });

  it('slow down who has a whole network of IPv6 addresses', async () => {
    const variables = { TRUST_PROXY: '1', LOGIN_ATTEMPTS: '1', WORKER_CONCURRENCY: '0' };
    const proxied = await startTestApp(server.config(variables));
    const guess = async (address: string, username: string) => {
      const options = { headers: { 'x-forwarded-for': address } };
      const fields = { username, password: 'guess' };
      return (await proxied.anonymous.post('/api/sessions', fields, options)).status;
    };
    expect(await guess('2001:db8:1:2::a', 'outsider')).toBe(401);
    expect(await guess('2001:db8:1:2:ffff::b', 'outsider')).toBe(429);
    expect(await guess('2001:db8:1:3::a', 'outsider')).toBe(401);
    // Ten are the limit of one network; the refused one counts, too.
    for (let i = 0; i < 8; i += 1) expect(await guess(`2001:db8:1:2::${i}`, `n${i}`)).toBe(401);
    expect(await guess('2001:db8:1:2::ffff', 'another')).toBe(429);
    await proxied.close();
  });

  it.each(['1', '127.0.0.1', '10.0.0.0/8, loopback'])(
    'slow down who puts addresses before his own, behind a proxy that appends it (%s)',
    async (TRUST_PROXY) => {
      const variables = { TRUST_PROXY, LOGIN_ATTEMPTS: '2', WORKER_CONCURRENCY: '0' };
      const proxied = await startTestApp(server.config(variables));
      const guess = async (forwarded: string, username: string) => {
        const fields = { username, password: 'guess' };
        const headers = { 'x-forwarded-for': forwarded };
        return (await proxied.anonymous.post('/api/sessions', fields, { headers })).status;
      };
      try {
        for (const i of [1, 2])
          expect(await guess(`198.51.100.${i}, 203.0.113.7`, 'outsider')).toBe(401);
        expect(await guess('198.51.100.3, 203.0.113.7', 'outsider')).toBe(429);
        expect(await guess('203.0.113.7', 'outsider')).toBe(429);
        expect(await guess('203.0.113.7, 203.0.113.8', 'outsider')).toBe(401);
      } finally {
        await proxied.close();
      }
    },
  );
});
