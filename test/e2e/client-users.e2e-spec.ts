import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { READ_ONLY_OF_USER } from '../support/documents.js';
import { ReferenceClient } from '../support/reference/client.js';
import { JSON_TYPE } from '../support/reference/session.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const OWNER = 1_000_006;
const TYPES = ['analytics_developer', 'data_analyst', 'collaborator', 'business_user'];

/** client-expectations.md 2. */
describe('the reference client’s users', () => {
  let server: TestServer;
  let app: TestApp;
  let client: ReferenceClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '1000', WORKER_CONCURRENCY: '0' }));
    client = await ReferenceClient.as(app.url, 'chorusadmin');
  });
  afterAll(async () => {
    client.close();
    await app.close();
    await server.stop();
  });

  let made = 0;
  const create = async (others: object = {}) => {
    const user = await client.users.create(`client_${(made += 1)}`, others);
    expect(user).toHaveProperty('id');
    return user;
  };

  it('are created, and usable as a document at once', async () => {
    const user = await create();
    expect(user).toEqual(await client.users.get(user.id as number));
    expect(Number.isInteger(user.id)).toBe(true);
    // Unset texts are sent as null and read back empty.
    expect(user).toMatchObject({
      username: 'client_1',
      first_name: 'Ada',
      last_name: 'Lovelace',
      email: 'ada@example.org',
      title: '',
      dept: '',
      notes: '',
      admin: false,
      roles: [],
      user_type: 'business_user',
      subscribed_to_emails: false,
      is_deleted: null,
      using_default_image: true,
    });
    const texts = { title: 'Dr. "Ü" 中 😀', dept: 'a+b&c=d', notes: 'two\nlines' };
    expect(await create(texts)).toMatchObject(texts);
    const login = new ReferenceClient(app.url);
    expect(await login.login.login('client_1', 'demo62')).toMatchObject({ id: user.id });
    login.close();
  });

  it('have the recorded keys', async () => {
    expect(Object.keys(await client.users.get(OWNER))).toEqual(
      expect.arrayContaining([
        ...['admin', 'auth_method', 'complete_json', 'dept', 'email', 'entity_type', 'first_name'],
        ...['id', 'image', 'is_deleted', 'last_name', 'ldap_group_id', 'notes', 'roles'],
        ...['subscribed_to_emails', 'tags', 'title', 'user_type', 'username'],
        'using_default_image',
      ]),
    );
    const { image, roles, tags } = await client.users.get(OWNER);
    expect(Object.keys(image as object).sort()).toEqual([
      ...['complete_json', 'entity_type', 'icon', 'original'],
    ]);
    expect([Array.isArray(roles), Array.isArray(tags)]).toEqual([true, true]);
  });

  it.each([
    ['admin', true, { admin: true, roles: ['admin'] }],
    ['data_admin', false, { admin: false, roles: ['data_admin'] }],
    ['', false, { admin: false, roles: [] }],
    ['', true, { admin: true, roles: ['admin'] }],
  ])('are created with the role "%s", admin %s', async (roles, admin, expected) => {
    expect(await create({ roles, admin })).toMatchObject(expected);
  });

  it.each(TYPES)('are created as %s, with any flag for e-mails', async (user_type) => {
    for (const subscribed_to_emails of [true, false])
      expect(await create({ user_type, subscribed_to_emails })).toMatchObject({
        user_type,
        subscribed_to_emails,
      });
  });

  it('may share an address and have a password of six letters', async () => {
    const [one, two] = [await create(), await create({ password: 'demo62' })];
    expect(one.email).toBe(two.email);
    expect(await client.users.create('short', { password: 'demo6' })).toEqual({
      errors: { fields: { password: { TOO_SHORT: { count: 6 } } } },
    });
  });

  it('that are not there are no users, in get, get_id, update and delete', async () => {
    await expect(client.users.get(4711)).rejects.toThrow('UserNotFoundException: 404');
    await expect(client.users.getId('nobody')).rejects.toThrow('UserNotFoundException');
    await expect(client.users.update(4711, {})).rejects.toThrow('UserNotFoundException: 404');
    expect(await client.users.delete(4711)).toBeNull();
  });

  it('are listed in one order whatever the size of a page, and found by their exact name', async () => {
    await create();
    const all = await client.users.getList();
    for (const perPage of [1, 2, 3, 7, 1000])
      expect(await client.users.getList(perPage)).toEqual(all);
    for (const { id, username } of all)
      expect(await client.users.getId(username as string)).toBe(id);
    await expect(client.users.getId('OWNER')).rejects.toThrow('UserNotFoundException');
  });

  it('are updated with their whole document less seven keys, all of which are there', async () => {
    const { id } = await create({ title: 'before' });
    const before = await client.users.get(id as number);
    for (const key of READ_ONLY_OF_USER) expect(before).toHaveProperty(key);
    const after = await client.users.update(id as number, {
      title: 'after',
      dept: 'ß',
      first_name: 'Grace',
      user_type: 'data_analyst',
      subscribed_to_emails: true,
      email: 'grace@example.org',
    });
    expect(after).toEqual({
      ...before,
      title: 'after',
      dept: 'ß',
      first_name: 'Grace',
      user_type: 'data_analyst',
      subscribed_to_emails: true,
      email: 'grace@example.org',
    });
    expect(await client.users.get(id as number)).toEqual(after);
    // Nothing changed is no change, down to the addresses of the picture.
    expect(await client.users.update(id as number, {})).toEqual(after);
    const owner = await client.users.get(OWNER);
    expect(owner.using_default_image).toBe(false);
    expect(await client.users.update(OWNER, {})).toEqual(owner);
  });

  it('keep what the document sends back and nobody may write', async () => {
    const before = await create();
    const after = await client.users.update(before.id as number, {
      auth_method: 'ldap',
      ldap_group_id: 'x',
      using_default_image: false,
      active_license: false,
      is_siteadmin: true,
      deactivated_at: '2020-01-01T00:00:00Z',
      unheard: { of: [1] },
    });
    expect({ ...after, auth_method: null, ldap_group_id: null }).toEqual({
      ...before,
      auth_method: null,
      ldap_group_id: null,
    });
  });

  it.each([
    ['app_admin', { admin: true, roles: ['admin'] }],
    ['data_admin', { admin: false, roles: ['data_admin'] }],
    ['admin', { admin: false, roles: [] }],
    ['', { admin: false, roles: [] }],
  ] as const)('are given the role %s by an update', async (role, expected) => {
    const { id } = await create({ admin: true, roles: 'admin' });
    expect(await client.users.update(id as number, { role })).toMatchObject(expected);
    expect(await client.users.get(id as number)).toMatchObject(expected);
  });

  it('keep their roles, which are sent back as a list, when none are given', async () => {
    for (const [given, roles] of [
      [{ admin: true }, ['admin']],
      [{ roles: 'data_admin' }, ['data_admin']],
      [{}, []],
    ] as const) {
      const { id } = await create(given);
      expect(await client.users.update(id as number, { title: 'x' })).toMatchObject({ roles });
    }
  });

  it('are deleted once, and quietly after that', async () => {
    const { id, username } = await create();
    expect(await client.users.delete(id as number)).toBe(200);
    await expect(client.users.get(id as number)).rejects.toThrow('UserNotFoundException: 404');
    await expect(client.users.getId(username as string)).rejects.toThrow('UserNotFoundException');
    expect(await client.users.delete(id as number)).toBeNull();
    const gone = await client.session.call('DELETE', `/api/users/${id}`, { type: JSON_TYPE });
    expect([gone.status, gone.json()]).toEqual([404, { errors: { record: 'NOT_FOUND' } }]);
    // The name is free again.
    expect(await client.users.create(username as string)).toMatchObject({ username });
  });
});
