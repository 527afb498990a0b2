import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReferenceClient } from '../support/reference/client.js';
import { JSON_TYPE, ReferenceSession } from '../support/reference/session.js';
import { Wire } from '../support/reference/wire.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const ROLES = ['analytics_developer', 'business_user', 'collaborator', 'data_analyst'];
const PARTS = ['api', 'custom', 'jobs', 'milestones', 'modeling', 'touchpoints'];

/** client-expectations.md 1. */
describe('the reference client’s session', () => {
  let server: TestServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '1000', WORKER_CONCURRENCY: '0' }));
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const using = async (work: (client: ReferenceClient) => Promise<void>) => {
    const client = new ReferenceClient(app.url);
    try {
      await work(client);
    } finally {
      client.close();
    }
  };

  it('logs in with the recorded bytes', async () => {
    const wire = await Wire.to(app.url);
    const answer = await wire.send(
      [
        'POST /api/sessions?session_id=NULL HTTP/1.1',
        `Host: ${new URL(app.url).host}`,
        'User-Agent: python-requests/2.34.0',
        'Accept-Encoding: gzip, deflate',
        'Accept: */*',
        'Connection: keep-alive',
        'Content-Type: application/x-www-form-urlencoded',
        'Content-Length: 30',
        '',
        '',
      ].join('\r\n'),
      'username=owner&password=secret',
    );
    wire.close();
    expect(answer.status).toBe(201);
    const { response } = JSON.parse(answer.text);
    expect(Object.keys(response as object)).toEqual(['session_id', 'user', 'complete_json']);
    expect(response.session_id).toMatch(/^[0-9a-f]{40}$/);
    expect(response.user).toMatchObject({ id: 1_000_006, username: 'owner' });
  });

  it('is told with the status alone that it may not', async () => {
    await using(async ({ login }) => {
      for (const [name, password] of [
        ['owner', 'wrong'],
        ['nobody', 'secret'],
        ['', ''],
        ['owner', ''],
      ] as const)
        await expect(login.login(name, password)).rejects.toThrow('LoginFailureException: 401');
      expect(await login.getStatus()).toEqual({});
    });
  });

  it('has the same user document twice, but for `complete_json`', async () => {
    await using(async ({ login }) => {
      const user = await login.login('owner');
      expect(user).not.toHaveProperty('complete_json');
      const status = await login.getStatus();
      expect(status).toEqual({ ...user, complete_json: true });
    });
  });

  it('is over after logging out, with parameter, cookie and header', async () => {
    await using(async (client) => {
      const { login, session } = client;
      await login.login('owner');
      session.sendTokenHeaderFromNowOn();
      const { token } = session;
      const out = await login.logout();
      expect(out.status).toBe(200);
      expect(out.json()).toEqual({ csrf_token: expect.any(String) });
      expect(session.cookie('_session_id') ?? '').toBe('');
      expect(await login.getStatus()).toEqual({});
      expect(await login.getLicense()).toBeUndefined();
      for (const bare of [true, false])
        expect((await session.call('GET', '/api/users', { bare })).status).toBe(401);
      // A cookie that was kept elsewhere is dead too.
      const wire = await Wire.to(app.url);
      for (const credential of [`Cookie: _session_id=${token}`, `x-token: ${token}`]) {
        const { status } = await wire.send(
          `GET /api/sessions HTTP/1.1\r\nHost: localhost\r\n${credential}\r\n\r\n`,
        );
        expect(status).toBe(401);
      }
      wire.close();
      // Again is harmless.
      expect([200, 401]).toContain((await login.logout()).status);
      const left = await query(
        server.url,
        'SELECT FROM sessions WHERE token_hash = sha256($1::bytea)',
        [Buffer.from(token ?? '')],
      );
      expect(left).toEqual([]);
    });
  });

  it('logs in as somebody else after that, and goes on sending the old x-token', async () => {
    await using(async ({ login, session, users }) => {
      await login.login('owner');
      session.sendTokenHeaderFromNowOn();
      await login.logout();
      await login.login('member');
      expect(await login.getStatus()).toMatchObject({ username: 'member' });
      expect(await login.getLicense()).toHaveProperty('vendor');
      expect((await users.getList()).length).toBeGreaterThan(3);
      const stop = await session.call(
        'POST',
        '/alpinedatalabs/api/v1/json/processes/00000000-0000-4000-8000-000000000000/stop',
        { bare: true },
      );
      expect(stop.status).toBe(200);
    });
  });

  it('may log in twice without logging out', async () => {
    await using(async ({ login, session }) => {
      await login.login('owner');
      const first = session.token;
      await login.login('outsider');
      expect(session.token).not.toBe(first);
      expect(await login.getStatus()).toMatchObject({ username: 'outsider' });
      const other = new ReferenceSession(app.url);
      other.token = first;
      expect((await other.call('GET', '/api/sessions')).json().response.user.username).toBe(
        'owner',
      );
      other.close();
    });
  });

  it('asks for the version without a login: plain text in UTF-8', async () => {
    await using(async ({ login, session }) => {
      expect(await login.getVersion()).toMatch(/^\d+(\.\d+)+[\w.-]*$/);
      const reply = await session.call('GET', '/api/VERSION', { type: JSON_TYPE, bare: true });
      expect(reply.status).toBe(200);
      const type = reply.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
      expect(type).toBe('text/plain; charset=utf-8');
      expect(reply.text).toMatch(/^\S+\n$/);
    });
  });

  it('asks what is licensed, with its cookie alone', async () => {
    await using(async ({ login }) => {
      expect(await login.getLicense()).toBeUndefined();
      await login.login('owner');
      const license = await login.getLicense();
      for (const name of ['admins', ...ROLES]) expect(license[name]).toEqual(expect.any(Number));
      for (const name of [
        ...ROLES.map((role) => `${role}_limit_reached`),
        ...PARTS.flatMap((part) => [`is_enabled_${part}`, `limit_${part}`]),
        ...['users_license_limit_reached', 'advisor_now_enabled', 'workflow_enabled'],
        ...['correct_mac_address', 'expired'],
      ])
        expect([name, typeof license[name]]).toEqual([name, 'boolean']);
      for (const name of ['branding', 'client_name', 'level', 'mac_address'])
        expect(license).toHaveProperty(name);
      expect(license).toMatchObject({
        limit_api: false,
        is_enabled_api: true,
        expired: false,
        correct_mac_address: true,
        expires: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        organization_uuid: expect.any(String),
        vendor: expect.any(String),
        version: `${await login.getVersion()}\n`,
      });
    });
  });
});
