import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import { flowXml, tableSource } from '../support/flows.js';
import { clientBytes, json, multipart } from '../support/forms.js';
import { runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const WORKSPACE = 1_000_008;
const LIST = `/api/workspaces/${WORKSPACE}/workfiles`;
const CONTENTS = 'workfile[versions_attributes][0][contents]';
const LARGE_MB = 32;
const FLOW = flowXml({ operators: [tableSource('golfnew')] });
const PNG = await sharp({ create: { width: 200, height: 100, channels: 3, background: 'red' } })
  .png()
  .toBuffer();

describe('creating workfiles', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    await query(
      server.url,
      `INSERT INTO data_sources (id, kind, name, host, port, owner_id, state)
       VALUES (1000050, 'jdbc_hive_data_source', 'Lake', 'jdbc:hive2://lake', NULL, 1000006, 'online'),
         (1000051, 'pg_data_source', 'Secret Source', '127.0.0.1', 1, 1000001, 'online');
       INSERT INTO databases (id, data_source_id, name) VALUES (1000051, 1000051, 'hidden');
       INSERT INTO schemas (id, database_id, name) VALUES (1000051, 1000051, 'salaries');
       INSERT INTO datasets (id, kind, name, schema_id) VALUES (1000051, 'table', 'bonus', 1000051)`,
    );
    app = await startTestApp(server.config());
    owner = await app.as('owner');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const create = (fields: Record<string, unknown>, client = owner) => client.post(LIST, fields);
  const upload = (name: string, contents: string | Buffer, fields: [string, string][] = []) =>
    owner.call('POST', LIST, { body: multipart([...fields, [CONTENTS, { name, contents }]]) });

  describe('as the reference client does', () => {
    it('takes its upload byte for byte, ten times under new names', async () => {
      const body = clientBytes([
        ['workfile[entity_subtype]', 'alpine'],
        ['data_source', '1000002GpdbDataSource'],
        ['database', 1000001],
        ['workfile[execution_locations][0][entity_type]', 'gpdb_database'],
        ['workfile[execution_locations][0][id]', 1000001],
        [CONTENTS, { name: 'workflow.afm', contents: FLOW }],
      ]);
      const path = `${LIST}?session_id=${owner.token}`;
      const names = [];
      for (let i = 0; i < 10; i += 1) {
        const made = await app.anonymous.call('POST', path, body);
        expect(made.status).toBe(201);
        expect(made.response.execution_locations).toMatchObject([
          { id: 1_000_001, entity_type: 'gpdb_database' },
        ]);
        names.push(made.response.file_name);
      }
      expect(names).toEqual([
        'workflow',
        ...Array.from({ length: 9 }, (_, i) => `workflow_${i + 1}`),
      ]);
    });

    it('takes several sources, the plural of Hive, and an empty id beside its data source', async () => {
      const made = await owner.call(
        'POST',
        LIST,
        clientBytes([
          ['workfile[entity_subtype]', 'alpine'],
          ['data_source', '1000002GpdbDataSource'],
          ['data_source', '1000050JdbcHiveDataSource'],
          ['database', 1000001],
          ['database', ''],
          ['workfile[execution_locations][0][entity_type]', 'gpdb_database'],
          ['workfile[execution_locations][0][id]', 1000001],
          ['workfile[execution_locations][1][entity_type]', 'jdbc_hive_data_sources'],
          ['workfile[execution_locations][1][id]', ''],
          [CONTENTS, { name: 'mixed.afm', contents: FLOW }],
        ]),
      );
      expect(made.response.execution_locations).toMatchObject([
        { id: 1_000_001, entity_type: 'gpdb_database' },
        { id: 1_000_050, entity_type: 'jdbc_hive_data_source', name: 'Lake' },
      ]);
    });
  });

  it('makes an uploaded file, with what 5.9 prints of it, and no content in the answer', async () => {
    const made = await upload('first.sql', 'SELECT 1;\n', [['workfile[description]', 'Just one']]);
    expect(made.status).toBe(201);
    const { id, latest_version_id } = made.response;
    expect(Object.keys(made.response).slice(-4)).toEqual([
      'has_draft',
      'execution_schema',
      'complete_json',
      'version_info',
    ]);
    expect(made.response).toMatchObject({
      file_name: 'first.sql',
      file_type: 'sql',
      entity_subtype: null,
      status: 'idle',
      description: 'Just one',
      link_url: null,
      has_draft: false,
      execution_schema: { id: 1_000_006, name: 'default', has_credentials: true },
      complete_json: true,
      version_info: {
        id: latest_version_id,
        version_num: 1,
        commit_message: 'Just one',
        owner: { username: 'owner' },
        modifier: { username: 'owner' },
        partial_file: false,
        icon_url: null,
        content: null,
        content_url: expect.stringMatching(
          new RegExp(`^/workfile_versions/${latest_version_id}/image\\?style=original&\\d+$`),
        ),
      },
      workspace: { has_added_workfile: true },
    });
    const shown = await owner.get(`/api/workfiles/${id}`);
    expect(shown.response.version_info.content).toBe('SELECT 1;\n');
    expect({ ...shown.response, version_info: null }).toEqual({
      ...made.response,
      version_info: null,
    });
    const [event] = await query(
      server.url,
      `SELECT action, actor_id, workspace_id, additional_data FROM events WHERE target1_type = 'workfile' AND target1_id = $1`,
      [id],
    );
    expect(event).toEqual({
      action: 'WorkfileCreated',
      actor_id: 1_000_006,
      workspace_id: WORKSPACE,
      additional_data: { commit_message: 'Just one' },
    });
  });

  it('takes the name of an upload without blanks around it, as it takes any other', async () => {
    expect((await upload(' spaced .sql ', 'x')).response.file_name).toBe('spaced .sql');
    const flow = await upload(' spaced .afm', FLOW, [['workfile[entity_subtype]', 'alpine']]);
    expect(flow.response.file_name).toBe('spaced');
    const none = await upload(' .afm', FLOW, [['workfile[entity_subtype]', 'alpine']]);
    expect(none.json).toEqual({ errors: { fields: { file_name: { BLANK: {} } } } });
  });

  it.each([
    ['notes.txt', 'Grüße\n', 'text'],
    ['model.py', 'import csv\n', 'code'],
    ['config.xml', '<a/>', 'xml'],
    ['table.csv', 'a,b\n', 'text'],
    ['archive.zip', Buffer.from('PK\x03\x04\x00\xff', 'latin1'), 'other'],
    ['plot.png', PNG, 'image'],
    ['flow.afm', FLOW, 'xml'],
    ['nothing.bin', '', 'other'],
  ])('takes %s as it is, and knows its type', async (name, contents, type) => {
    const made = await upload(name, contents);
    expect(made.status).toBe(201);
    expect(made.response).toMatchObject({ file_name: name, file_type: type, entity_subtype: null });
    const { id } = made.response;
    const got = await fetch(`${app.url}/api/workfiles/${id}/download`, {
      headers: { cookie: owner.cookie! },
    });
    expect(Buffer.from(await got.arrayBuffer()).equals(Buffer.from(contents))).toBe(true);
  });

  it('makes an empty file, of the type its name says', async () => {
    for (const [name, type] of [
      ['blank.sql', 'sql'],
      ['blank.txt', 'text'],
      ['blank.py', 'code'],
      ['blank', 'text'],
    ]) {
      const made = await create({ file_name: name });
      expect(made.response).toMatchObject({ file_name: name, file_type: type });
      const { version_info } = (await owner.get(`/api/workfiles/${made.response.id}`)).response;
      expect(version_info).toMatchObject({ version_num: 1, content: '' });
    }
  });

  it('draws SVG as PNG, under the next free name', async () => {
    const svg_data = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><rect width="60" height="30" fill="#00ff00"/><image href="http://127.0.0.1:1/x.png"/></svg>`;
    const wanted = { workfile: { file_name: 'chart.png', svg_data } };
    const names = [];
    for (let i = 0; i < 3; i += 1) {
      const made = await owner.call('POST', LIST, json(wanted));
      expect(made.status).toBe(201);
      expect(made.response.file_type).toBe('image');
      names.push(made.response.file_name);
      const { content_url, icon_url } = made.response.version_info;
      // As a browser follows them: without the prefix.
      for (const [url, width] of [
        [content_url, 60],
        [icon_url, 50],
      ]) {
        const got = await fetch(`${app.url}${url}`, { headers: { cookie: owner.cookie! } });
        expect(got.headers.get('content-type')).toBe('image/png');
        expect(got.headers.get('content-security-policy')).toContain('sandbox');
        const { data, info } = await sharp(Buffer.from(await got.arrayBuffer()))
          .raw()
          .toBuffer({ resolveWithObject: true });
        expect(info.width).toBe(width);
        expect([...data.subarray(0, 3)]).toEqual([0, 255, 0]);
      }
    }
    expect(names).toEqual(['chart.png', 'chart_1.png', 'chart_2.png']);
  });

  it('makes a link', async () => {
    const made = await create({
      file_name: 'wiki',
      link_url: 'HTTPS://wiki.example.com/a?b=c#d',
      description: 'Where it is told',
    });
    expect(made.status).toBe(201);
    expect(made.response).toMatchObject({
      file_type: 'link',
      entity_subtype: null,
      link_url: 'HTTPS://wiki.example.com/a?b=c#d',
      latest_version_id: null,
      complete_json: true,
    });
    expect((await owner.get(`/api/workfiles/${made.response.id}/download`)).status).toBe(404);
  });

  it('starts a workflow from datasets: its places, its tables, its ids', async () => {
    const made = await owner.call('POST', LIST, {
      body: multipart([
        ['workfile[entity_subtype]', 'alpine'],
        ['workfile[file_name]', 'from tables'],
        ['workfile[dataset_ids][]', 1000013],
        ['workfile[dataset_ids][]', 1000016],
        ['workfile[dataset_ids][]', 1000013],
      ]),
    });
    expect(made.status).toBe(201);
    expect(made.response.execution_locations).toMatchObject([{ id: 1_000_001 }]);
    expect(made.response.dataset_ids).toEqual([1_000_013, 1_000_016, 1_000_013]);
    const { text } = await owner.get(`/api/workfiles/${made.response.id}/download`);
    expect(text).toContain('<Operator X="100" Y="80" name="golfnew"');
    expect(text).toContain('<Parameter key="schemaName" value="demo"/>');
    expect(text).toContain('name="age_groups"');
    const run = await runEnded(owner, await startRun(owner, made.response.id));
    expect(run).toMatchObject({ status: 'succeeded', error: null });
    expect(run.steps.map(({ name }: any) => name).sort()).toEqual(['age_groups', 'golfnew']);
  });

  it.each([
    [
      'a saved query',
      [1000018],
      422,
      { errors: { fields: { datasets: { CHORUS_VIEW_SELECTED: null } } } },
    ],
    ['nothing', [1000011, 999], 404, { errors: { record: 'NOT_FOUND' } }],
    ['no id', ['x'], 404, { errors: { record: 'NOT_FOUND' } }],
    ["another workspace's saved query", [1000019], 404, { errors: { record: 'NOT_FOUND' } }],
    [
      'a table in a source that he may not use',
      [1000051],
      403,
      {
        errors: {
          model_data: {
            id: 1_000_051,
            entity_type: 'pg_data_source',
            shared: false,
            owner_id: 1_000_001,
            name: 'Secret Source',
          },
        },
      },
    ],
  ])('starts none from %s', async (_title, dataset_ids, status, body) => {
    const workfile = { entity_subtype: 'alpine', file_name: 'never', dataset_ids };
    const answer = await owner.call('POST', LIST, json({ workfile }));
    expect(answer.json).toEqual(body);
    expect(answer.status).toBe(status);
  });

  it('takes attributes flat and nested, as JSON and as forms, and ignores what it does not know', async () => {
    const flat = { file_name: 'flat', entity_subtype: 'alpine', nonsense: { a: 1 } };
    const locations = [{ entity_type: 'pg_database', id: '1000001', name: 'x' }];
    for (const [name, options] of [
      ['flat JSON', json({ ...flat, file_name: 'flat JSON', execution_locations: locations })],
      [
        'nested JSON',
        json({
          file_name: 'ignored beside the wrapper',
          workfile: { ...flat, file_name: 'nested JSON', execution_locations: locations },
        }),
      ],
      [
        'hash form',
        {
          body: new URLSearchParams({
            'workfile[file_name]': 'hash form',
            'workfile[entity_subtype]': 'alpine',
            'workfile[nonsense][a]': '1',
            'workfile[execution_locations][7][entity_type]': 'gpdb_database',
            'workfile[execution_locations][7][id]': '1000001',
          }),
        },
      ],
    ] as const) {
      const made = await owner.call('POST', LIST, options);
      expect(made.status).toBe(201);
      expect(made.response.file_name).toBe(name);
      expect(made.response.execution_locations).toMatchObject([{ id: 1_000_001 }]);
    }
  });

  it('numbers a taken name before its last dot, and shortens one that would get too long', async () => {
    const names = async (name: string, times: number) => {
      const made = [];
      for (let i = 0; i < times; i += 1) made.push((await upload(name, 'x')).response.file_name);
      return made;
    };
    expect(await names('a.tar.gz', 3)).toEqual(['a.tar.gz', 'a.tar_1.gz', 'a.tar_2.gz']);
    expect(await names('.hidden', 2)).toEqual(['.hidden', '.hidden_1']);
    expect(await names('plain', 2)).toEqual(['plain', 'plain_1']);
    const long = `${'n'.repeat(251)}.txt`;
    expect(await names(long, 2)).toEqual([long, `${'n'.repeat(249)}_1.txt`]);
    const free = (await upload('plain', 'x')).response;
    await owner.delete(`/api/workfiles/${free.id}`);
    expect(await names('plain', 1)).toEqual([free.file_name]);
  });

  it('gives twenty uploads of one name at once twenty names', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => upload('crowd.sql', 'x')));
    expect(made.map(({ status }) => status)).toEqual(new Array(20).fill(201));
    const names = made.map(({ response }) => response.file_name);
    expect(names.sort()).toEqual(
      ['crowd.sql', ...Array.from({ length: 19 }, (_, i) => `crowd_${i + 1}.sql`)].sort(),
    );
  });

  it('gives one of twenty who choose the same name at once that name', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        create({ file_name: 'chosen', ...(i % 2 === 0 && { entity_subtype: 'alpine' }) }),
      ),
    );
    const statuses = made.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...new Array(19).fill(422)]);
    for (const { json: body } of made.filter(({ status }) => status === 422))
      expect(body).toEqual({ errors: { fields: { file_name: { TAKEN: {} } } } });
    const [row] = await query<{ n: number }>(
      server.url,
      `SELECT count(*)::int AS n FROM workfiles WHERE file_name = 'chosen' AND deleted_at IS NULL`,
    );
    expect(row?.n).toBe(1);
  });

  it('takes a large file, sends it back, and never holds it in memory', async () => {
    const piece = randomBytes(1_048_576);
    const inUse = buffersInUse();
    const before = inUse();
    const seen: number[] = [];
    const sent = createHash('sha256');
    const id = await new Promise<number>((resolve, reject) => {
      const post = request(app.url + LIST, {
        method: 'POST',
        headers: { cookie: owner.cookie!, 'content-type': 'multipart/form-data; boundary=b' },
      });
      post.on('error', reject);
      post.on('response', (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => {
          resolve(JSON.parse(text).response.id);
        });
      });
      const body = function* () {
        yield `--b\r\nContent-Disposition: form-data; name="${CONTENTS}"; filename="large.bin"\r\n\r\n`;
        for (let i = 0; i < LARGE_MB; i += 1) {
          piece.writeUInt32BE(i);
          sent.update(piece);
          if (i % 8 === 7) seen.push(inUse());
          yield Buffer.from(piece);
        }
        yield '\r\n--b--\r\n';
      };
      Readable.from(body(), { objectMode: false }).pipe(post);
    });
    const got = await fetch(`${app.url}/api/workfiles/${id}/download`, {
      headers: { cookie: owner.cookie! },
    });
    expect(got.headers.get('content-length')).toBe(String(LARGE_MB * 1_048_576));
    const received = createHash('sha256');
    let bytes = 0;
    for await (const chunk of got.body! as AsyncIterable<Uint8Array>) {
      received.update(chunk);
      const looks = Math.floor(bytes / 8_388_608);
      bytes += chunk.length;
      if (Math.floor(bytes / 8_388_608) > looks) seen.push(inUse());
    }
    expect(received.digest('hex')).toBe(sent.digest('hex'));
    expect(seen).toHaveLength(8);
    // Client and server share this process: neither may hold more than a part of it.
    expect(Math.max(...seen) - before).toBeLessThan((LARGE_MB * 1_048_576) / 2);
    expect((await owner.get(`/api/workfiles/${id}`)).response.version_info.partial_file).toBe(true);
  }, 120_000);

  it('takes a file of the limit, and refuses one byte more', async () => {
    const small = await startTestApp(
      server.config({ WORKFILE_LIMIT_BYTES: '3000000', WORKER_CONCURRENCY: '0' }),
    );
    const send = (bytes: number) =>
      new TestClient(small.url, owner.cookie).call('POST', LIST, {
        body: multipart([[CONTENTS, { name: 'edge.bin', contents: Buffer.alloc(bytes) }]]),
      });
    expect((await send(3_000_000)).status).toBe(201);
    const answer = await send(3_000_001);
    expect(answer.status).toBe(422);
    expect(answer.json.errors.fields).toEqual({
      'versions.contents_file_size': {
        LESS_THAN: { message: 'file_size_exceeded', count: '3000000 Bytes' },
      },
    });
    await small.close();
    // The documented limit is the default.
    expect(server.config().workfileLimitBytes).toBe(104_857_600);
  });
});

/** @returns a look at the bytes of all buffers, once those that were let go are collected */
function buffersInUse(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    // What the first has found unused is given back by the second at the latest.
    collect();
    return process.memoryUsage().arrayBuffers;
  };
}
