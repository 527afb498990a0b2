import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoRolePassword } from '../../src/demo/demo-warehouse.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, GOLF_FLOW, seenWorking, startRun } from '../support/runs.js';
import { json, multipart } from '../support/forms.js';
import { countStatements } from '../support/statement-count.js';
import { startSourceApp } from '../support/source-app.js';
import type { TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';
import { ARCHIVED, aWorkfile, PRIVATE, PUBLIC } from '../support/workfiles.js';

const TAKEN = { errors: { fields: { file_name: { TAKEN: {} } } } };
const TOUCHPOINT = 1_000_006;

describe('changing workfiles', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let member: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.url, 'DELETE FROM data_source_accounts WHERE owner_id = 1000001');
    app = await startSourceApp(server.config({ DOWNLOAD_PREFIX: 'acme_' }));
    owner = await app.as('owner');
    member = await app.as('member');
    admin = await app.as('chorusadmin');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const update = (id: number, changes: object, client = owner) =>
    client.call('PUT', `/api/workfiles/${id}`, json(changes));
  const copy = (id: number, fields: object = {}, client = owner) =>
    client.call('POST', `/api/workfiles/${id}/copy`, json(fields));
  const rowOf = async (id: number) => {
    const [row] = await query(server.url, 'SELECT * FROM workfiles WHERE id = $1', [id]);
    return row!;
  };

  describe('update', () => {
    it('answers as show does, without version_info, and leaves user_modified_at alone', async () => {
      const { id } = await aWorkfile(server);
      const { version_info, ...shown } = (await owner.get(`/api/workfiles/${id}`)).response;
      expect(version_info).toBeTruthy();
      const changed = await update(id, { description: 'New', file_name: 'renamed.csv' });
      expect(changed.status).toBe(200);
      expect(changed.response).toEqual({
        ...shown,
        description: 'New',
        file_name: 'renamed.csv',
      });
      expect(Object.keys(changed.response)).toEqual(Object.keys(shown));
    });

    it.each([
      ['a.sql', 'file', 'text', 'sql'],
      ['a.SQL', 'file', 'other', 'sql'],
      ['b.txt', 'file', 'code', 'text'],
      ['c.py', 'file', 'text', 'text'],
      ['d.sql', 'file', 'image', 'image'],
      ['e.sql', 'workflow', 'work_flow', 'work_flow'],
    ])('renaming to %s makes a %s of type %s %s', async (file_name, kind, before, after) => {
      const { id } = await aWorkfile(server, { kind });
      await query(server.url, 'UPDATE workfiles SET file_type = $2 WHERE id = $1', [id, before]);
      const changed = await update(id, { workfile: { file_name } });
      expect(changed.response).toMatchObject({ file_name, file_type: after });
    });

    it('leaves the type alone when the name is the one it has', async () => {
      const { id } = await aWorkfile(server, { name: 'fake.txt' });
      await query(server.url, `UPDATE workfiles SET file_type = 'other' WHERE id = $1`, [id]);
      const changed = await update(id, { file_name: 'fake.txt', description: 'x' });
      expect(changed.response).toMatchObject({ description: 'x', file_type: 'other' });
    });

    it('refuses a name that another has, but not the own one or that of a deleted one', async () => {
      const [a, b] = [await aWorkfile(server), await aWorkfile(server)];
      const [rowA, rowB] = [await rowOf(a.id), await rowOf(b.id)];
      const refused = await update(a.id, { file_name: rowB['file_name'], description: 'lost' });
      expect(refused.json).toEqual(TAKEN);
      expect(refused.status).toBe(422);
      expect(await rowOf(a.id)).toEqual(rowA);
      expect((await update(a.id, { file_name: rowA['file_name'] })).status).toBe(200);
      await owner.delete(`/api/workfiles/${b.id}`);
      expect((await update(a.id, { file_name: rowB['file_name'] })).status).toBe(200);
    });

    it('gives one of twenty who rename to the same name at once that name', async () => {
      const files = await Promise.all(Array.from({ length: 20 }, () => aWorkfile(server)));
      const answers = await Promise.all(
        files.map(({ id }) => update(id, { file_name: 'the one' })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...new Array(19).fill(422)]);
      for (const { json: body } of answers.filter(({ status }) => status === 422))
        expect(body).toEqual(TAKEN);
    });

    it('sets and clears the schema in which SQL runs', async () => {
      const { id } = await aWorkfile(server);
      const set = await owner.call('PUT', `/api/workfiles/${id}`, {
        body: new URLSearchParams({ 'workfile[execution_schema][id]': '1000007' }),
      });
      expect(set.response.execution_schema).toMatchObject({
        id: 1_000_007,
        name: 'demo',
        entity_type: 'gpdb_schema',
        has_credentials: true,
        database: { id: 1_000_001, data_source: { id: 1_000_002 } },
      });
      const other = await update(id, { execution_schema: { id: 1000006 } }, admin);
      expect(other.response.execution_schema).toMatchObject({
        id: 1_000_006,
        has_credentials: false,
      });
      expect((await update(id, { execution_schema: { id: 999 } })).status).toBe(404);
      expect((await update(id, { execution_schema: null })).response.execution_schema).toBeNull();
    });

    it('replaces the places of a workflow as a whole', async () => {
      const { id } = await aWorkfile(server, { kind: 'workflow' });
      const place = { entity_type: 'gpdb_database', id: 1000001 };
      const set = await update(id, { execution_locations: [place, place], dataset_ids: [1000013] });
      expect(set.response).toMatchObject({
        execution_locations: [{ id: 1_000_001 }],
        dataset_ids: [1_000_013],
      });
      expect((await update(id, { execution_locations: [place, { ...place, id: 9 }] })).status).toBe(
        404,
      );
      const sentBack = await update(id, set.response);
      expect(sentBack.response.execution_locations).toEqual(set.response.execution_locations);
      const emptied = await update(id, { execution_locations: [], dataset_ids: [] });
      expect(emptied.response).toMatchObject({ execution_locations: [], dataset_ids: [] });
    });

    it('ignores what cannot be written: owner, kind, dates, workspace, type, process id', async () => {
      const { id } = await aWorkfile(server);
      const before = await rowOf(id);
      const changed = await update(id, {
        workfile: {
          id: 1,
          owner_id: 1000007,
          workspace_id: PRIVATE,
          kind: 'link',
          entity_subtype: 'alpine',
          content_type: 'image',
          file_type: 'image',
          killable_id: 'x',
          latest_version_id: 1,
          user_modified_at: '2001-01-01',
          deleted_at: '2001-01-01',
          link_url: 'javascript:alert(1)',
          execution_locations: [{ entity_type: 'gpdb_database', id: 1 }],
          dataset_ids: ['x'],
          status: 'running',
        },
      });
      expect(changed.status).toBe(200);
      expect(await rowOf(id)).toEqual(before);
      expect(changed.response.status).toBe('idle');
    });

    it('an empty body changes nothing', async () => {
      const { id } = await aWorkfile(server, { kind: 'workflow' });
      const before = await rowOf(id);
      expect((await owner.call('PUT', `/api/workfiles/${id}`)).status).toBe(200);
      expect(await rowOf(id)).toEqual(before);
    });

    it('changes a link, to a web address only', async () => {
      const { id } = await aWorkfile(server, { kind: 'link' });
      const url = 'http://example.com/b';
      expect((await update(id, { link_url: url })).response.link_url).toBe(url);
      for (const link_url of ['javascript:alert(1)', 'data:text/html,x', 'ftp://a', 'a b', '//a'])
        expect((await update(id, { link_url })).json.errors.fields).toEqual({
          link_url: { INVALID: { value: link_url } },
        });
      expect((await update(id, { link_url: '' })).json.errors.fields).toEqual({
        link_url: { BLANK: {} },
      });
    });

    it('as an engine reports the end of a run: status idle, whatever runs', async () => {
      const answer = await owner.call('PUT', `/api/workfiles/${GOLF_FLOW}`, {
        body: new URLSearchParams({ 'workfile[status]': 'idle' }),
      });
      expect(answer.response.status).toBe('idle');
    });
  });

  describe('delete', () => {
    it('hides the workfile, frees its name, and removes its contents', async () => {
      const { id } = await aWorkfile(server, { name: 'doomed.txt' });
      await owner.post(`/api/workfiles/${id}/draft`, { content: 'half' });
      await owner.get(`/api/workfiles/${id}`);
      const answer = await owner.delete(`/api/workfiles/${id}`);
      expect(answer.text).toBe('{}');
      expect(answer.status).toBe(200);
      expect((await owner.get(`/api/workfiles/${id}`)).status).toBe(404);
      expect((await owner.delete(`/api/workfiles/${id}`)).status).toBe(404);
      const [left] = await query(
        server.url,
        `SELECT (SELECT count(*) FROM workfile_versions WHERE workfile_id = $1)
           + (SELECT count(*) FROM workfile_drafts WHERE workfile_id = $1)
           + (SELECT count(*) FROM workfile_opens WHERE workfile_id = $1) AS n`,
        [id],
      );
      expect(left).toEqual({ n: '0' });
      expect(
        (await owner.post(`/api/workspaces/${PUBLIC}/workfiles`, { file_name: 'doomed.txt' }))
          .status,
      ).toBe(201);
    });

    it('works as the reference client calls it, with the type of its last call and its token', async () => {
      const { id } = await aWorkfile(server);
      const headers = {
        'content-type': 'application/json',
        'x-token': 'of somebody who logged out',
      };
      const path = `/api/workfiles/${id}?session_id=${owner.token}`;
      const anonymous = app.anonymous;
      expect((await anonymous.get(path, { headers })).response.id).toBe(id);
      expect((await anonymous.delete(path, { headers })).status).toBe(200);
      const gone = await anonymous.get(path, { headers });
      expect(gone.status).toBe(404);
      expect(gone.json).toEqual({ errors: { record: 'NOT_FOUND' } });
      const download = `/api/workfiles/${id}/download?session_id=${owner.token}`;
      expect((await anonymous.get(download, { headers })).status).toBe(404);
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const other = await aWorkfile(server);
      const answer = await owner.delete(`/api/workfiles/${other.id}`, { headers: form });
      expect([answer.status, answer.text]).toEqual([200, '{}']);
    });

    it('says 200 to one of twenty at once, and 404 to the others', async () => {
      const { id } = await aWorkfile(server);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => owner.delete(`/api/workfiles/${id}`)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...new Array(19).fill(404)]);
    });

    it('is refused while touchpoints are built on it, and for a published one', async () => {
      const refused = await owner.delete(`/api/workfiles/${GOLF_FLOW}`);
      expect(refused.json).toEqual({
        errors: { fields: { workfile: { WORKLET_ASSOCIATED: {} } } },
      });
      expect(refused.status).toBe(422);
      await query(server.url, `UPDATE worklets SET state = 'published' WHERE workfile_id = $1`, [
        TOUCHPOINT,
      ]);
      const published = { errors: { fields: { workfile: { PUBLISHED_WORKLET_ASSOCIATED: {} } } } };
      expect((await owner.delete(`/api/workfiles/${TOUCHPOINT}`)).json).toEqual(published);
      const { id } = await aWorkfile(server);
      const many = `/api/workspaces/${PUBLIC}/workfiles?workfile_ids[]=${id}&workfile_ids[]=`;
      expect((await owner.delete(many + String(TOUCHPOINT))).json).toEqual(published);
      expect((await owner.delete(many + String(GOLF_FLOW))).status).toBe(422);
      expect((await owner.get(`/api/workfiles/${id}`)).status).toBe(200);
      await query(server.url, `UPDATE worklets SET state = 'completed' WHERE workfile_id = $1`, [
        TOUCHPOINT,
      ]);
    });

    it('takes many, skips those of other workspaces, and those that are gone', async () => {
      const here = [await aWorkfile(server), await aWorkfile(server)].map(({ id }) => id);
      const there = (await aWorkfile(server, { workspaceId: PRIVATE })).id;
      const ids = [...here, there, 999].map((id) => `workfile_ids[]=${id}`).join('&');
      const answer = await owner.delete(`/api/workspaces/${PUBLIC}/workfiles?${ids}`);
      expect(answer.text).toBe('{}');
      for (const id of here) expect((await owner.get(`/api/workfiles/${id}`)).status).toBe(404);
      expect((await owner.get(`/api/workfiles/${there}`)).status).toBe(200);
      const inBody = (await aWorkfile(server)).id;
      await owner.call(
        'DELETE',
        `/api/workspaces/${PUBLIC}/workfiles`,
        json({ workfile_ids: [inBody] }),
      );
      expect((await owner.get(`/api/workfiles/${inBody}`)).status).toBe(404);
    });

    it.each(['one', 'many'])('stops what runs, and says so: %s', async (how) => {
      const made = (await copy(ALPINE_FLOW, { file_name: `doomed ${how}` })).response;
      const observer = await Observer.on(server.dataUrl);
      const run = await startRun(owner, made.id);
      await seenWorking(observer, run, AT_WORK);
      const path =
        how === 'one'
          ? `/api/workfiles/${made.id}`
          : `/api/workspaces/${PUBLIC}/workfiles?workfile_ids[]=${made.id}`;
      const answer = await owner.delete(path);
      expect(await observer.tagged()).toEqual([]);
      await observer.close();
      expect(answer.json).toEqual({
        stopped: [{ run_id: run.split('/').at(-1), workfile_id: made.id, status: 'stopped' }],
      });
      expect((await owner.get(`/api/workfiles/${made.id}`)).status).toBe(404);
      const [stored] = await query(
        server.url,
        'SELECT status, stop_reason FROM runs WHERE workfile_id = $1',
        [made.id],
      );
      expect(stored).toEqual({ status: 'stopped', stop_reason: 'workfile deleted' });
    });
  });

  it('a run that begins while its workflow is deleted is either refused or stopped', async () => {
    const made = [];
    for (let i = 0; i < 12; i += 1)
      made.push((await copy(ALPINE_FLOW, { file_name: `racing ${i}` })).response.id as number);
    const ends = await Promise.all(
      made.map((id) =>
        Promise.all([owner.post(`/api/workfiles/${id}/run`), owner.delete(`/api/workfiles/${id}`)]),
      ),
    );
    for (const [run, deletion] of ends) {
      expect([202, 404]).toContain(run.status);
      expect(deletion.status).toBe(200);
    }
    const active = await query(
      server.url,
      `SELECT id FROM runs WHERE workfile_id = ANY ($1) AND status IN ('queued', 'running')`,
      [made],
    );
    expect(active).toEqual([]);
    const observer = await Observer.on(server.dataUrl);
    await until('all of them dead', async () => (await observer.tagged()).length === 0);
    await observer.close();
  });

  describe('copy', () => {
    it('makes the caller owner of version 1 of the latest version', async () => {
      const { id } = await aWorkfile(server, { name: 'original.txt' });
      await owner.post(`/api/workfiles/${id}/versions`, { content: 'second', commit_message: 'm' });
      await update(id, { description: 'Kept', execution_schema: { id: 1000007 } });
      const made = await copy(id, {}, member);
      expect(made.status).toBe(201);
      expect(made.response).toMatchObject({
        file_name: 'original_1.txt',
        file_type: 'text',
        description: 'Kept',
        owner: { username: 'member' },
        has_draft: false,
      });
      for (const key of ['version_info', 'execution_schema', 'complete_json'])
        expect(made.response).not.toHaveProperty(key);
      const { version_info, execution_schema } = (
        await member.get(`/api/workfiles/${made.response.id}`)
      ).response;
      expect(version_info).toMatchObject({
        version_num: 1,
        commit_message: '',
        content: 'second',
        owner: { username: 'member' },
      });
      expect(execution_schema).toMatchObject({ id: 1_000_007 });
      expect((await copy(id, { file_name: 'original_1.txt' })).json).toEqual(TAKEN);
      const there = await copy(id, { workspace_id: PRIVATE });
      expect(there.response).toMatchObject({
        file_name: 'original.txt',
        workspace: { id: PRIVATE },
      });
    });

    it('copies a large file whole', async () => {
      const contents = Buffer.alloc(3_500_000, 'abcdefghi');
      const made = await owner.call('POST', `/api/workspaces/${PUBLIC}/workfiles`, {
        body: multipart([
          ['workfile[versions_attributes][0][contents]', { name: 'big.bin', contents }],
        ]),
      });
      const copied = await copy(made.response.id);
      const { text } = await owner.get(`/api/workfiles/${copied.response.id}/download`);
      expect(text).toBe(contents.toString());
    });

    it('takes the places of a workflow along, but not its datasets', async () => {
      const made = await copy(ALPINE_FLOW);
      expect(made.response).toMatchObject({
        file_name: 'alpine_flow_1',
        entity_subtype: 'alpine',
        status: 'idle',
        execution_locations: [{ id: 1_000_001 }],
        dataset_ids: [],
        complete_json: true,
      });
      const documents = await Promise.all(
        [ALPINE_FLOW, made.response.id].map((id) => owner.get(`/api/workfiles/${id}/download`)),
      );
      expect(documents[1]!.text).toBe(documents[0]!.text);
    });

    it('copies links, and touchpoints within their workspace', async () => {
      const { id } = await aWorkfile(server, { kind: 'link' });
      expect((await copy(id)).response.link_url).toBe('https://example.com/');
      const touchpoint = await copy(TOUCHPOINT);
      expect(touchpoint.response).toMatchObject({
        entity_subtype: 'worklet',
        workflow_id: GOLF_FLOW,
        state: 'completed',
        parameters: [{ variable_name: '@sky' }],
        running: false,
      });
      expect((await copy(TOUCHPOINT, { workspace_id: PRIVATE })).status).toBe(422);
      await owner.delete(`/api/workfiles/${touchpoint.response.id}`);
    });

    it('gives twenty copies at once twenty names, and one of twenty the name they all choose', async () => {
      const { id } = await aWorkfile(server, { name: 'source.sql' });
      const made = await Promise.all(Array.from({ length: 20 }, () => copy(id)));
      const names = made.map(({ response }) => response.file_name).sort();
      expect(names).toEqual(Array.from({ length: 20 }, (_, i) => `source_${i + 1}.sql`).sort());
      const chosen = await Promise.all(
        Array.from({ length: 20 }, () => copy(id, { file_name: 'target.sql' })),
      );
      expect(chosen.map(({ status }) => status).sort()).toEqual([201, ...new Array(19).fill(422)]);
    });
  });

  describe('download', () => {
    it('names the file with the prefix, and sends its type', async () => {
      const { id } = await aWorkfile(server, { name: 'plain (1).txt' });
      const got = await owner.get(`/api/workfiles/${id}/download`);
      expect(got.text).toBe('first\n');
      expect(got.headers.get('content-disposition')).toBe(
        'attachment; filename="acme_plain (1).txt"',
      );
      expect(got.headers.get('content-type')).toMatch(/^text\/plain/);
      expect(got.headers.get('content-length')).toBe('6');
      const flow = await owner.get(`/api/workfiles/${GOLF_FLOW}/download`);
      expect(flow.headers.get('content-disposition')).toBe(
        'attachment; filename="acme_golf_days.afm"',
      );
    });

    it('sends a version when asked, and the own draft before all', async () => {
      const { id, versionId } = await aWorkfile(server);
      await owner.post(`/api/workfiles/${id}/versions`, { content: 'second' });
      const path = `/api/workfiles/${id}/download`;
      expect((await owner.get(path)).text).toBe('second');
      expect((await owner.get(`${path}?version_id=${versionId}`)).text).toBe('first\n');
      const other = await aWorkfile(server);
      for (const wrong of [String(other.versionId), '999', 'x', '-1'])
        expect((await owner.get(`${path}?version_id=${wrong}`)).status).toBe(404);
      await owner.post(`/api/workfiles/${id}/draft`, { content: 'third, half' });
      expect((await owner.get(path)).text).toBe('third, half');
      expect((await owner.get(`${path}?version_id=${versionId}`)).text).toBe('third, half');
      expect((await member.get(path)).text).toBe('second');
    });

    it('is safe for any name', async () => {
      const { id } = await aWorkfile(server, { name: 'a"; x="\r\nb ü.txt' });
      const got = await owner.get(`/api/workfiles/${id}/download`);
      expect(got.headers.get('content-disposition')).toBe(
        `attachment; filename="acme_a__ x____b _.txt"; filename*=UTF-8''acme_a%22%3B%20x%3D%22%0D%0Ab%20%C3%BC.txt`,
      );
    });
  });

  describe('show with connect', () => {
    const show = (client: TestClient, query = '?connect=true') =>
      client.get(`/api/workfiles/${ALPINE_FLOW}${query}`);
    const forbidden = {
      id: 1_000_002,
      entity_type: 'gpdb_data_source',
      shared: false,
      owner_id: 1_000_006,
      name: 'Owners',
    };

    it('logs in to each place', async () => {
      expect((await show(owner)).status).toBe(200);
      expect((await show(owner, '?connect')).status).toBe(200);
      const refused = await show(admin);
      expect(refused.json).toEqual({ errors: { model_data: forbidden } });
      expect(refused.status).toBe(403);
      expect((await show(admin, '')).status).toBe(200);
    });

    it('says that the database rejects the credentials, does not exist, or does not answer', async () => {
      await query(server.url, `UPDATE databases SET name = 'nowhere' WHERE id = 1000001`);
      const missing = await show(owner);
      expect([missing.status, missing.json.errors.record]).toEqual([422, 'DATABASE_MISSING']);
      await query(server.url, `UPDATE databases SET name = 'default' WHERE id = 1000001`);

      const [source] = await query<{ port: number }>(
        server.url,
        `UPDATE data_sources new SET port = 1 FROM data_sources old WHERE new.id = 1000002 AND old.id = new.id RETURNING old.port`,
      );
      const unreachable = await show(owner);
      expect([unreachable.status, unreachable.json.errors.record]).toEqual([
        422,
        'DATA_SOURCE_UNREACHABLE',
      ]);
      expect(unreachable.text).not.toMatch(/fermata_demo|127\.0\.0\.1/);
      await query(server.url, `UPDATE data_sources SET port = $1 WHERE id = 1000002`, [
        source!.port,
      ]);

      await query(server.dataUrl, `ALTER ROLE fermata_demo PASSWORD 'another'`);
      const rejected = await show(owner);
      expect([rejected.status, rejected.json]).toEqual([
        403,
        { errors: { model_data: forbidden, record: 'INVALID_CREDENTIALS' } },
      ]);
      // From now on it is known to be so, whatever the data source says.
      await query(
        server.dataUrl,
        `ALTER ROLE fermata_demo PASSWORD '${demoRolePassword(TEST_KEY)}'`,
      );
      expect((await show(owner)).json).toEqual(rejected.json);
      expect(
        await query(server.url, `SELECT actor_id FROM events WHERE action = 'CredentialsInvalid'`),
      ).toEqual([{ actor_id: 1_000_006 }]);
    });
  });

  describe('lists', () => {
    const list = async (client: TestClient, parameters: string, workspace = PUBLIC) =>
      (await client.get(`/api/workspaces/${workspace}/workfiles?per_page=1000&${parameters}`)).json;

    it('count what there is, after everything above', async () => {
      for (const workspace of [PUBLIC, PRIVATE, ARCHIVED])
        for (const [parameters, condition] of [
          ['', 'true'],
          ['file_type=sql', `file_type = 'sql'`],
          ['file_type=SQL', `file_type = 'sql'`],
          ['file_type=none', 'false'],
          ['no_published_worklets=', `kind <> 'published_worklet'`],
          ['no_published_worklets=x&file_type=text', `file_type = 'text'`],
          ['name_pattern=sour&file_type=sql', `file_name LIKE '%sour%' AND file_type = 'sql'`],
          ['name_pattern=a&order=date', `file_name LIKE '%a%'`],
        ] as const) {
          const [row] = await query<{ n: number; ids: number[] | null }>(
            server.url,
            `SELECT count(*)::int AS n, array_agg(id ORDER BY id) AS ids FROM workfiles WHERE workspace_id = $1 AND deleted_at IS NULL AND ${condition}`,
            [workspace],
          );
          const { pagination, response } = await list(owner, parameters, workspace);
          expect([parameters, pagination.records]).toEqual([parameters, row!.n]);
          const ids = response.map(({ id }: any) => id).sort((a: number, b: number) => a - b);
          expect(ids).toEqual(row!.ids ?? []);
          if (parameters === '' && response.length > 0)
            expect(response[0].workspace.workfiles_count).toBe(row!.n);
        }
    });

    it('find parts of names with case, and take no letter for a wildcard', async () => {
      await aWorkfile(server, { name: 'Ab_c-Z.txt' });
      await aWorkfile(server, { name: 'AbXc-Z.txt' });
      const names = async (pattern: string) =>
        (await list(owner, `name_pattern=${encodeURIComponent(pattern)}`)).response.map(
          ({ file_name }: any) => file_name,
        );
      expect(await names('b_c-Z')).toEqual(['Ab_c-Z.txt']);
      expect(await names('b_c-z')).toEqual([]);
      expect(await names('%c-Z')).toEqual([]);
      expect(await names('b\\_c')).toEqual([]);
    });

    it('are in the documented form', async () => {
      const [file] = (await list(owner, 'file_type=sql&name_pattern=golf.sql')).response;
      expect(Object.keys(file).slice(-4)).toEqual([
        'associated_worklets',
        'execution_schema',
        'complete_json',
        'version_info',
      ]);
      expect(file.version_info.content).toBeNull();
      const [flow] = (await list(owner, 'name_pattern=golf_days')).response;
      expect(Object.keys(flow).slice(-3)).toEqual([
        'associated_worklets',
        'version_info',
        'complete_json',
      ]);
      const [workbook] = (await list(owner, 'file_type=tableau_workbook')).response;
      expect(workbook).toMatchObject({
        workbook_url: 'https://tableau.example.com/views/credit',
        workbook_name: 'dashboard',
        version_info: { updated_at: expect.any(String) },
      });
    });

    it('are sorted newest first by date', async () => {
      const dates = (await list(owner, 'order=date')).response.map(
        ({ user_modified_at }: any) => user_modified_at,
      );
      expect(dates).toEqual([...dates].sort().reverse());
    });

    it('cost at most 6 statements, whatever they filter', async () => {
      for (const parameters of ['', 'order=date', 'file_type=sql', 'name_pattern=a'])
        expect(
          (await countStatements(() => list(owner, parameters))).statements.length,
        ).toBeLessThanOrEqual(6);
      const { id } = await aWorkfile(server);
      const { statements } = await countStatements(() =>
        owner.get(`/api/workfiles/${id}/versions?per_page=1000`),
      );
      expect(statements.length).toBeLessThanOrEqual(6);
    });
  });

  it('counters are exact after concurrent creation, deletion and change of type', async () => {
    const files = await Promise.all(Array.from({ length: 30 }, () => aWorkfile(server)));
    await Promise.all(
      files.map(({ id }, i) =>
        i % 3 === 0
          ? owner.delete(`/api/workfiles/${id}`)
          : i % 3 === 1
            ? update(id, { file_name: `typed ${i}.sql` })
            : copy(id),
      ),
    );
    const rows = await query(
      server.url,
      `SELECT workspace_id, published, file_type, sum(n)::int AS n FROM workfile_counts GROUP BY 1, 2, 3
       HAVING sum(n) <> 0 ORDER BY 1, 2, 3`,
    );
    const counted = await query(
      server.url,
      `SELECT workspace_id, kind = 'published_worklet' AS published, file_type, count(*)::int AS n FROM workfiles
       WHERE deleted_at IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    );
    expect(rows).toEqual(counted);
  });
});
