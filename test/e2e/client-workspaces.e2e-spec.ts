import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { READ_ONLY_OF_WORKSPACE } from '../support/documents.js';
import { ReferenceClient } from '../support/reference/client.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { ARCHIVED, PRIVATE, PUBLIC } from '../support/workfiles.js';

const OWNER = 1_000_006;
const MEMBER = 1_000_007;
const OUTSIDER = 1_000_008;
const ROLES = [
  ...['Project Member', 'Business Owner', 'Business Analyst', 'Data Science Manager'],
  ...['Data Scientist', 'Data Engineer', 'Application Engineer', 'Project Manager'],
];

/** client-expectations.md 3. */
describe('the reference client’s workspaces', () => {
  let server: TestServer;
  let app: TestApp;
  let client: ReferenceClient;
  let admin: ReferenceClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '1000', WORKER_CONCURRENCY: '0' }));
    client = await ReferenceClient.as(app.url, 'owner');
    admin = await ReferenceClient.as(app.url, 'chorusadmin');
  });
  afterAll(async () => {
    client.close();
    admin.close();
    await app.close();
    await server.stop();
  });

  let made = 0;
  const create = (isPublic = false, summary: string | null = null) =>
    client.workspaces.create(`client ${(made += 1)}`, isPublic, summary);
  const namesOf = (list: { name: string }[]) => list.map(({ name }) => name);

  it.each([
    [false, null],
    [true, null],
    [false, ''],
    [true, 'All of it: "ü", a+b & 50%'],
  ])('are created by a form: public %s, summary %s', async (isPublic, summary) => {
    const one = await create(isPublic, summary);
    expect(one).toMatchObject({
      public: isPublic,
      archived: false,
      members_count: 1,
      is_member: true,
      summary: summary?.replace('&', '&amp;') ?? null,
      workspace_stage: { id: 1_000_000, name: 'Define' },
    });
    expect(await client.workspaces.get(one.id as number)).toEqual(one);
  });

  it('have the owner’s complete document, as the creation of the user answered it', async () => {
    const password = 'demo62';
    const user = await admin.users.create('creator', { password });
    const creator = new ReferenceClient(app.url);
    await creator.login.login('creator', password);
    const one = await creator.workspaces.create('of the creator');
    expect(one.owner).toEqual(user);
    const members = await creator.workspaces.members(one.id as number);
    expect(members).toHaveLength(one.members_count as number);
    const { role, ...document } = members[0];
    expect([role, document]).toEqual(['Project Manager', user]);
    creator.close();
  });

  it('that are not there are none, in get, get_id, update and delete', async () => {
    const { workspaces } = client;
    await expect(workspaces.get(4711)).rejects.toThrow('WorkspaceNotFoundException: 404');
    await expect(workspaces.getId('nothing')).rejects.toThrow('WorkspaceNotFoundException');
    await expect(workspaces.update(4711, {})).rejects.toThrow('WorkspaceNotFoundException: 404');
    await expect(workspaces.members(4711)).rejects.toThrow('WorkspaceNotFoundException: 404');
    expect(await workspaces.delete(4711)).toBeNull();
  });

  it('are listed by member and by being active, in one order', async () => {
    const outsider = await ReferenceClient.as(app.url, 'outsider');
    const own = await outsider.workspaces.create('only the outsider');
    const seen = namesOf(await outsider.workspaces.getList());
    expect(seen).toContain('Public');
    const { name: hidden } = await admin.workspaces.get(PRIVATE);
    expect(seen).not.toContain(hidden);
    expect(namesOf(await outsider.workspaces.getList({ userId: OUTSIDER }))).toEqual([own.name]);
    expect(namesOf(await outsider.workspaces.getList({ userId: MEMBER }))).toContain('Public');
    // The administrator sees all, member or not.
    const all = await admin.workspaces.getList();
    expect(all.map(({ id }) => id)).toEqual(
      expect.arrayContaining([PUBLIC, PRIVATE, ARCHIVED, own.id]),
    );
    const active = await admin.workspaces.getList({ active: true });
    expect(active.map(({ id }) => id)).not.toContain(ARCHIVED);
    expect(await admin.workspaces.getList({ userId: OUTSIDER, active: true })).toHaveLength(1);
    for (const perPage of [1, 2, 3, 1000])
      expect(await admin.workspaces.getList({}, perPage)).toEqual(all);
    expect(await admin.workspaces.getId(hidden as string)).toBe(PRIVATE);
    expect(await admin.workspaces.getId('Public', MEMBER)).toBe(PUBLIC);
    await expect(admin.workspaces.getId('public')).rejects.toThrow('WorkspaceNotFoundException');
    outsider.close();
  });

  it('are updated with their whole document less six keys, all of which are there', async () => {
    const before = await create(false, 'before');
    const id = before.id as number;
    for (const key of READ_ONLY_OF_WORKSPACE) expect(before).toHaveProperty(key);
    expect(await client.workspaces.update(id, {})).toEqual(before);
    const changes = { name: 'Ünïted 中', summary: 'after', public: true };
    const after = await client.workspaces.update(id, changes);
    expect(after).toEqual({ ...before, ...changes });
    expect(await client.workspaces.get(id)).toEqual(after);
    // What is nested or unknown is passed over.
    const odd = await client.workspaces.update(id, {
      owner: { id: MEMBER, username: 'member' },
      permission: [],
      members_count: 7,
      sandbox_info: { id: 1 },
      tags: [{ name: 'x' }],
      unheard: { of: true },
    });
    expect(odd).toEqual(after);
    // So it is with the fullest one there is.
    const full = await client.workspaces.get(PUBLIC);
    expect(await client.workspaces.update(PUBLIC, {})).toEqual(full);
  });

  it('are archived and taken back', async () => {
    const { id } = await create();
    const archived = await client.workspaces.update(id as number, { archived: true });
    expect(archived).toMatchObject({ archived: true, archiver: { username: 'owner' } });
    expect(await client.workspaces.get(id as number)).toEqual(archived);
    expect(await client.workspaces.update(id as number, { archived: false })).toMatchObject({
      archived: false,
      archived_at: null,
      archiver: null,
    });
  });

  it.each([
    ['of which the first has its documented id', 'id', [1_000_000, 2, 3, 4, 5]],
    [
      'that have other ids, as in demo data of earlier versions',
      '1000000 + position',
      [1_000_000, 1_000_001, 1_000_002, 1_000_003, 1_000_004],
    ],
  ])('go through the stages by the client’s numbers %s', async (_which, id, ids) => {
    await query(server.url, `UPDATE workspace_stages SET id = ${id}`);
    const made = await create();
    const stages = ['Define', 'Transform', 'Model', 'Deploy', 'Act'];
    for (const [position, name] of stages.entries())
      for (const sent of [position + 1, ids[position]])
        expect(
          await client.workspaces.update(made.id as number, { workspace_stage_id: sent }),
        ).toMatchObject({
          workspace_stage_id: ids[position],
          workspace_stage: { id: ids[position], name, position },
        });
  });

  it('change hands to a member', async () => {
    const { id } = await create();
    await expect(client.workspaces.update(id as number, { owner_id: MEMBER })).rejects.toThrow(
      'WorkspaceMemberNotFoundException',
    );
    await client.workspaces.addMember(id as number, MEMBER);
    const after = await client.workspaces.update(id as number, { owner_id: MEMBER });
    expect(after.owner).toEqual(await client.users.get(MEMBER));
  });

  it('are deleted once, and quietly after that', async () => {
    const { id, name } = await create();
    expect(await client.workspaces.delete(id as number)).toBe(200);
    await expect(client.workspaces.get(id as number)).rejects.toThrow('WorkspaceNotFoundException');
    await expect(client.workspaces.getId(name as string)).rejects.toThrow(
      'WorkspaceNotFoundException',
    );
    expect(await client.workspaces.delete(id as number)).toBeNull();
    expect(await client.workspaces.create(name as string)).toMatchObject({ name });
  });

  describe('members', () => {
    const rolesOf = (list: any[]) =>
      Object.fromEntries(list.map(({ username, role }) => [username as string, role as string]));

    it('are full documents with a role, however they are paged', async () => {
      const all = await client.workspaces.members(PUBLIC);
      expect(all.length).toBeGreaterThan(1);
      for (const perPage of [1, 2, 1000])
        expect(await client.workspaces.members(PUBLIC, perPage)).toEqual(all);
      for (const { role, ...user } of all) {
        expect(ROLES).toContain(role);
        expect(user).toEqual(await client.users.get(user.id as number));
      }
    });

    it('are added, given roles and removed by sending the whole list', async () => {
      const { id } = await create();
      const { workspaces } = client;
      const added = await workspaces.addMember(id as number, MEMBER);
      expect(rolesOf(added)).toEqual({ owner: 'Project Manager', member: 'Project Member' });
      expect(await workspaces.members(id as number)).toEqual(added);
      expect(rolesOf(await workspaces.addMember(id as number, OUTSIDER, 'Data Engineer'))).toEqual({
        owner: 'Project Manager',
        member: 'Project Member',
        outsider: 'Data Engineer',
      });
      expect((await workspaces.get(id as number)).members_count).toBe(3);
      for (const role of ROLES)
        expect(rolesOf(await workspaces.updateRole(id as number, MEMBER, role))).toMatchObject({
          member: role,
          outsider: 'Data Engineer',
        });
      const left = await workspaces.removeMember(id as number, MEMBER);
      expect(rolesOf(left)).toEqual({ owner: 'Project Manager', outsider: 'Data Engineer' });
      // It replaces the list.
      const members = [{ user_id: OWNER, role: 'Data Scientist' }];
      expect(rolesOf(await workspaces.setMembers(id as number, members))).toEqual({
        owner: 'Data Scientist',
      });
      // Adding somebody who is there changes nothing.
      const twice = await workspaces.postMembers(id as number, [...members, ...members]);
      expect(rolesOf(twice.json().response)).toEqual({ owner: 'Data Scientist' });
    });

    it('are refused as a document without a response', async () => {
      const { id } = await create();
      const refused = await client.workspaces.postMembers(id as number, []);
      expect([refused.status, refused.json()]).toEqual([
        422,
        { errors: { fields: { owner: { 'OWNER MUST BE A MEMBER': null } } } },
      ]);
      const unknown = await client.workspaces.postMembers(id as number, [
        { user_id: OWNER, role: 'Project Manager' },
        { user_id: 4711, role: 'Project Member' },
      ]);
      expect(unknown.json()).toEqual({ errors: { record: 'NOT_FOUND' } });
      await expect(client.workspaces.addMember(id as number, 4711)).rejects.toThrow(
        'UserNotFoundException: 404',
      );
    });
  });
});
