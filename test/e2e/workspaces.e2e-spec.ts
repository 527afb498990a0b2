import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { badInputs, expectRefused, type WritableAttributes } from '../support/bad-inputs.js';
import { fieldsOf, idsOf, READ_ONLY_OF_WORKSPACE, without } from '../support/documents.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const ADMIN = 1_000_001;
const OWNER = 1_000_006;
const MEMBER = 1_000_007;
const OUTSIDER = 1_000_008;
const PUBLIC = 1_000_008;
const PRIVATE = 1_000_009;
const ARCHIVED = 1_000_010;
const MODEL_STAGE = 3;
const ROLES = ['nobody', 'chorusadmin', 'owner', 'member', 'outsider'] as const;
const NOT_FOUND = { errors: { record: 'NOT_FOUND' } };
const REFUSED = { errors: { model_data: {} } };
const NOT_A_MEMBER = { owner: { 'OWNER MUST BE A MEMBER': null } };

const ATTRIBUTES = {
  required: ['name'],
  texts: { name: 256, summary: 10_000, project_status_reason: 255 },
  flags: ['public', 'is_project', 'show_sandbox_datasets', 'has_changed_settings'],
  choices: ['project_status'],
  ids: ['workspace_stage_id'],
  taken: { name: 'pUBLIC' },
  others: {
    'a day that is none': { project_target_date: '2030-02-30' },
    'a date as a number': { project_target_date: 20300228 },
    'a time of day': { project_target_date: '2030-02-28T10:00:00Z' },
    'year zero': { project_target_date: '0000-01-01' },
  },
} satisfies Omit<WritableAttributes, 'good'>;

let count = 0;
const newName = () => `Workspace ${(count += 1)}`;

describe('workspaces', () => {
  let server: TestServer;
  let app: TestApp;
  let admin: TestClient;
  let owner: TestClient;
  let member: TestClient;
  let outsider: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '1000', WORKER_CONCURRENCY: '0' }));
    [admin, owner, member, outsider] = await Promise.all([
      app.as('chorusadmin'),
      app.as('owner'),
      app.as('member'),
      app.as('outsider'),
    ]);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const as = (role: (typeof ROLES)[number]) =>
    ({ nobody: app.anonymous, chorusadmin: admin, owner, member, outsider })[role];
  /** A new workspace of the owner's, with the member in it. */
  const create = async (others: object = {}) => {
    const answer = await owner.json('POST', '/api/workspaces', { name: newName(), ...others });
    expect(answer.status).toBe(201);
    await owner.json('POST', `/api/workspaces/${answer.response.id}/members`, {
      member_ids: [OWNER, MEMBER],
    });
    return answer.response as { id: number; name: string };
  };
  const put = (client: TestClient, id: number, body: object) =>
    client.json('PUT', `/api/workspaces/${id}`, body);
  const events = async (id: number) =>
    query(
      server.url,
      `SELECT action, actor_id, target1_type AS type, target1_id AS target, additional_data AS data
       FROM events WHERE workspace_id = $1 ORDER BY id`,
      [id],
    );

  // Columns: nobody, site administrator, owner, member, outsider; each in a public, a private and an archived one.
  it.each([
    [
      'show',
      'GET',
      '',
      {},
      [401, 200, 200, 200, 200],
      [401, 200, 200, 200, 403],
      [401, 200, 200, 200, 200],
    ],
    [
      'members',
      'GET',
      '/members',
      {},
      [401, 200, 200, 200, 200],
      [401, 200, 200, 200, 403],
      [401, 200, 200, 200, 200],
    ],
    [
      'no picture',
      'GET',
      '/image',
      {},
      [401, 404, 404, 404, 404],
      [401, 404, 404, 404, 403],
      [401, 404, 404, 404, 404],
    ],
    [
      'an empty update',
      'PUT',
      '',
      {},
      [401, 200, 200, 200, 403],
      [401, 200, 200, 200, 403],
      [401, 200, 200, 403, 403],
    ],
    [
      'summary',
      'PUT',
      '',
      { summary: 'new' },
      [401, 200, 200, 200, 403],
      [401, 200, 200, 200, 403],
      [401, 200, 200, 403, 403],
    ],
    [
      'summary by PATCH',
      'PATCH',
      '',
      { summary: 'newer' },
      [401, 200, 200, 200, 403],
      [401, 200, 200, 200, 403],
      [401, 200, 200, 403, 403],
    ],
    [
      'a bad name',
      'PUT',
      '',
      { name: '' },
      [401, 422, 422, 422, 403],
      [401, 422, 422, 422, 403],
      [401, 422, 422, 403, 403],
    ],
    [
      'a setting',
      'PUT',
      '',
      { is_project: 'no boolean' },
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
    ],
    [
      'stage',
      'PUT',
      '',
      { workspace_stage_id: 7 },
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
    ],
    [
      'owner',
      'PUT',
      '',
      { owner_id: OUTSIDER },
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
    ],
    [
      'set members',
      'POST',
      '/members',
      {},
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
    ],
    [
      'set picture',
      'POST',
      '/image',
      {},
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
      [401, 422, 422, 403, 403],
    ],
    [
      'quickstart',
      'DELETE',
      '/quickstart',
      {},
      [401, 200, 200, 200, 403],
      [401, 200, 200, 200, 403],
      [401, 200, 403, 403, 403],
    ],
  ] as const)('%s', async (_title, method, path, body, ...statuses) => {
    const seen: number[][] = [];
    for (const id of [PUBLIC, PRIVATE, ARCHIVED]) {
      const row: number[] = [];
      for (const role of ROLES) {
        const url = `/api/workspaces/${id}${path}`;
        row.push(
          (await (method === 'GET' ? as(role).get(url) : as(role).json(method, url, body))).status,
        );
      }
      seen.push(row);
    }
    expect(seen).toEqual(statuses);
  });

  it.each(['7', 'abc', '99999999999', '0', '-1'])('do not know the id %s', async (id) => {
    const path = `/api/workspaces/${id}`;
    for (const answer of [
      await owner.get(path),
      await owner.json('PUT', path, { name: '' }),
      await owner.delete(path),
      await owner.get(`${path}/members`),
      await owner.json('POST', `${path}/members`, {}),
      await owner.get(`${path}/image`),
      await owner.post(`${path}/image`),
      await owner.delete(`${path}/quickstart`),
    ])
      expect([answer.status, answer.json]).toEqual([404, NOT_FOUND]);
  });

  it('delete: owner and administrators only', async () => {
    for (const [role, status] of [
      ['nobody', 401],
      ['member', 403],
      ['outsider', 403],
      ['chorusadmin', 200],
      ['owner', 200],
    ] as const) {
      const { id } = await create({ public: true });
      const answer = await as(role).delete(`/api/workspaces/${id}`);
      expect([role, answer.status]).toEqual([role, status]);
      if (status === 403) expect(answer.json).toEqual(REFUSED);
      if (status === 200) expect(answer.json).toEqual({});
      expect((await owner.get(`/api/workspaces/${id}`)).status).toBe(status === 200 ? 404 : 200);
    }
  });

  describe('as the reference client uses them', () => {
    it('are created by a form, and read back the same', async () => {
      const token = owner.token;
      const name = newName();
      const created = await app.anonymous.post(`/api/workspaces?session_id=${token}`, {
        name,
        public: 'true',
        summary: 'Lots of good data in here',
      });
      expect(created.status).toBe(201);
      const { id } = created.response;
      expect((await app.anonymous.get(`/api/workspaces/${id}?session_id=${token}`)).text).toBe(
        created.text,
      );
      const creator = await owner.get(`/api/users/${OWNER}`);
      expect(created.response).toMatchObject({
        name,
        public: true,
        archived: false,
        summary: 'Lots of good data in here',
        permission: ['admin', 'create_workflow'],
        members_count: 1,
        is_member: true,
        workspace_stage: { name: 'Define', default: true },
        owner: creator.response,
        complete_json: true,
      });
      for (const key of READ_ONLY_OF_WORKSPACE) expect(created.response).toHaveProperty(key);
      const members = await app.anonymous.call(
        'GET',
        `/api/workspaces/${id}/members?session_id=${token}`,
        { headers: { 'content-type': 'application/json' }, body: '{"per_page": 100, "page": 1}' },
      );
      expect(members.json).toEqual({
        response: [expect.objectContaining({ ...creator.response, role: 'Project Manager' })],
        pagination: { page: 1, per_page: 100, records: 1, total: 1 },
      });
    });

    it('print the keys of the contract in its order, also when nested and succinct', async () => {
      const [full, succinct] = [
        (await owner.get(`/api/workspaces/${PRIVATE}`)).response,
        (await owner.get('/api/workspaces?succinct=true')).response[0],
      ];
      const first = [
        ...['id', 'name', 'is_deleted', 'entity_type', 'archived', 'public', 'archived_at'],
        ...['summary', 'permission', 'datasets_count', 'members_count', 'workfiles_count'],
        ...['insights_count', 'recent_insights_count', 'recent_comments_count'],
        ...['has_recent_comments', 'has_milestones', 'workspace_stage', 'workspace_stage_id'],
      ];
      const last = [
        ...['is_member', 'is_project', 'project_status', 'project_status_reason'],
        ...['milestone_count', 'milestone_completed_count', 'project_target_date'],
      ];
      expect(Object.keys(full)).toEqual([
        ...first,
        ...['archiver', 'image', 'tags', 'has_added_member', 'has_added_workfile'],
        ...['has_added_sandbox', 'has_changed_settings', 'sandbox_info', 'show_sandbox_datasets'],
        'owner',
        ...last,
        'complete_json',
      ]);
      expect(Object.keys(succinct)).toEqual([...first, 'owner', ...last]);
      expect(succinct.owner).not.toHaveProperty('email');
    });

    it('stay as they are when their whole document is sent back', async () => {
      for (const id of [PUBLIC, PRIVATE, ARCHIVED]) {
        const path = `/api/workspaces/${id}`;
        const members = id === ARCHIVED ? [] : [member];
        for (const client of [admin, owner, ...members]) {
          const before = await client.get(path);
          const on = (await events(id)).length;
          const sent = without(before.response, READ_ONLY_OF_WORKSPACE);
          expect((await client.json('PUT', path, sent)).text).toBe(before.text);
          // Also with what the client leaves out.
          expect((await client.json('PUT', path, before.response)).text).toBe(before.text);
          expect(await events(id)).toHaveLength(on);
        }
      }
    });

    it.each([
      ['public', { public: true }, { public: true }],
      ['archived', { archived: true }, { archived: true, archiver: { id: OWNER } }],
      ['name', { name: 'Renamed' }, { name: 'Renamed' }],
      ['summary', { summary: 'Other' }, { summary: 'Other' }],
      [
        'stage',
        { workspace_stage_id: MODEL_STAGE },
        { workspace_stage_id: MODEL_STAGE, workspace_stage: { id: MODEL_STAGE, name: 'Model' } },
      ],
      ['owner', { owner_id: MEMBER }, { owner: { id: MEMBER }, is_member: true }],
    ])('change in a document sent back: %s', async (_what, changes, expected) => {
      const { id } = await create();
      const path = `/api/workspaces/${id}`;
      const document = without((await owner.get(path)).response, READ_ONLY_OF_WORKSPACE);
      const answer = await owner.json('PUT', path, { ...document, ...changes });
      expect(answer.status).toBe(200);
      expect(answer.response).toMatchObject(expected);
      expect(answer.json).not.toHaveProperty('stopped');
      expect((await owner.get(path)).response).toEqual(answer.response);
    });

    it('replace their members, with roles', async () => {
      const { id } = await create();
      const set = (members: object[]) =>
        owner.json('POST', `/api/workspaces/${id}/members`, { collection: {}, members });
      const added = await set([
        { user_id: OWNER, role: 'Project Manager' },
        { user_id: MEMBER, role: 'Data Engineer' },
        { user_id: OUTSIDER, role: 'Business Owner' },
      ]);
      expect(added.status).toBe(200);
      expect(added.json).not.toHaveProperty('pagination');
      expect(added.response.map((one: any) => [one.username, one.role]).sort()).toEqual([
        ['member', 'Data Engineer'],
        ['outsider', 'Business Owner'],
        ['owner', 'Project Manager'],
      ]);
      const removed = await set([
        { user_id: OWNER, role: 'Data Scientist' },
        { user_id: OUTSIDER },
      ]);
      expect(removed.response.map((one: any) => [one.username, one.role]).sort()).toEqual([
        ['outsider', 'Business Owner'],
        ['owner', 'Data Scientist'],
      ]);
      const list = await owner.get(`/api/workspaces/${id}/members`);
      expect(list.response).toEqual(removed.response);
      expect((await owner.get(`/api/workspaces/${id}`)).response).toMatchObject({
        members_count: 2,
        has_added_member: true,
      });
      expect((await events(id)).at(-1)).toEqual({
        action: 'MembersAdded',
        actor_id: OWNER,
        type: 'user',
        target: OUTSIDER,
        data: { num_added: 1 },
      });
    });

    it('are deleted, and then not found; their name is free again', async () => {
      const { id, name } = await create();
      expect((await owner.delete(`/api/workspaces/${id}`)).json).toEqual({});
      expect((await owner.get(`/api/workspaces/${id}`)).json).toEqual(NOT_FOUND);
      expect((await owner.delete(`/api/workspaces/${id}`)).json).toEqual(NOT_FOUND);
      expect((await owner.json('POST', '/api/workspaces', { name })).status).toBe(201);
    });
  });

  describe('in lists', () => {
    const list = async (client: TestClient, parameters = '') =>
      (await client.get(`/api/workspaces?per_page=1000${parameters}`)).response;
    const names = async (client: TestClient, parameters = '') =>
      (await list(client, parameters)).map(({ name }: { name: string }) => name);

    it('are those that somebody may see, by name without case', async () => {
      const mine = await create({ name: 'zebra private' });
      await create({ name: 'Yak Public', public: true });
      await create({ name: 'xerus public', public: true });
      const all = await names(admin);
      expect(all).toEqual([...all].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
      expect(all).toEqual(expect.arrayContaining(['Quarterly Review', 'zebra private']));
      expect(await names(member)).toEqual(
        expect.arrayContaining(['Quarterly Review', 'zebra private', 'Yak Public']),
      );
      const foreign = await names(outsider);
      expect(foreign).toEqual(expect.arrayContaining(['Public', 'Last Year', 'xerus public']));
      expect(foreign).not.toContain('zebra private');
      expect(foreign).not.toContain('Quarterly Review');
      await owner.json('POST', `/api/workspaces/${mine.id}/members`, {
        member_ids: [OWNER, OUTSIDER],
      });
      expect(await names(outsider)).toContain('zebra private');
    });

    it('print the same as show does', async () => {
      for (const client of [admin, member, outsider])
        for (const shown of await list(client))
          expect(shown).toEqual((await client.get(`/api/workspaces/${shown.id}`)).response);
    });

    it('may leave out archived ones', async () => {
      expect(await names(owner)).toContain('Last Year');
      for (const value of ['true', 'false', '0', ''])
        expect(await names(owner, `&active=${value}`)).not.toContain('Last Year');
      const { response, json } = await owner.json('GET', '/api/workspaces', {
        active: true,
        per_page: 2,
      });
      expect(response).toHaveLength(2);
      expect(json.pagination).toMatchObject({ page: 1, per_page: 2 });
    });

    it('may be those of a member, as far as the viewer may see them', async () => {
      const of = (client: TestClient, id: number | string) => names(client, `&user_id=${id}`);
      expect(await of(admin, MEMBER)).toEqual(await of(member, MEMBER));
      expect(await of(admin, MEMBER)).toContain('Quarterly Review');
      expect(await of(outsider, MEMBER)).toContain('Public');
      expect(await of(outsider, MEMBER)).not.toContain('Quarterly Review');
      expect(await of(admin, ADMIN)).toEqual([]);
      for (const id of ['7', 'abc', '99999999999', '-1', '1.5'])
        expect((await admin.get(`/api/workspaces?user_id=${id}`)).json).toEqual(NOT_FOUND);
    });

    it('have true counts on every page', async () => {
      for (const [client, parameters] of [
        [admin, ''],
        [outsider, ''],
        [member, '&active=1'],
        [outsider, `&user_id=${MEMBER}`],
      ] as const) {
        const whole = (await list(client, parameters)).map(({ id }: { id: number }) => id);
        const pages: number[] = [];
        for (let page = 1; page <= Math.ceil(whole.length / 2); page += 1) {
          const answer = await client.get(`/api/workspaces?per_page=2&page=${page}${parameters}`);
          expect(answer.json.pagination).toEqual({
            page,
            per_page: 2,
            records: whole.length,
            total: Math.ceil(whole.length / 2),
          });
          pages.push(...idsOf(answer));
        }
        expect(pages).toEqual(whole);
      }
      expect((await admin.get('/api/workspaces?page=0')).status).toBe(422);
      const empty = await admin.get(`/api/workspaces?user_id=${ADMIN}`);
      expect(empty.json).toEqual({
        response: [],
        pagination: { page: 1, per_page: 50, records: 0, total: 1 },
      });
    });

    it('may be the most active ones the viewer sees, ten at most', async () => {
      for (let i = 0; i < 12; i += 1) await create({ public: i % 2 === 0 });
      const busy = await create({ name: 'Busy' });
      await query(
        server.url,
        `INSERT INTO events (action, actor_id, workspace_id) SELECT 'MembersAdded', $1, $2 FROM generate_series(1, 50)`,
        [OWNER, busy.id],
      );
      const most = await admin.get('/api/workspaces?get_options=most_active&per_page=1000');
      expect(most.response).toHaveLength(10);
      expect(most.json.pagination).toMatchObject({ records: 10, total: 1 });
      expect(most.response[0].name).toBe('Busy');
      expect(await names(outsider, '&get_options=most_active')).not.toContain('Busy');
    });

    it('tell the latest notes and comments when asked', async () => {
      const [{ id: noteId } = { id: 0 }] = await query<{ id: number }>(
        server.url,
        `SELECT id FROM events WHERE workspace_id = $1 AND action LIKE 'NoteOn%' ORDER BY created_at DESC LIMIT 1`,
        [PUBLIC],
      );
      await query(
        server.url,
        `INSERT INTO comments (event_id, author_id, body) VALUES ($1, $2, 'So <b>it</b> is<script>1</script>')`,
        [noteId, MEMBER],
      );
      const shown = (await owner.get(`/api/workspaces/${PUBLIC}?show_latest_comments=true`))
        .response;
      expect(shown).toMatchObject({ number_of_insights: 1, number_of_comments: 9 });
      expect(shown.latest_comment_list).toHaveLength(5);
      expect(shown.latest_comment_list.at(-1)).toMatchObject({
        body: 'So <b>it</b> is',
        author: { username: 'member' },
        action: 'SUB_COMMENT',
      });
      expect(shown.latest_comment_list.at(-2)).toMatchObject({
        id: noteId,
        action: 'NOTE',
        action_type: 'NoteOnWorkspace',
        workspace: { id: PUBLIC, name: 'Public' },
        is_insight: false,
      });
      expect(shown.latest_insight).toMatchObject({ is_insight: true, promoted_by: { id: OWNER } });
      expect(Object.keys(shown).slice(-5)).toEqual([
        ...['number_of_insights', 'number_of_comments', 'latest_comment_list', 'latest_insight'],
        'complete_json',
      ]);
      const listed = await list(owner, '&show_latest_comments=true');
      expect(listed.find(({ id }: { id: number }) => id === PUBLIC)).toEqual(shown);
      const plain = (await owner.get(`/api/workspaces/${PUBLIC}`)).response;
      expect(plain).not.toHaveProperty('latest_insight');
    });
  });

  it('are created with all that the contract lists, in every form of body', async () => {
    const attributes = {
      name: newName(),
      public: true,
      summary: null,
      is_project: false,
      project_status: 'at_risk',
      project_status_reason: 'Late',
      project_target_date: '2031-12-24',
      show_sandbox_datasets: false,
      has_changed_settings: true,
      workspace_stage_id: MODEL_STAGE,
    };
    const { response } = await outsider.json('POST', '/api/workspaces', { workspace: attributes });
    expect(response).toMatchObject({
      ...attributes,
      project_target_date: '2031-12-24T00:00:00Z',
      owner: { id: OUTSIDER },
      permission: ['admin'],
    });
    const form = new FormData();
    form.set('workspace[name]', newName());
    form.set('workspace[public]', '1');
    const answers = [
      await outsider.post('/api/workspaces', {
        'workspace[name]': newName(),
        'workspace[public]': 't',
      }),
      await outsider.call('POST', '/api/workspaces', { body: form }),
      await outsider.call('POST', '/api/workspaces', { body: `name=${newName()}&public=TRUE` }),
    ];
    expect(answers.map(({ status, response: one }) => [status, one?.public])).toEqual([
      [201, true],
      [201, true],
      [201, true],
    ]);
    // Neither of them can be given to a new one.
    const other = { name: newName(), owner_id: OWNER, archived: true, id: 7, member_ids: [OWNER] };
    const { response: odd } = await outsider.json('POST', '/api/workspaces', other);
    expect(odd).toMatchObject({ owner: { id: OUTSIDER }, archived: false, members_count: 1 });
    expect(odd.id).not.toBe(7);
  });

  it('take a stage by its number, and find no difference in it', async () => {
    const { response } = await owner.json('POST', '/api/workspaces', {
      name: newName(),
      workspace_stage_id: 1,
    });
    expect(response).toMatchObject({ workspace_stage: { id: 1_000_000, name: 'Define' } });
    await owner.json('POST', `/api/workspaces/${response.id}/members`, {
      member_ids: [OWNER, MEMBER],
    });
    expect((await put(member, response.id, { workspace_stage_id: 1 })).status).toBe(200);
    expect((await put(member, response.id, { workspace_stage_id: 2 })).status).toBe(403);
  });

  it('report everything that is wrong at once', async () => {
    expect(fieldsOf(await owner.json('POST', '/api/workspaces', {}))).toEqual({
      name: { BLANK: {} },
    });
    const bad = {
      name: 'PUBLIC',
      summary: 'x'.repeat(10_001),
      public: 'perhaps',
      project_status: 'lost',
      project_status_reason: 'x'.repeat(256),
      project_target_date: '2030-13-01',
      workspace_stage_id: 4711,
    };
    const fields = {
      name: { TAKEN: {} },
      summary: { TOO_LONG: { count: 10_000 } },
      public: { INVALID: { value: 'perhaps' } },
      project_status: { INCLUSION: { value: 'lost' } },
      project_status_reason: { TOO_LONG: { count: 255 } },
      project_target_date: { INVALID: { value: '2030-13-01' } },
      workspace_stage: { INVALID: {} },
    };
    expect(fieldsOf(await owner.json('POST', '/api/workspaces', bad))).toEqual(fields);
    const { id } = await create();
    expect(fieldsOf(await put(owner, id, { ...bad, owner_id: OUTSIDER }))).toEqual({
      ...fields,
      ...NOT_A_MEMBER,
    });
    expect(fieldsOf(await put(owner, id, { owner_id: 4711 }))).toEqual(NOT_A_MEMBER);
  });

  it('refuse every bad creation, and nothing is changed', async () => {
    const bad = badInputs({ ...ATTRIBUTES, good: { name: 'Never' } });
    const answers = await expectRefused(server, outsider, ['POST', '/api/workspaces'], bad);
    expect(answers.size).toBeGreaterThanOrEqual(60);
  });

  it('refuse every bad change, by owner or member, and nothing is changed', async () => {
    const { id } = await create();
    const bad = badInputs({
      ...ATTRIBUTES,
      good: { summary: 'Never' },
      flags: [...ATTRIBUTES.flags, 'archived', 'has_added_member'],
      ids: [...ATTRIBUTES.ids, 'owner_id'],
    });
    await expectRefused(server, owner, ['PUT', `/api/workspaces/${id}`], bad);
    const all = await Promise.all(
      bad.map(({ options }) => member.call('PUT', `/api/workspaces/${id}`, options)),
    );
    expect(
      all.map(({ status }) => status).filter((status) => ![400, 403, 413, 422].includes(status)),
    ).toEqual([]);
  });

  it('let one of twenty have a name, new or changed', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        owner.json('POST', '/api/workspaces', { name: i % 2 === 0 ? 'Race' : 'RACE' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(422)]);
    for (const answer of answers.filter(({ status }) => status === 422))
      expect(fieldsOf(answer)).toEqual({ name: { TAKEN: {} } });
    const created = [];
    for (let i = 0; i < 20; i += 1) created.push(await create());
    const renamed = await Promise.all(created.map(({ id }) => put(owner, id, { name: 'Wanted' })));
    expect(renamed.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(422)]);
  });

  it('put what happens on record, and nothing when it is refused', async () => {
    const { id, name } = await create({ public: true });
    const actions = async () => (await events(id)).map(({ action, data }) => [action, data]);
    const seen = await actions();
    expect(seen).toEqual([
      ['PublicWorkspaceCreated', {}],
      ['MembersAdded', { num_added: 1 }],
    ]);
    await put(owner, id, { name: 'Other', public: false, show_sandbox_datasets: false });
    await put(owner, id, { archived: true });
    await put(owner, id, { archived: false, public: true, show_sandbox_datasets: true });
    await put(owner, id, { project_status: 'at_risk', project_status_reason: 'Late' });
    expect((await actions()).slice(2)).toEqual(
      [
        ['WorkspaceChangeName', { workspace_old_name: name }],
        ['WorkspaceMakePrivate', {}],
        ['WorkspaceToNoLongerShowSandboxDatasets', {}],
        ['WorkspaceMakePublic', {}],
        ['WorkspaceUnarchived', {}],
        ['WorkspaceToShowSandboxDatasets', {}],
        ['ProjectStatusChanged', { reason: 'Late', status: 'at_risk' }],
      ].toSpliced(3, 0, ['WorkspaceArchived', {}]),
    );
    const before = await actions();
    await put(owner, id, { public: false, name: 'Public' });
    await put(member, id, { name: 'Mine', archived: true });
    expect(await actions()).toEqual(before);
    await owner.delete(`/api/workspaces/${id}`);
    expect((await events(id)).at(-1)).toMatchObject({
      action: 'WorkspaceDeleted',
      type: 'workspace',
      target: id,
    });
  });

  it('tell the latest change of status, which needs a reason', async () => {
    const { id } = await create();
    expect(fieldsOf(await put(owner, id, { project_status: 'at_risk' }))).toEqual({
      reason: { BLANK: {} },
    });
    expect(
      fieldsOf(await put(owner, id, { project_status: 'at_risk', project_status_reason: ' ' })),
    ).toEqual({
      reason: { BLANK: {} },
    });
    const { response } = await put(owner, id, {
      project_status: 'at_risk',
      project_status_reason: 'Late',
    });
    expect(response).toMatchObject({
      project_status: 'at_risk',
      project_status_reason: 'Late',
      latest_status_change_activity: {
        actor: { id: OWNER },
        action: 'ProjectStatusChanged',
        workspace: { id },
        status: 'at_risk',
        reason: 'Late',
      },
    });
    expect(fieldsOf(await put(owner, id, { project_status_reason: null }))).toEqual({
      reason: { BLANK: {} },
    });
    expect((await put(owner, id, { project_status: 'on_track' })).status).toBe(200);
  });

  it('remember who archived them and when', async () => {
    const { id } = await create();
    const { response: archived } = await put(admin, id, { archived: 'true' });
    expect(archived).toMatchObject({
      archived: true,
      archived_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      archiver: { id: ADMIN, complete_json: true },
    });
    // Again changes nothing.
    expect((await put(owner, id, { archived: true })).response).toMatchObject({
      archiver: { id: ADMIN },
    });
    const { response: back } = await put(owner, id, { archived: false });
    expect(back).toMatchObject({ archived: false, archived_at: null, archiver: null });
  });

  it('ignore what is not for anybody to write', async () => {
    const { id } = await create();
    const before = (await owner.get(`/api/workspaces/${id}`)).response;
    const answer = await put(owner, id, {
      id: 7,
      member_ids: [OWNER],
      archiver: { id: 1 },
      archiver_id: 1,
      sandbox_id: 1_000_006,
      owner: { id: MEMBER },
      permission: [],
      members_count: 9,
      has_added_workfile: true,
      deleted_at: '2020-01-01',
      unheard: { of: ['it'] },
    });
    expect(answer.response).toEqual(before);
  });

  it('have a target date of their own until there is a milestone', async () => {
    const { id } = await create();
    const set = async (date: string | null) =>
      (await put(owner, id, { project_target_date: date })).response.project_target_date;
    expect(await set('2032-02-29')).toBe('2032-02-29T00:00:00Z');
    expect(await set('2033-01-31T00:00:00Z')).toBe('2033-01-31T00:00:00Z');
    expect(await set(null)).toBeNull();
    await set('2033-01-31');
    await query(
      server.url,
      `INSERT INTO milestones (workspace_id, name, target_date) VALUES ($1, 'M', '2031-01-01')`,
      [id],
    );
    expect((await owner.get(`/api/workspaces/${id}`)).response.project_target_date).toBe(
      '2031-01-01T00:00:00Z',
    );
  });

  it('print summaries without scripts', async () => {
    const summary = 'a <b>bold</b> & <script>alert(1)</script><i onclick="x()">plan</i>';
    const { id } = await create({ summary });
    const { response } = await owner.get(`/api/workspaces/${id}`);
    expect(response.summary).toBe('a <b>bold</b> &amp; <i>plan</i>');
    expect((await put(owner, id, response)).response.summary).toBe(response.summary);
  });

  describe('and members', () => {
    const set = (client: TestClient, id: number, body: object) =>
      client.json('POST', `/api/workspaces/${id}/members`, body);

    it('come as ids too, in every form of body; roles stay', async () => {
      const { id } = await create();
      await set(owner, id, {
        members: [{ user_id: OWNER }, { user_id: MEMBER, role: 'Data Engineer' }],
      });
      const path = `/api/workspaces/${id}/members`;
      const form = new FormData();
      for (const one of [OWNER, MEMBER, OUTSIDER]) form.append('member_ids[]', String(one));
      for (const options of [
        { body: `member_ids[]=${OWNER}&member_ids[]=${MEMBER}&member_ids[]=${OUTSIDER}` },
        { body: form },
        { body: `{"member_ids":[${OWNER},"${MEMBER}",${OUTSIDER}]}` },
        {
          body: `members[0][user_id]=${OWNER}&members[1][user_id]=${MEMBER}&members[5][user_id]=${OUTSIDER}`,
        },
      ]) {
        const { response, status } = await owner.call('POST', path, options);
        expect(status).toBe(200);
        expect(response.map((one: any) => [one.id, one.role])).toEqual(
          expect.arrayContaining([
            [OWNER, 'Project Manager'],
            [MEMBER, 'Data Engineer'],
            [OUTSIDER, 'Project Member'],
          ]),
        );
        await set(owner, id, { member_ids: [OWNER, MEMBER] });
      }
    });

    it('are never without the owner', async () => {
      const { id } = await create();
      for (const body of [
        { members: [] },
        { member_ids: [] },
        { member_ids: '' },
        { member_ids: [MEMBER] },
        { members: [{ user_id: MEMBER, role: 'Project Manager' }] },
      ])
        expect(fieldsOf(await set(owner, id, body))).toEqual(NOT_A_MEMBER);
      expect(fieldsOf(await set(owner, id, {}))).toEqual({ member_ids: { BLANK: {} } });
      expect((await owner.get(`/api/workspaces/${id}`)).response.members_count).toBe(2);
    });

    it('are set by project managers too, while it is not archived', async () => {
      const { id } = await create();
      const members = [{ user_id: OWNER }, { user_id: MEMBER, role: 'Project Manager' }];
      expect((await set(member, id, { members })).status).toBe(403);
      await set(owner, id, { members });
      expect((await set(member, id, { members })).status).toBe(200);
      expect((await put(member, id, { public: true })).status).toBe(403);
      await put(owner, id, { archived: true });
      expect((await set(member, id, { members })).status).toBe(403);
      expect((await set(owner, id, { members })).status).toBe(200);
    });

    it('lose their access with their membership', async () => {
      const { id } = await create();
      expect((await member.get(`/api/workspaces/${id}`)).status).toBe(200);
      await set(owner, id, { member_ids: [OWNER] });
      expect((await member.get(`/api/workspaces/${id}`)).status).toBe(403);
    });

    it('are refused when they are none, and nothing is changed', async () => {
      const { id } = await create();
      const good = { members: [{ user_id: OWNER }] };
      const of = (one: unknown) => ({ members: [{ user_id: OWNER }, one] });
      const idCases = Object.fromEntries(
        ['abc', -1, 0, 1.5, 1e30, '9'.repeat(40), 2_147_483_648, 4711, null, {}, [], true].flatMap(
          (value, i) => [
            [`member ${i}`, of({ user_id: value })],
            [`id ${i}`, { members: undefined, member_ids: [OWNER, value] }],
          ],
        ),
      );
      const bad = badInputs({
        good,
        lists: ['members'],
        others: {
          ...idCases,
          'an unknown role': of({ user_id: MEMBER, role: 'King' }),
          'a role of another case': of({ user_id: MEMBER, role: 'project manager' }),
          'a role as an object': of({ user_id: MEMBER, role: {} }),
          'two roles for one': {
            members: [{ user_id: OWNER, role: 'Data Engineer' }, ...good.members],
          },
          'a deleted user': of({ user_id: await deletedUser() }),
          'no list': { members: { user_id: OWNER } },
        },
      }).filter(({ title }) => !/a form with|too many form/.test(title));
      await expectRefused(server, owner, ['POST', `/api/workspaces/${id}/members`], bad);
      expect(fieldsOf(await set(owner, id, of({ user_id: MEMBER, role: 'King' })))).toEqual({
        role: { INVALID: { value: 'King' } },
      });
      expect((await set(owner, id, of({ user_id: 4711 }))).json).toEqual(NOT_FOUND);
    });

    const deletedUser = async () => {
      const user = { username: newName().replace(' ', ''), password: 'demo62', first_name: 'A' };
      const { response } = await admin.json('POST', '/api/users', {
        ...user,
        last_name: 'B',
        email: 'a@example.org',
      });
      await admin.delete(`/api/users/${response.id}`);
      return response.id as number;
    };

    it('keep the owner through changes of owner and list at once', async () => {
      const { id } = await create();
      const clients = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          i % 2 === 0
            ? put(admin, id, { owner_id: i % 4 === 0 ? MEMBER : OWNER })
            : set(admin, id, { member_ids: i % 4 === 1 ? [OWNER, MEMBER] : [OWNER] }),
        ),
      );
      expect(
        clients.map(({ status }) => status).filter((status) => ![200, 422].includes(status)),
      ).toEqual([]);
      const { owner: last, members_count: members } = (await admin.get(`/api/workspaces/${id}`))
        .response;
      const list = idsOf(await admin.get(`/api/workspaces/${id}/members`));
      expect(list).toContain(last.id);
      expect(list).toHaveLength(members);
    });

    it('are listed in pages', async () => {
      const path = `/api/workspaces/${PUBLIC}/members`;
      const { json } = await owner.get(`${path}?per_page=1&page=2`);
      expect(json.pagination).toEqual({ page: 2, per_page: 1, records: 2, total: 2 });
      expect(json.response).toEqual([expect.objectContaining({ username: 'owner' })]);
      const keys = Object.keys(json.response[0]);
      expect(keys.slice(-3)).toEqual(['deactivated_at', 'role', 'complete_json']);
    });
  });

  it('go with their content, but for published touchpoints', async () => {
    const { id } = await create();
    await query(
      server.url,
      `INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type)
       VALUES ('published_worklet', $1, $2, 'touch', 'published_worklet'), ('file', $1, $2, 'f', 'text')`,
      [id, OWNER],
    );
    await query(
      server.url,
      `INSERT INTO datasets (kind, name, workspace_id) VALUES ('hdfs', 'h', $1)`,
      [id],
    );
    await query(
      server.url,
      `INSERT INTO milestones (workspace_id, name, target_date) VALUES ($1, 'M', '2031-01-01')`,
      [id],
    );
    await query(
      server.url,
      `INSERT INTO associated_datasets (workspace_id, dataset_id) VALUES ($1, 1000011)`,
      [id],
    );
    expect(fieldsOf(await owner.delete(`/api/workspaces/${id}`))).toEqual({
      workfile: { PUBLISHED_WORKLET_ASSOCIATED: {} },
    });
    expect((await owner.get(`/api/workspaces/${id}`)).response).toMatchObject({
      workfiles_count: 2,
    });
    await query(
      server.url,
      `UPDATE workfiles SET deleted_at = now() WHERE workspace_id = $1 AND kind <> 'file'`,
      [id],
    );
    expect((await owner.delete(`/api/workspaces/${id}`)).status).toBe(200);
    const [left] = await query(
      server.url,
      `SELECT (SELECT count(*)::int FROM workfiles WHERE workspace_id = $1 AND deleted_at IS NULL) AS workfiles,
         (SELECT count(*)::int FROM datasets WHERE workspace_id = $1 AND deleted_at IS NULL) AS datasets,
         (SELECT count(*)::int FROM milestones WHERE workspace_id = $1) AS milestones,
         (SELECT count(*)::int FROM associated_datasets WHERE workspace_id = $1) AS associations,
         (SELECT count(*)::int FROM memberships WHERE workspace_id = $1) AS memberships`,
      [id],
    );
    expect(left).toEqual({
      workfiles: 0,
      datasets: 0,
      milestones: 0,
      associations: 0,
      memberships: 2,
    });
  });

  it('dismiss the quickstart', async () => {
    const { id } = await create();
    const { response, status } = await member.delete(`/api/workspaces/${id}/quickstart`);
    expect(status).toBe(200);
    expect(response).toMatchObject({
      has_added_member: true,
      has_added_workfile: true,
      has_added_sandbox: true,
      has_changed_settings: true,
    });
    expect((await member.get(`/api/workspaces/${id}`)).response).toEqual(response);
    expect((await put(owner, id, { has_added_member: false })).response.has_added_member).toBe(
      true,
    );
  });
});
