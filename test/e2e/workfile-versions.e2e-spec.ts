import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { flowXml, rowFilter, tableSource } from '../support/flows.js';
import { json, multipart } from '../support/forms.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PUBLIC } from '../support/workfiles.js';

const LIST = `/api/workspaces/${PUBLIC}/workfiles`;

describe('versions, drafts, results', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let member: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    member = await app.as('member');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const save = (id: number, body: object, client = owner) =>
    client.call('POST', `/api/workfiles/${id}/versions`, json(body));
  const eventsOf = (id: number) =>
    query(
      server.url,
      `SELECT action, actor_id, additional_data FROM events WHERE target1_type = 'workfile' AND target1_id = $1 ORDER BY id`,
      [id],
    );
  const modifiedAt = async (id: number) => {
    const [row] = await query<{ at: Date }>(
      server.url,
      'SELECT user_modified_at AS at FROM workfiles WHERE id = $1',
      [id],
    );
    return row!.at.getTime();
  };

  describe('a version', () => {
    it('is saved as the next one, shown with its content, and listed newest first', async () => {
      const { id, versionId } = await aWorkfile(server);
      const before = await modifiedAt(id);
      const saved = await save(
        id,
        { content: 'second\n', commit_message: 'Cut', owner_id: 1 },
        member,
      );
      expect(saved.status).toBe(201);
      expect(saved.response).toMatchObject({
        id,
        owner: { username: 'owner' },
        has_draft: false,
        execution_schema: null,
        version_info: {
          version_num: 2,
          commit_message: 'Cut',
          content: 'second\n',
          owner: { username: 'member' },
          modifier: { username: 'member' },
        },
      });
      const { latest_version_id } = saved.response;
      expect(latest_version_id).toBe(saved.response.version_info.id);
      expect(await modifiedAt(id)).toBeGreaterThan(before);
      expect(await eventsOf(id)).toEqual([
        {
          action: 'WorkfileUpgradedVersion',
          actor_id: 1_000_007,
          additional_data: {
            version_num: 2,
            commit_message: 'Cut',
            version_id: latest_version_id,
          },
        },
      ]);
      const list = (await owner.get(`/api/workfiles/${id}/versions?per_page=1`)).json;
      expect(list.pagination).toEqual({ page: 1, per_page: 1, records: 2, total: 2 });
      expect(list.response).toMatchObject([
        { id, latest_version_id, version_info: { version_num: 2, content: null } },
      ]);
      const old = await owner.get(`/api/workfiles/${id}/versions/${versionId}`);
      expect(old.response).toMatchObject({
        latest_version_id,
        version_info: { id: versionId, version_num: 1, content: 'first\n' },
      });
      const other = await aWorkfile(server);
      expect((await owner.get(`/api/workfiles/${other.id}/versions/${versionId}`)).status).toBe(
        404,
      );
    });

    it('comes as a text or a file, nested or flat, empty too; the type of the file stays', async () => {
      const { id } = await aWorkfile(server);
      const path = `/api/workfiles/${id}/versions`;
      const contents = Buffer.alloc(1_500_000, 'zyx');
      const ways = [
        json({ workfile: { content: 'nested' } }),
        { body: new URLSearchParams({ 'workfile[content]': 'form' }) },
        { body: multipart([['workfile[content]', { name: 'any.bin', contents }]]) },
        { body: multipart([['content', 'field']]) },
        json({ content: '' }),
      ];
      const seen = [];
      for (const way of ways) {
        const saved = await owner.call('POST', path, way);
        expect(saved.status).toBe(201);
        expect(saved.response.file_type).toBe('text');
        seen.push((await owner.get(`/api/workfiles/${id}/download`)).text);
      }
      expect(seen).toEqual(['nested', 'form', contents.toString(), 'field', '']);
    });

    it('shows 131,072 bytes at most, without the half of a letter', async () => {
      const { id } = await aWorkfile(server);
      const text = `${'a'.repeat(131_071)}ü and more`;
      const { version_info } = (await save(id, { content: text })).response;
      expect(version_info.partial_file).toBe(true);
      expect(version_info.content).toBe('a'.repeat(131_071));
      expect((await owner.get(`/api/workfiles/${id}/download`)).text).toBe(text);
    });

    it('numbers twenty savers at once without a gap', async () => {
      const { id } = await aWorkfile(server);
      const saved = await Promise.all(
        Array.from({ length: 20 }, (_, i) => save(id, { content: `by ${i}` })),
      );
      expect(saved.map(({ status }) => status)).toEqual(new Array(20).fill(201));
      const numbers = saved.map(({ response }) => response.version_info.version_num);
      expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
      for (const { response } of saved) {
        const { id: versionId, content } = response.version_info;
        const again = await owner.get(`/api/workfiles/${id}/versions/${versionId}`);
        expect(again.response.version_info.content).toBe(content);
      }
      const { latest_version_id } = (await owner.get(`/api/workfiles/${id}`)).response;
      const newest = saved.find(({ response }) => response.version_info.version_num === 21);
      expect(latest_version_id).toBe(newest!.response.version_info.id);
    });

    it('is overwritten in place while it is the latest', async () => {
      const { id, versionId } = await aWorkfile(server);
      const put = (version: unknown, body: object, client = owner) =>
        client.call('PUT', `/api/workfiles/${id}/versions/${String(version)}`, json(body));
      const before = await modifiedAt(id);
      const done = await put(versionId, { content: 'other' }, member);
      expect(done.status).toBe(200);
      expect(done.response.version_info).toMatchObject({
        id: versionId,
        version_num: 1,
        content: 'other',
        owner: { username: 'owner' },
        modifier: { username: 'member' },
      });
      expect(await modifiedAt(id)).toBeGreaterThan(before);
      const large = Buffer.alloc(2_500_000, 'long ');
      await owner.call('PUT', `/api/workfiles/${id}/versions/${versionId}`, {
        body: multipart([['content', { name: 'x', contents: large }]]),
      });
      expect((await owner.get(`/api/workfiles/${id}/download`)).text).toBe(large.toString());
      await put(versionId, { content: 'short again' });
      expect((await owner.get(`/api/workfiles/${id}/download`)).text).toBe('short again');
      await save(id, { content: 'newer' });
      const refused = await put(versionId, { content: 'too late' });
      expect(refused.json).toEqual({ errors: { fields: { version: { INVALID: {} } } } });
      expect(refused.status).toBe(422);
      expect((await put(999, { content: 'x' })).status).toBe(404);
    });

    it('is never sent as a mixture: a download ends when the version changes under it', async () => {
      const contents = Buffer.alloc(60_000_000, 'old ');
      const made = await owner.call('POST', LIST, {
        body: multipart([
          ['workfile[versions_attributes][0][contents]', { name: 'moving.bin', contents }],
        ]),
      });
      const { id, latest_version_id: versionId } = made.response;
      const got = await fetch(`${app.url}/api/workfiles/${id}/download`, {
        headers: { cookie: owner.cookie! },
      });
      const reader = got.body!.getReader();
      const received = [(await reader.read()).value!];
      const put = await owner.call(
        'PUT',
        `/api/workfiles/${id}/versions/${versionId}`,
        json({ content: 'new' }),
      );
      expect(put.status).toBe(200);
      const rest = async () => {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          received.push(value);
        }
      };
      await expect(rest()).rejects.toThrow();
      const bytes = Buffer.concat(received);
      expect(bytes.equals(contents.subarray(0, bytes.length))).toBe(true);
      expect((await owner.get(`/api/workfiles/${id}/download`)).text).toBe('new');
    });

    it('is deleted, the last one not; the one before becomes the latest', async () => {
      const { id, versionId } = await aWorkfile(server);
      const remove = (version: unknown) =>
        owner.delete(`/api/workfiles/${id}/versions/${String(version)}`);
      const only = await remove(versionId);
      expect(only.json).toEqual({ errors: { fields: { base: { ONLY_ONE_VERSION: {} } } } });
      expect(only.status).toBe(422);
      const second = (await save(id, { content: 'second' })).response.latest_version_id;
      const third = (await save(id, { content: 'third' })).response.latest_version_id;
      const done = await remove(third);
      expect(done.text).toBe('{}');
      expect((await owner.get(`/api/workfiles/${id}`)).response).toMatchObject({
        latest_version_id: second,
        version_info: { version_num: 2, content: 'second' },
      });
      expect((await remove(third)).status).toBe(404);
      expect((await save(id, { content: 'again' })).response.version_info.version_num).toBe(3);
      expect((await remove(versionId)).status).toBe(200);
      const list = (await owner.get(`/api/workfiles/${id}/versions`)).response;
      expect(list.map((one: any) => one.version_info.version_num)).toEqual([3, 2]);
      expect((await eventsOf(id)).map(({ action }) => action)).toEqual([
        'WorkfileUpgradedVersion',
        'WorkfileUpgradedVersion',
        'WorkfileVersionDeleted',
        'WorkfileUpgradedVersion',
        'WorkfileVersionDeleted',
      ]);
    });

    it('stays one when twenty delete all at once', async () => {
      const { id, versionId } = await aWorkfile(server);
      const ids = [versionId];
      for (let i = 0; i < 4; i += 1)
        ids.push((await save(id, { content: 'x' })).response.latest_version_id);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          owner.delete(`/api/workfiles/${id}/versions/${ids[i % 5]!}`),
        ),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
      expect(answers.every(({ status }) => [200, 404, 422].includes(status))).toBe(true);
      const list = (await owner.get(`/api/workfiles/${id}/versions`)).response;
      expect(list).toHaveLength(1);
      expect(list[0].latest_version_id).toBe(list[0].version_info.id);
    });

    it('of a workflow is its document: checked, placed, and run next time', async () => {
      const made = await owner.call(
        'POST',
        `/api/workfiles/${GOLF_FLOW}/copy`,
        json({ file_name: 'edited flow' }),
      );
      const { id } = made.response;
      const document = flowXml({
        operators: [tableSource('golfnew'), rowFilter('kept', `outlook = 'rain'`)],
        links: [['golfnew', 'kept']],
      }).replaceAll('Owners', 'elsewhere');
      const saved = await owner.call('POST', `/api/workfiles/${id}/versions`, {
        body: multipart([
          ['workfile[content]', { name: 'flow.afm', contents: document }],
          ['workfile[commit_message]', 'Only rain'],
        ]),
      });
      expect(saved.text).toBe('{"response":null}');
      expect(saved.status).toBe(201);
      expect((await eventsOf(id)).at(-1)).toEqual({
        action: 'WorkFlowUpgradedVersion',
        actor_id: 1_000_006,
        additional_data: { commit_message: 'Only rain' },
      });
      expect((await owner.get(`/api/workfiles/${id}/download`)).text).toContain('value="Owners"');
      const run = await runEnded(owner, await startRun(owner, id));
      expect(run).toMatchObject({ status: 'succeeded', error: null });
      expect(run.steps.map(({ name }: any) => name)).toEqual(['golfnew', 'kept']);

      const bad = await save(id, { content: '<Process><Operator/></Process>' });
      expect(bad.status).toBe(422);
      expect(bad.json.errors.fields['versions.contents'].INVALID.problems.length).toBeGreaterThan(
        0,
      );
      expect((await owner.get(`/api/workfiles/${id}/download`)).text).toContain('kept');
      expect((await save(id, {})).text).toBe('{"response":null}');
    });

    it('of a picture has its picture; what is none comes as an attachment', async () => {
      const jpeg = await sharp({
        create: { width: 300, height: 200, channels: 3, background: 'blue' },
      })
        .jpeg()
        .toBuffer();
      const made = await owner.call('POST', LIST, {
        body: multipart([
          ['workfile[versions_attributes][0][contents]', { name: 'sky.jpg', contents: jpeg }],
        ]),
      });
      const { content_url, icon_url } = made.response.version_info;
      const get = (path: string) =>
        fetch(`${app.url}${path}`, { headers: { cookie: owner.cookie! } });
      for (const prefix of ['', '/api']) {
        const original = await get(`${prefix}${content_url}`);
        expect(original.headers.get('content-type')).toBe('image/jpeg');
        expect(original.headers.get('content-disposition')).toBe('inline');
        expect(Buffer.from(await original.arrayBuffer()).equals(jpeg)).toBe(true);
        const icon = await get(`${prefix}${icon_url}`);
        const { width, height, format } = await sharp(
          Buffer.from(await icon.arrayBuffer()),
        ).metadata();
        expect([width, height, format]).toEqual([50, 33, 'png']);
      }
      const { versionId } = await aWorkfile(server, { name: 'page.html' });
      const image = `/api/workfile_versions/${versionId}/image`;
      const text = await get(image);
      expect(text.headers.get('content-disposition')).toBe('attachment; filename="page.html"');
      expect((await get(`${image}?style=icon`)).status).toBe(404);
      expect((await get(`${image}?style=huge`)).status).toBe(404);
      expect((await fetch(`${app.url}${content_url}`)).status).toBe(401);
    });
  });

  describe('a draft', () => {
    const draft = (id: number) => `/api/workfiles/${id}/draft`;

    it("is its writer's alone: begun, replaced, changed, dropped", async () => {
      const { id } = await aWorkfile(server);
      const begun = await owner.call('POST', draft(id), json({ content: 'one' }));
      expect(begun.status).toBe(201);
      expect(begun.text).toBe(
        `{"response":{"content":"one","id":${begun.response.id},"owner_id":1000006,"workfile_id":${id},"entity_type":"workfile_draft","complete_json":true}}`,
      );
      expect((await owner.get(draft(id))).json).toEqual(begun.json);
      expect((await member.get(draft(id))).status).toBe(404);
      expect((await member.call('PUT', draft(id), json({ content: 'x' }))).status).toBe(404);
      expect((await owner.get(`/api/workfiles/${id}`)).response.has_draft).toBe(true);
      expect((await member.get(`/api/workfiles/${id}`)).response.has_draft).toBe(false);
      const again = await owner.post(draft(id), { 'workfile_draft[content]': 'two' });
      expect([again.status, again.response.content]).toEqual([201, 'two']);
      const put = await owner.call('PUT', draft(id), json({ workfile_draft: { content: '' } }));
      expect([put.status, put.response.content]).toEqual([200, '']);
      const dropped = await owner.delete(draft(id));
      expect([dropped.status, dropped.text]).toEqual([200, '{}']);
      expect((await owner.get(draft(id))).status).toBe(404);
      expect((await owner.delete(draft(id))).status).toBe(404);
    });

    it('is done with when its writer saves a version, not when another does', async () => {
      const { id, versionId } = await aWorkfile(server);
      for (const client of [owner, member])
        await client.call('POST', draft(id), json({ content: 'mine' }));
      const saved = await save(id, { content: 'done' });
      expect(saved.response.has_draft).toBe(false);
      expect((await owner.get(draft(id))).status).toBe(404);
      expect((await member.get(draft(id))).response.content).toBe('mine');
      await owner.delete(`/api/workfiles/${id}/versions/${versionId}`);
      await member.call(
        'PUT',
        `/api/workfiles/${id}/versions/${saved.response.latest_version_id}`,
        json({ content: 'done too' }),
      );
      expect((await member.get(draft(id))).status).toBe(404);
    });

    it('is one when twenty are begun at once', async () => {
      const { id } = await aWorkfile(server);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          owner.call('POST', draft(id), json({ content: `draft ${i}` })),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(new Array(20).fill(201));
      expect(new Set(answers.map(({ response }) => response.id)).size).toBe(1);
    });

    it('is for files', async () => {
      for (const kind of ['workflow', 'link', 'worklet']) {
        const { id } = await aWorkfile(server, { kind });
        expect((await owner.call('POST', draft(id), json({ content: 'x' }))).status).toBe(404);
        expect((await owner.get(`/api/workfiles/${id}/versions`)).json.pagination.records).toBe(0);
        if (kind === 'workflow') continue;
        expect((await save(id, { content: 'x' })).status).toBe(404);
      }
    });
  });

  describe('a result', () => {
    const report = (id: number, fields: Record<string, string>) =>
      owner.post(`/api/workfiles/${id}/results`, fields);

    it('is an activity with the result attached', async () => {
      const answer = await report(GOLF_FLOW, { result_id: 'r-17', results_written: 'true' });
      expect(answer.status).toBe(201);
      expect(answer.response).toMatchObject({
        id: expect.any(Number),
        actor: { username: 'owner' },
        action: 'WorkfileResult',
        workfile: { id: GOLF_FLOW, file_name: 'golf_days' },
        attachments: [
          { entity_type: 'work_flow_result', id: 'r-17', workfile_id: GOLF_FLOW, output_vars: [] },
        ],
        comments: [],
        is_insight: false,
        complete_json: true,
      });
      const { workfile } = answer.response;
      expect(Object.keys(workfile)).toEqual([
        ...['id', 'workspace', 'file_name', 'file_type', 'latest_version_id', 'is_deleted'],
        ...['recent_comments', 'comment_count', 'tags', 'entity_type', 'entity_subtype'],
        ...['user_modified_at', 'status', 'description', 'link_url', 'associated_worklets'],
        ...['execution_locations', 'dataset_ids'],
      ]);
      expect(Object.keys(workfile.workspace).at(-1)).toBe('workspace_stage_id');
    });

    it.each([
      ['nothing was written', { result_id: 'r', results_written: 'false' }],
      ['nothing was said', {}],
      ['another word was said', { result_id: 'r', results_written: 'yes' }],
    ])('is none when %s', async (_title, fields) => {
      const before = await eventsOf(GOLF_FLOW);
      const answer = await report(GOLF_FLOW, fields);
      expect([answer.status, answer.text]).toEqual([200, '{}']);
      expect(await eventsOf(GOLF_FLOW)).toEqual(before);
    });

    it('needs an id, and a workflow', async () => {
      expect((await report(GOLF_FLOW, { results_written: 'true' })).json.errors.fields).toEqual({
        result_id: { BLANK: {} },
      });
      const { id } = await aWorkfile(server);
      const answer = await report(id, { result_id: 'r', results_written: 'true' });
      expect(answer.json).toEqual({ errors: { fields: { base: { NOT_RUNNABLE: {} } } } });
    });
  });
});
