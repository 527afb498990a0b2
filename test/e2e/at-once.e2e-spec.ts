import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  aDataSource,
  attributesOf,
  aRole,
  MEMBER,
  OUTSIDER,
  OWNER,
  post,
  put,
  quiet,
} from '../support/data-sources.js';
import { idsOf } from '../support/documents.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile } from '../support/workfiles.js';

const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };

/**
 * The same thing asked for by twenty clients at the same time. That a name goes to one of twenty is with what has names:
 * workspaces, users, data sources, workfiles.
 */
describe('twenty at once', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let member: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0', LOGIN_ATTEMPTS: '1000' }));
    owner = await app.as('owner');
    member = await app.as('member');
    admin = await app.as('chorusadmin');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const twenty = (ask: (i: number, client: TestClient) => Promise<Answer>) =>
    Promise.all(Array.from({ length: 20 }, (_, i) => ask(i, i % 2 === 0 ? owner : admin)));
  const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();
  const bodiesOf = (answers: readonly Answer[], status: number) =>
    answers.filter((one) => one.status === status).map(({ json }) => json as unknown);
  const all = (status: number) => new Array<number>(20).fill(status);
  const one = (status: number, others: number) => [status, ...new Array<number>(19).fill(others)];
  const eventsOf = async (type: string, id: number) =>
    (
      await query(
        server.url,
        `SELECT action FROM events WHERE target1_type = $1 AND target1_id = $2 ORDER BY id`,
        [type, id],
      )
    ).map(({ action }) => action);
  const count = async (table: string, condition: string, ...values: unknown[]) => {
    const [row] = await query<{ n: number }>(
      server.url,
      `SELECT count(*)::int AS n FROM ${table} WHERE ${condition}`,
      values,
    );
    return row?.n;
  };

  let made = 0;
  const aWorkspace = async () => {
    const body = { name: `At once ${(made += 1)}`, public: true };
    const answer = await post(owner, '/api/workspaces', body);
    expect(answer.status).toBe(201);
    return answer.response.id as number;
  };
  const aUser = async () => {
    const body = { username: `once${(made += 1)}`, password: 'demo62', first_name: 'A' };
    const more = { last_name: 'B', email: 'a@example.org' };
    const answer = await post(admin, '/api/users', { ...body, ...more });
    expect(answer.status).toBe(201);
    return answer.response.id as number;
  };

  describe('a workspace', () => {
    it('is archived once, and stays with who was first', async () => {
      const id = await aWorkspace();
      const path = `/api/workspaces/${id}`;
      const answers = await twenty((_, client) => put(client, path, { archived: true }));
      expect(statusesOf(answers)).toEqual(all(200));
      const archivers = answers.map(({ response }) => response.archiver.id as number);
      const { response } = await owner.get(path);
      expect(new Set(archivers)).toEqual(new Set([response.archiver.id]));
      expect(new Set(answers.map((each) => each.response.archived_at as string)).size).toBe(1);
      const back = await twenty((_, client) => put(client, path, { archived: false }));
      expect(statusesOf(back)).toEqual(all(200));
      expect(await eventsOf('workspace', id)).toEqual([
        ...['PublicWorkspaceCreated', 'WorkspaceArchived', 'WorkspaceUnarchived'],
      ]);
    });

    it('is deleted once, with one entry on record', async () => {
      const id = await aWorkspace();
      await aWorkfile(server, { workspaceId: id });
      const answers = await twenty((_, client) => client.delete(`/api/workspaces/${id}`));
      expect(statusesOf(answers)).toEqual(one(200, 404));
      expect(bodiesOf(answers, 404)).toEqual(new Array(19).fill(NOT_FOUND));
      expect(
        (await eventsOf('workspace', id)).filter((each) => each === 'WorkspaceDeleted'),
      ).toEqual(['WorkspaceDeleted']);
      expect(await count('workfiles', 'workspace_id = $1 AND deleted_at IS NULL', id)).toBe(0);
    });

    it('that is deleted, archived, renamed and filled is deleted', async () => {
      const id = await aWorkspace();
      const path = `/api/workspaces/${id}`;
      const answers = await twenty((i, client) =>
        [
          () => client.delete(path),
          () => put(client, path, { archived: true }),
          () => put(client, path, { name: `Renamed ${id} ${i}` }),
          () => post(client, `${path}/workfiles`, { file_name: `f${i}.sql` }),
          () => post(client, `${path}/members`, { member_ids: [OWNER, MEMBER] }),
        ][i % 5]!(),
      );
      expect(answers.map(({ status }) => status).filter((each) => each >= 500)).toEqual([]);
      for (const { status, json } of answers) if (status === 404) expect(json).toEqual(NOT_FOUND);
      expect(answers.filter((each, i) => i % 5 === 0 && each.status === 200)).toHaveLength(1);
      expect((await owner.get(path)).status).toBe(404);
      expect(await count('workfiles', 'workspace_id = $1 AND deleted_at IS NULL', id)).toBe(0);
    });

    it('that is deleted while its workflows are run and created runs none of them', async () => {
      const id = await aWorkspace();
      const flows = await Promise.all(
        Array.from({ length: 5 }, () => aWorkfile(server, { workspaceId: id, kind: 'workflow' })),
      );
      const answers = await twenty((i, client) => {
        if (i === 12) return client.delete(`/api/workspaces/${id}`);
        if (i % 4 === 1) return post(client, `/api/workfiles/${flows[i % 5]!.id}/copy`, {});
        if (i % 4 === 3) return client.delete(`/api/workfiles/${flows[i % 5]!.id}`);
        return client.post(`/api/workfiles/${flows[i % 5]!.id}/run`);
      });
      const allowed = [200, 201, 202, 404, 422];
      expect(answers.filter(({ status }) => !allowed.includes(status))).toEqual([]);
      expect(answers[12]!.status).toBe(200);
      expect(await count('workfiles', 'workspace_id = $1 AND deleted_at IS NULL', id)).toBe(0);
      const active = `status IN ('queued', 'running', 'stopping') AND workfile_id IN
        (SELECT id FROM workfiles WHERE workspace_id = $1)`;
      expect(await count('runs', active, id)).toBe(0);
    });

    it('has each member once, and the list that was set last', async () => {
      const id = await aWorkspace();
      const path = `/api/workspaces/${id}/members`;
      const same = await twenty((_, client) => post(client, path, { member_ids: [OWNER, MEMBER] }));
      expect(statusesOf(same)).toEqual(all(200));
      for (const each of same) expect(idsOf(each).sort()).toEqual([OWNER, MEMBER]);
      expect(await count('memberships', 'workspace_id = $1', id)).toBe(2);
      expect(await count('events', `workspace_id = $1 AND action = 'MembersAdded'`, id)).toBe(1);
      const lists = [[OWNER], [OWNER, MEMBER], [OWNER, OUTSIDER], [OWNER, MEMBER, OUTSIDER]];
      const wanted = await twenty((i, client) => post(client, path, { member_ids: lists[i % 4] }));
      expect(statusesOf(wanted)).toEqual(all(200));
      wanted.forEach((each, i) => {
        expect(idsOf(each).sort()).toEqual(lists[i % 4]);
      });
      const last = idsOf(await owner.get(path)).sort();
      expect(lists).toContainEqual(last);
      expect((await owner.get(`/api/workspaces/${id}`)).response.members_count).toBe(last.length);
    });

    it('uses a table once', async () => {
      const id = await aWorkspace();
      const path = `/api/workspaces/${id}/datasets`;
      const answers = await twenty(() => post(owner, path, { dataset_ids: [1_000_011] }));
      expect(statusesOf(answers)).toEqual(one(201, 422));
      for (const body of bodiesOf(answers, 422))
        expect(body).toMatchObject({ errors: { fields: { dataset: { ALREADY_ASSOCIATED: {} } } } });
      const gone = await twenty(() => owner.delete(`${path}/1000011`));
      expect(statusesOf(gone)).toEqual(one(200, 404));
    });
  });

  describe('a user', () => {
    it('is deleted once', async () => {
      const id = await aUser();
      const answers = await twenty(() => admin.delete(`/api/users/${id}`));
      expect(statusesOf(answers)).toEqual(one(200, 404));
      expect(bodiesOf(answers, 404)).toEqual(new Array(19).fill(NOT_FOUND));
    });

    it('that is deleted while he is made a member and an owner leaves nothing behind', async () => {
      const id = await aUser();
      const workspace = await aWorkspace();
      const path = `/api/workspaces/${workspace}`;
      const answers = await twenty((i) =>
        [
          () => admin.delete(`/api/users/${id}`),
          () => post(admin, `${path}/members`, { member_ids: [OWNER, id] }),
          () => put(admin, path, { owner_id: id }),
          () => put(admin, `/api/users/${id}`, { title: `${i}` }),
        ][i % 4]!(),
      );
      const allowed = [200, 404, 422];
      expect(answers.map(({ status }) => status).filter((each) => !allowed.includes(each))).toEqual(
        [],
      );
      const isThere = (await admin.get(`/api/users/${id}`)).status === 200;
      const { response } = await admin.get(path);
      // Either he owns it and could not be deleted, or he is gone from it altogether.
      if (!isThere) {
        expect(response.owner.id).toBe(OWNER);
        expect(await count('memberships', 'user_id = $1', id)).toBe(0);
      }
      expect(idsOf(await admin.get(`${path}/members`))).toContain(response.owner.id);
    });

    it('that is deleted while he registers data sources and is given accounts has none', async () => {
      const id = await aUser();
      const { username } = (await admin.get(`/api/users/${id}`)).response;
      const client = await app.anonymous.login(username as string, 'demo62');
      const role = await aRole(server);
      const source = await aDataSource(server, owner);
      const path = `/api/data_sources/${source}`;
      const { db_username, db_password } = attributesOf(server, role);
      const account = { owner_id: id, db_username, db_password };
      const answers = await twenty((i) =>
        [
          () => post(client, '/api/data_sources', attributesOf(server, role)),
          () => post(owner, `${path}/members`, { account }),
          () => post(client, `${path}/account`, { account }),
          () => put(owner, path, { host: i < 10 ? 'localhost' : '127.0.0.1' }),
          () => admin.delete(`/api/users/${id}`),
        ][i % 5]!(),
      );
      const allowed = [200, 201, 401, 404, 422];
      expect(answers.map(({ status }) => status).filter((each) => !allowed.includes(each))).toEqual(
        [],
      );
      const isThere = (await admin.get(`/api/users/${id}`)).status === 200;
      const live = await count('data_sources', 'owner_id = $1 AND deleted_at IS NULL', id);
      // Either he owns some and could not be deleted, or he is gone with his accounts.
      expect(isThere).toBe(live! > 0);
      if (!isThere)
        expect(
          await count('data_source_accounts', 'owner_id = $1 AND deleted_at IS NULL', id),
        ).toBe(0);
    });

    it('changes one attribute each, and none is lost', async () => {
      const id = await aUser();
      const names = ['title', 'dept', 'notes', 'first_name', 'last_name'];
      const answers = await twenty((i) =>
        put(admin, `/api/users/${id}`, { [names[i % 5]!]: `by all ${i % 5}` }),
      );
      expect(statusesOf(answers)).toEqual(all(200));
      const { response } = await admin.get(`/api/users/${id}`);
      expect(names.map((name) => response[name] as string)).toEqual(
        names.map((_, i) => `by all ${i}`),
      );
    });

    it('logs in twenty times, and out of each on its own', async () => {
      const id = await aUser();
      const { username } = (await admin.get(`/api/users/${id}`)).response;
      const clients = await Promise.all(
        Array.from({ length: 20 }, () => app.anonymous.login(username as string, 'demo62')),
      );
      expect(new Set(clients.map(({ token }) => token)).size).toBe(20);
      const [first, ...others] = clients;
      expect(statusesOf(await twenty(() => first!.delete('/api/sessions')))).toEqual(all(200));
      for (const client of others) expect((await client.get('/api/sessions')).status).toBe(200);
      expect((await first!.get('/api/sessions')).status).toBe(401);
    });
  });

  describe('a data source', () => {
    const PATH = '/api/data_sources';

    it('is deleted once', async () => {
      const id = await aDataSource(server, owner);
      await quiet(server);
      const answers = await twenty((_, client) => client.delete(`${PATH}/${id}`));
      expect(statusesOf(answers)).toEqual(one(200, 404));
      expect(bodiesOf(answers, 404)).toEqual(new Array(19).fill(NOT_FOUND));
      expect(
        (await eventsOf('data_source', id)).filter((each) => each === 'DataSourceDeleted'),
      ).toEqual(['DataSourceDeleted']);
    });

    it('is disabled and enabled once each', async () => {
      const id = await aDataSource(server, owner);
      await quiet(server);
      for (const state of ['disabled', 'enabled'])
        expect(
          statusesOf(await twenty((_, client) => put(client, `${PATH}/${id}`, { state }))),
        ).toEqual(all(200));
      expect((await owner.get(`${PATH}/${id}`)).response.state).toBe('online');
      const changes = (await eventsOf('data_source', id)).filter(
        (each) => each === 'DataSourceChangedState',
      );
      expect(changes.length).toBeGreaterThanOrEqual(2);
    });

    it('has one account for each person', async () => {
      const id = await aDataSource(server, owner);
      const { db_username, db_password } = attributesOf(server, await aRole(server));
      const answers = await twenty(() =>
        post(member, `${PATH}/${id}/account`, { db_username, db_password }),
      );
      expect(statusesOf(answers)).toEqual(all(201));
      expect(new Set(answers.map(({ response }) => response.id as number)).size).toBe(1);
      const live = 'data_source_id = $1 AND owner_id = $2 AND deleted_at IS NULL';
      expect(await count('data_source_accounts', live, id, MEMBER)).toBe(1);
      const gone = await twenty(() => member.delete(`${PATH}/${id}/account`));
      expect(statusesOf(gone)).toEqual(one(200, 404));
      expect(await count('data_source_accounts', live, id, MEMBER)).toBe(0);
    });

    it('is shared or not, and everybody is told the same', async () => {
      const id = await aDataSource(server, owner);
      const shared = await twenty((_, client) => post(client, `${PATH}/${id}/sharing`, {}));
      expect(statusesOf(shared)).toEqual(all(201));
      const answers = await twenty((i, client) =>
        i % 2 === 0
          ? post(client, `${PATH}/${id}/sharing`, {})
          : client.delete(`${PATH}/${id}/sharing`),
      );
      answers.forEach(({ status }, i) => {
        expect(status).toBe(i % 2 === 0 ? 201 : 200);
      });
      const live = 'data_source_id = $1 AND deleted_at IS NULL';
      expect(await count('data_source_accounts', live, id)).toBe(1);
    });

    it('changes hands to one of those who are to have it', async () => {
      const id = await aDataSource(server, owner, { shared: true });
      const answers = await twenty((i) =>
        put(admin, `${PATH}/${id}/owner`, { id: [OWNER, MEMBER, OUTSIDER][i % 3] }),
      );
      expect(statusesOf(answers)).toEqual(all(200));
      const { owner_id: now, db_username: account } = (await admin.get(`${PATH}/${id}`)).response;
      expect([OWNER, MEMBER, OUTSIDER]).toContain(now);
      expect(account).not.toBeNull();
      const live = 'data_source_id = $1 AND deleted_at IS NULL';
      expect(await count('data_source_accounts', live, id)).toBe(1);
      expect(await count('data_source_accounts', `${live} AND owner_id = $2`, id, now)).toBe(1);
    });
  });

  describe('workfiles', () => {
    it('are deleted once each, by lists that overlap', async () => {
      const workspaceId = await aWorkspace();
      const files = await Promise.all(
        Array.from({ length: 10 }, () => aWorkfile(server, { workspaceId })),
      );
      const answers = await twenty((i, client) => {
        const ids = [...files.slice(i % 10), ...files.slice(0, i % 10)].slice(0, 6);
        const query = ids.map(({ id }) => `workfile_ids[]=${id}`).join('&');
        return client.delete(`/api/workspaces/${workspaceId}/workfiles?${query}`);
      });
      expect(statusesOf(answers)).toEqual(all(200));
      expect(
        await count('workfiles', 'workspace_id = $1 AND deleted_at IS NULL', workspaceId),
      ).toBe(0);
      expect((await owner.get(`/api/workspaces/${workspaceId}`)).response.workfiles_count).toBe(0);
    });

    it('that are copied while they are deleted are copied whole or not at all', async () => {
      const workspaceId = await aWorkspace();
      const { id } = await aWorkfile(server, { workspaceId });
      const answers = await twenty((i, client) =>
        i === 10
          ? client.delete(`/api/workfiles/${id}`)
          : post(client, `/api/workfiles/${id}/copy`, {}),
      );
      for (const { status, json } of answers) {
        expect([200, 201, 404]).toContain(status);
        if (status === 404) expect(json).toEqual(NOT_FOUND);
      }
      const copies = answers.filter(({ status }) => status === 201);
      const names = copies.map(({ response }) => response.file_name as string);
      expect(new Set(names).size).toBe(copies.length);
      const { response: list } = await owner.get(
        `/api/workspaces/${workspaceId}/workfiles?per_page=100`,
      );
      expect(list.map((each: { file_name: string }) => each.file_name).sort()).toEqual(
        names.sort(),
      );
      for (const { response } of copies)
        expect((await owner.get(`/api/workfiles/${response.id}/download`)).text).toBe('first\n');
    });

    it('are copied under one name once', async () => {
      const workspaceId = await aWorkspace();
      const files = await Promise.all(
        Array.from({ length: 20 }, () => aWorkfile(server, { workspaceId })),
      );
      const answers = await twenty((i, client) =>
        post(client, `/api/workfiles/${files[i]!.id}/copy`, { file_name: 'wanted.txt' }),
      );
      expect(statusesOf(answers)).toEqual(one(201, 422));
      for (const body of bodiesOf(answers, 422))
        expect(body).toEqual({ errors: { fields: { file_name: { TAKEN: {} } } } });
    });
  });
});
