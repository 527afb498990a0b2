import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { badInputs, expectRefused, type WritableAttributes } from '../support/bad-inputs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const ADMIN = 1_000_001;
const OWNER = 1_000_006;
const MEMBER = 1_000_007;
const OUTSIDER = 1_000_008;
const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };
const REFUSED = { errors: { model_data: {} } };
const ROLES = ['nobody', 'chorusadmin', 'owner', 'member', 'outsider'] as const;

/** What the reference client leaves out when it sends a document back (client-expectations.md 2). */
const READ_ONLY = ['complete_json', 'entity_type', 'id', 'image', 'is_deleted', 'tags', 'username'];

const ATTRIBUTES = {
  required: ['username', 'first_name', 'last_name', 'email'],
  texts: {
    username: 256,
    password: 256,
    first_name: 256,
    last_name: 256,
    email: 256,
    title: 256,
    dept: 256,
    notes: 4096,
  },
  flags: ['admin', 'subscribed_to_emails'],
  choices: ['user_type', 'roles'],
  taken: { username: 'OWNER' },
  others: {
    'a name with white space': { username: 'two words' },
    'a short password': { password: '12345', old_password: 'secret' },
    'no address': { email: 'nobody' },
    'one unknown role among known ones': { roles: ['admin', 'emperor'] },
  },
} satisfies Omit<WritableAttributes, 'good'>;

let count = 0;
/** Attributes of a user who is not there yet. */
function newUser(others: object = {}) {
  count += 1;
  return {
    username: `ada${count}`,
    password: 'demo62',
    first_name: 'Ada',
    last_name: 'Lovelace',
    email: 'ada@example.org',
    ...others,
  };
}

describe('users', () => {
  let server: TestServer;
  let app: TestApp;
  let admin: TestClient;
  let outsider: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '1000' }));
    admin = await app.as('chorusadmin');
    outsider = await app.as('outsider');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const as = (role: string) => (role === 'nobody' ? Promise.resolve(app.anonymous) : app.as(role));
  const create = async (others: object = {}) => {
    const answer = await admin.json('POST', '/api/users', newUser(others));
    expect(answer.status).toBe(201);
    return answer.response;
  };
  const fieldsOf = (answer: Answer) => {
    expect(answer.status).toBe(422);
    return answer.json.errors.fields;
  };

  // Columns: nobody, site administrator, owner, member, outsider.
  it.each([
    ['list', 'GET', '/api/users', [401, 200, 200, 200, 200]],
    ['show', 'GET', `/api/users/${OUTSIDER}`, [401, 200, 200, 200, 200]],
    ['show of nobody', 'GET', '/api/users/7', [401, 404, 404, 404, 404]],
    ['show of what is no id', 'GET', '/api/users/seven', [401, 404, 404, 404, 404]],
    ['show of a huge id', 'GET', '/api/users/99999999999', [401, 404, 404, 404, 404]],
    ['create', 'POST', '/api/users', [401, 422, 403, 403, 403]],
    ['update', 'PUT', `/api/users/${MEMBER}`, [401, 200, 403, 200, 403]],
    ['update by PATCH', 'PATCH', `/api/users/${MEMBER}`, [401, 200, 403, 200, 403]],
    ['update of nobody', 'PUT', '/api/users/7', [401, 404, 404, 404, 404]],
    ['delete of nobody', 'DELETE', '/api/users/7', [401, 404, 403, 403, 403]],
    ['delete of an owner', 'DELETE', `/api/users/${OWNER}`, [401, 422, 403, 403, 403]],
    ['delete of oneself', 'DELETE', `/api/users/${ADMIN}`, [401, 403, 403, 403, 403]],
    ['look up in the directory', 'GET', '/api/users/ldap?username=ada', [401, 503, 403, 403, 403]],
    ['picture', 'GET', `/api/users/${OWNER}/image`, [401, 200, 200, 200, 200]],
    ['no picture', 'GET', `/api/users/${MEMBER}/image`, [401, 404, 404, 404, 404]],
    ['upload without a file', 'POST', `/api/users/${MEMBER}/image`, [401, 422, 403, 422, 403]],
    ['upload for nobody', 'POST', '/api/users/7/image', [401, 404, 404, 404, 404]],
  ] as const)('%s', async (_title, method, path, statuses) => {
    const seen: number[] = [];
    for (const role of ROLES) seen.push((await (await as(role)).call(method, path)).status);
    expect(seen).toEqual(statuses);
  });

  it('refusals come before complaints, in the documented envelopes', async () => {
    const bad = { user: { email: '' } };
    const refused = await outsider.json('PUT', `/api/users/${MEMBER}`, bad);
    expect([refused.status, refused.json]).toEqual([403, REFUSED]);
    const notAdmin = await outsider.json('POST', '/api/users', bad);
    expect([notAdmin.status, notAdmin.json]).toEqual([403, {}]);
    const self = await admin.delete(`/api/users/${ADMIN}`);
    expect([self.status, self.json]).toEqual([403, {}]);
    expect((await admin.json('PUT', '/api/users/7', bad)).json).toEqual(NOT_FOUND);
    expect((await admin.get('/api/users/ldap')).json).toEqual({
      errors: { message: expect.any(String) },
    });
  });

  describe('as the reference client uses them', () => {
    it('are created with unset texts as null, and read back with empty ones', async () => {
      const token = admin.token;
      const body = newUser({
        title: null,
        notes: null,
        dept: null,
        admin: false,
        roles: '',
        user_type: 'analytics_developer',
        subscribed_to_emails: false,
      });
      const created = await app.anonymous.json('POST', `/api/users?session_id=${token}`, body);
      expect(created.status).toBe(201);
      expect(created.response).toMatchObject({
        username: body.username,
        title: '',
        notes: '',
        dept: '',
        admin: false,
        roles: [],
        user_type: 'analytics_developer',
        subscribed_to_emails: false,
        auth_method: 'internal',
        ldap_group_id: null,
        using_default_image: true,
        is_deleted: null,
        tags: [],
        complete_json: true,
      });
      const shown = await app.anonymous.get(
        `/api/users/${created.response.id}?session_id=${token}`,
      );
      expect(shown.text).toBe(created.text);
      for (const key of READ_ONLY) expect(shown.response).toHaveProperty(key);
      expect((await app.anonymous.login(body.username, 'demo62')).token).toMatch(/^[0-9a-f]{40}$/);
    });

    it('print the keys of the contract in its order', async () => {
      expect(Object.keys((await admin.get(`/api/users/${OWNER}`)).response)).toEqual([
        ...['id', 'username', 'first_name', 'last_name', 'image', 'is_deleted', 'auth_method'],
        ...['ldap_group_id', 'user_type', 'entity_type', 'using_default_image', 'active_license'],
        ...['is_siteadmin', 'roles', 'email', 'title', 'dept', 'notes', 'admin'],
        ...['subscribed_to_emails', 'tags', 'deactivated_at', 'complete_json'],
      ]);
    });

    // What `update(admin_role=…)` sends, and what becomes of a user who was administrator or not.
    it.each([
      ['app_admin', { admin: true, roles: '' }, ['admin']],
      ['data_admin', { admin: false, roles: 'data_admin' }, ['data_admin']],
      ['anything else', { admin: false, roles: '' }, []],
    ])('change their role: %s', async (_role, sent, roles) => {
      for (const before of ['', 'admin', 'data_admin']) {
        const user = await create({ roles: before });
        expect(user.roles).toEqual(before === '' ? [] : [before]);
        const path = `/api/users/${user.id}`;
        const document = without((await admin.get(path)).response, READ_ONLY);
        const updated = await admin.json('PUT', path, { ...document, ...sent });
        expect(updated.status).toBe(200);
        expect(updated.response).toEqual({ ...user, admin: sent.admin, roles });
        expect((await admin.get(path)).text).toBe(updated.text);
      }
    });

    it('stay as they are when their whole document is sent back, by them or an administrator', async () => {
      for (const id of [ADMIN, OWNER, MEMBER, OUTSIDER]) {
        const path = `/api/users/${id}`;
        const before = await admin.get(path);
        const login = before.response.username as string;
        for (const client of [admin, await app.as(login)]) {
          const sent = without(before.response, READ_ONLY);
          const updated = await client.json('PUT', path, sent);
          expect(updated.status).toBe(200);
          expect(updated.text).toBe(before.text);
          // Also with what the client leaves out.
          expect((await client.json('PUT', path, before.response)).text).toBe(before.text);
        }
      }
    });

    it('may share an address, and are listed in the same order whatever the page', async () => {
      await Promise.all(Array.from({ length: 7 }, () => create({ email: 'same@example.org' })));
      const whole = await admin.get('/api/users?per_page=100&page=1');
      expect(whole.json.pagination).toEqual({
        page: 1,
        per_page: 100,
        records: whole.response.length,
        total: 1,
      });
      const byPages: number[] = [];
      for (let page = 1, total = 2; page <= total; page += 1) {
        const answer = await admin.get(`/api/users?per_page=3&page=${page}`);
        expect(answer.json.pagination).toMatchObject({
          page,
          per_page: 3,
          records: whole.response.length,
        });
        byPages.push(...ids(answer));
        total = answer.json.pagination.total;
      }
      expect(byPages).toEqual(ids(whole));
      const beyond = await admin.get('/api/users?per_page=3&page=1000');
      expect(beyond.response).toEqual([]);
      expect(beyond.json.pagination).toMatchObject({ page: 1000, records: whole.response.length });
    });

    it('are deleted, and then not found', async () => {
      const { id } = await create();
      expect((await admin.delete(`/api/users/${id}`)).json).toEqual({});
      const gone = await admin.get(`/api/users/${id}`);
      expect([gone.status, gone.json]).toEqual([404, NOT_FOUND]);
      expect((await admin.delete(`/api/users/${id}`)).status).toBe(404);
      expect(ids(await admin.get('/api/users?per_page=1000'))).not.toContain(id);
    });
  });

  it('are sorted by first or last name without case, then id', async () => {
    for (const [first_name, last_name] of [
      ['bela', 'Zorro'],
      ['Bela', 'abel'],
      ['BELA', 'Abel'],
    ])
      await create({ first_name, last_name });
    for (const order of ['first_name', 'last_name'] as const) {
      const { response } = await admin.get(`/api/users?per_page=1000&order=${order}`);
      const keys = response.map((user: any) => [user[order].toLowerCase(), user.id]);
      const sorted = [...keys].sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j));
      expect(keys).toEqual(sorted);
    }
    expect(fieldsOf(await admin.get('/api/users?order=email'))).toEqual({
      order: { INCLUSION: { value: 'email' } },
    });
  });

  it.each(['page=0', 'page=-1', 'page=x', 'per_page=x', 'per_page=-1', 'page[]=1'])(
    'refuse a page that is none: %s',
    async (parameters) => {
      expect((await admin.get(`/api/users?${parameters}`)).status).toBe(422);
    },
  );

  it('take every form of body, flat or wrapped', async () => {
    const flat = new FormData();
    for (const [name, value] of Object.entries(newUser({ username: 'form1' })))
      flat.set(name, value);
    const wrapped = new FormData();
    for (const [name, value] of Object.entries(newUser({ username: 'form2' })))
      wrapped.set(`user[${name}]`, value);
    const bracketed = Object.fromEntries(
      Object.entries(newUser({ username: 'form3', admin: 't', subscribed_to_emails: '0' })).map(
        ([name, value]) => [`user[${name}]`, value],
      ),
    );
    const answers = [
      await admin.call('POST', '/api/users', { body: flat }),
      await admin.call('POST', '/api/users', { body: wrapped }),
      await admin.post('/api/users', bracketed),
      await admin.post('/api/users', newUser({ username: 'form4', 'roles[]': 'data_admin' })),
      await admin.json('POST', '/api/users', { user: newUser({ username: 'form5' }), email: '' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(answers.map(({ response }) => response.username)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `form${n}`),
    );
    expect(answers[2]?.response).toMatchObject({ admin: true, subscribed_to_emails: false });
    expect(answers[3]?.response).toMatchObject({ roles: ['data_admin'] });
  });

  it('report everything that is wrong at once', async () => {
    expect(fieldsOf(await admin.json('POST', '/api/users', {}))).toEqual({
      username: { BLANK: {} },
      password: { BLANK: {} },
      first_name: { BLANK: {} },
      last_name: { BLANK: {} },
      email: { BLANK: {} },
    });
    const bad = newUser({
      username: 'Owner',
      password: 'short',
      first_name: 'x'.repeat(257),
      email: 'nowhere',
      notes: 'x'.repeat(4097),
      user_type: 'king',
      roles: 'emperor',
      admin: 'perhaps',
    });
    expect(fieldsOf(await admin.json('POST', '/api/users', bad))).toEqual({
      username: { TAKEN: { value: 'Owner' } },
      password: { TOO_SHORT: { count: 6 } },
      first_name: { TOO_LONG: { count: 256 } },
      email: { INVALID: { value: 'nowhere' } },
      notes: { TOO_LONG: { count: 4096 } },
      user_type: { INCLUSION: { value: 'king' } },
      roles: { INCLUSION: {} },
      admin: { INVALID: { value: 'perhaps' } },
    });
    expect(fieldsOf(await admin.post('/api/users', newUser({ username: 'a b' })))).toEqual({
      username: { INVALID: { value: 'a b' } },
    });
  });

  it('take texts up to their limits, in any script', async () => {
    const longest = {
      ...newUser({ username: '中'.repeat(256), password: '😀'.repeat(256) }),
      first_name: 'é'.repeat(256),
      last_name: '𝄐'.repeat(128),
      email: `${'a'.repeat(244)}@example.org`,
      notes: 'x'.repeat(4096),
    };
    const { status, response } = await admin.json('POST', '/api/users', longest);
    expect(status).toBe(201);
    const { password: _, ...shown } = longest;
    expect(response).toMatchObject(shown);
    expect((await app.anonymous.login(longest.username, longest.password)).token).not.toBe('');
  });

  it('refuse every bad creation, and nothing is changed', async () => {
    const bad = badInputs({ ...ATTRIBUTES, good: newUser() });
    const answers = await expectRefused(server, admin, ['POST', '/api/users'], bad);
    expect(answers.size).toBeGreaterThanOrEqual(80);
  });

  it('refuse every bad change, and nothing is changed', async () => {
    const path = `/api/users/${MEMBER}`;
    const bad = badInputs({ ...ATTRIBUTES, good: { title: 'Never' } });
    await expectRefused(server, admin, ['PUT', path], bad);
  });

  it('let one of twenty have a name', async () => {
    const clients = Array.from({ length: 20 }, (_, i) =>
      admin.json('POST', '/api/users', newUser({ username: i % 2 === 0 ? 'race' : 'RACE' })),
    );
    const answers = await Promise.all(clients);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(fieldsOf(answer)).toEqual({
        username: { TAKEN: { value: expect.stringMatching(/race/i) } },
      });
  });

  it('let one of twenty change to a name; a deleted user’s name is free again', async () => {
    const users = [];
    for (let i = 0; i < 20; i += 1) users.push(await create());
    const answers = await Promise.all(
      users.map(({ id }) => admin.json('PUT', `/api/users/${id}`, { username: 'wanted' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(422)]);
    const winner = answers.find(({ status }) => status === 200)?.response;
    expect((await admin.delete(`/api/users/${winner.id}`)).status).toBe(200);
    expect((await create({ username: 'Wanted' })).username).toBe('Wanted');
  });

  it('cannot make themselves more than they are', async () => {
    const before = (await outsider.get(`/api/users/${OUTSIDER}`)).response;
    const sent = { admin: true, roles: ['admin'], user_type: 'analytics_developer', title: 'Boss' };
    const { response } = await outsider.json('PUT', `/api/users/${OUTSIDER}`, sent);
    expect(response).toEqual({ ...before, title: 'Boss' });
    expect((await outsider.json('POST', '/api/users', newUser())).status).toBe(403);
    for (const name of [
      'site_admin',
      'siteAdmin',
      'is_siteadmin',
      'deleted_at',
      'passwordHash',
      'id',
    ])
      await outsider.json('PUT', `/api/users/${OUTSIDER}`, { [name]: 1 });
    expect((await outsider.get(`/api/users/${OUTSIDER}`)).response).toEqual(response);
  });

  it('change their own password with the old one; their other sessions end', async () => {
    const { id, username } = await create();
    const [here, elsewhere] = [
      await app.anonymous.login(username, 'demo62'),
      await app.anonymous.login(username, 'demo62'),
    ];
    const change = (body: object) => here.json('PUT', `/api/users/${id}`, body);
    expect(fieldsOf(await change({ password: 'secret2' }))).toEqual({
      old_password: { BLANK: {} },
    });
    expect(fieldsOf(await change({ password: 'secret2', old_password: 'wrong1' }))).toEqual({
      old_password: { INVALID: {} },
    });
    expect(fieldsOf(await change({ password: 'short', old_password: 'wrong1' }))).toEqual({
      password: { TOO_SHORT: { count: 6 } },
      old_password: { INVALID: {} },
    });
    expect((await elsewhere.get('/api/users')).status).toBe(200);
    expect((await change({ password: 'secret2', old_password: 'demo62' })).status).toBe(200);
    expect((await here.get('/api/users')).status).toBe(200);
    expect((await elsewhere.get('/api/users')).status).toBe(401);
    const login = (password: string) => app.anonymous.post('/api/sessions', { username, password });
    expect((await login('demo62')).status).toBe(401);
    expect((await login('secret2')).status).toBe(201);

    // An administrator needs no old password for somebody else; all sessions end.
    expect((await admin.json('PUT', `/api/users/${id}`, { password: 'secret3' })).status).toBe(200);
    expect((await here.get('/api/users')).status).toBe(401);
    expect((await login('secret3')).status).toBe(201);
    expect(
      fieldsOf(await admin.json('PUT', `/api/users/${ADMIN}`, { password: 'secret3' })),
    ).toEqual({
      old_password: { BLANK: {} },
    });
  });

  it('never print or store a password in clear', async () => {
    const { id } = await create({ password: 'plain-marker-4711' });
    const bad = await admin.json('PUT', `/api/users/${id}`, { password: ['plain-marker-4711'] });
    expect(bad.text).not.toContain('4711');
    expect((await admin.get(`/api/users/${id}`)).text).not.toMatch(/password|argon|4711/i);
    const rows = await query(server.url, 'SELECT users::text AS row FROM users WHERE id = $1', [
      id,
    ]);
    expect(rows[0]?.['row']).toContain('$argon2id$');
    expect(rows[0]?.['row']).not.toContain('4711');
  });

  it('keep the last administrator, and the built-in one', async () => {
    const demote = (client: TestClient, id: number) =>
      client.json('PUT', `/api/users/${id}`, { admin: false, roles: [] });
    expect((await demote(admin, ADMIN)).response).toMatchObject({ admin: true, roles: ['admin'] });
    const second = await create({ admin: true });
    const secondAdmin = await app.anonymous.login(second.username, 'demo62');
    expect((await demote(secondAdmin, ADMIN)).response.admin).toBe(true);
    // Without the built-in one, two demote each other at once: one of them remains.
    const third = await create({ admin: true });
    const thirdAdmin = await app.anonymous.login(third.username, 'demo62');
    await query(server.url, `UPDATE users SET deactivated_at = now() WHERE site_admin`);
    await query(
      server.url,
      `DELETE FROM user_roles WHERE role = 'admin' AND user_id NOT IN ($1, $2)`,
      [second.id, third.id],
    );
    await Promise.all([demote(secondAdmin, third.id), demote(thirdAdmin, second.id)]);
    const left = await query<{ user_id: number }>(
      server.url,
      `SELECT user_id FROM user_roles WHERE role = 'admin' AND user_id IN ($1, $2)`,
      [second.id, third.id],
    );
    expect(left).toHaveLength(1);
    // The same by deleting each other.
    await query(
      server.url,
      `INSERT INTO user_roles VALUES ($1, 'admin'), ($2, 'admin') ON CONFLICT DO NOTHING`,
      [second.id, third.id],
    );
    const deleted = await Promise.all([
      secondAdmin.delete(`/api/users/${third.id}`),
      thirdAdmin.delete(`/api/users/${second.id}`),
    ]);
    expect(deleted.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    await query(server.url, `UPDATE users SET deactivated_at = NULL WHERE site_admin`);
    await query(server.url, `INSERT INTO user_roles VALUES ($1, 'admin') ON CONFLICT DO NOTHING`, [
      ADMIN,
    ]);
    admin = await app.as('chorusadmin');
  });

  it('are not deleted while they own workspaces or data sources', async () => {
    expect(fieldsOf(await admin.delete(`/api/users/${OWNER}`))).toEqual({
      workspace_count: { EQUAL_TO: { count: 3 } },
      user: { NONEMPTY_DATA_SOURCE_LIST: {} },
    });
    expect((await admin.get(`/api/users/${OWNER}`)).status).toBe(200);
  });

  it('lose memberships, roles, accounts and sessions when they are deleted', async () => {
    const { id, username } = await create({ roles: 'data_admin' });
    const client = await app.anonymous.login(username, 'demo62');
    await query(
      server.url,
      `INSERT INTO memberships (user_id, workspace_id) VALUES ($1, 1000008)`,
      [id],
    );
    await query(
      server.url,
      `INSERT INTO data_source_accounts (data_source_id, owner_id, db_username, db_password_encrypted)
       VALUES (1000002, $1, 'a', 'b')`,
      [id],
    );
    expect((await admin.delete(`/api/users/${id}`)).json).toEqual({});
    expect((await client.get('/api/users')).status).toBe(401);
    for (const rows of [
      'memberships WHERE user_id = $1',
      'user_roles WHERE user_id = $1',
      'sessions WHERE user_id = $1',
      'data_source_accounts WHERE owner_id = $1 AND deleted_at IS NULL',
    ])
      expect(await query(server.url, `SELECT FROM ${rows}`, [id])).toEqual([]);
  });

  it('are on record when they are added', async () => {
    const { id } = await create();
    expect(
      await query(
        server.url,
        `SELECT action, actor_id, workspace_id, target1_type, target1_id FROM events WHERE target1_id = $1`,
        [id],
      ),
    ).toEqual([
      {
        action: 'UserAdded',
        actor_id: ADMIN,
        workspace_id: null,
        target1_type: 'user',
        target1_id: id,
      },
    ]);
  });
});

function without(document: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !keys.includes(key)));
}

function ids(answer: Answer): number[] {
  return answer.response.map(({ id }: { id: number }) => id);
}
