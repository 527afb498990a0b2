import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { quiet } from '../support/data-sources.js';
import { Documentation, DocumentedClient } from '../support/documented.js';
import { DocumentedExamples } from '../support/documented-examples.js';
import { multipart } from '../support/forms.js';
import { Observer } from '../support/observer.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const NOBODY = 2_147_483_646;
const WORKSPACE = '/api/workspaces/1000008';
const FILE = '/api/workfiles/1000011';
const SOURCE = '/api/data_sources/1000002';
const DATASET = '/api/datasets/1000011';

/** Routes that read, each with what it answers to its first user; `:run` is a run that is over. */
const READING: readonly (readonly [id: string, path: string, status?: number, user?: 'admin'])[] = [
  ['showLiveness', '/health/live'],
  ['showReadiness', '/health/ready'],
  ['showSession', '/api/sessions'],
  ['showServerVersion', '/api/VERSION'],
  ['showServerStatus', '/api/status'],
  ['showLicense', '/api/license'],
  ['showServerConfig', '/api/config'],
  ['listSchemaDatasets', '/api/schemas/1000006/datasets'],
  ['showDataset', DATASET],
  ['listDatasetColumns', `${DATASET}/columns`],
  ['showDatasetStatistics', `${DATASET}/statistics`],
  ['listWorkspaceDatasets', `${WORKSPACE}/datasets`],
  ['showWorkfile', FILE],
  ['listActiveRuns', '/api/runs'],
  ['showRun', '/api/runs/:run'],
  ['listWorkfileRuns', `/api/workfiles/${GOLF_FLOW}/runs`],
  ['listWorkfiles', `${WORKSPACE}/workfiles`],
  ['listStops', '/api/stops', 200, 'admin'],
  ['downloadWorkfile', `${FILE}/download`],
  ['showVersionImage', '/workfile_versions/1000011/image'],
  ['showVersionImageInApi', '/api/workfile_versions/1000011/image'],
  ['showDraft', `${FILE}/draft`],
  ['listWorkfileVersions', `${FILE}/versions`],
  ['showWorkfileVersion', `${FILE}/versions/1000011`],
  ['showRunResults', '/api/runs/:run/results'],
  ['listRunExports', '/api/runs/:run/exports'],
  ['downloadRunExport', '/api/runs/:run/exports/3', 404],
  ['watchRun', '/api/runs/:run/events'],
  ['showWorkfileImage', `/api/workfiles/${GOLF_FLOW}/image.svg`],
  ['showRunImage', '/api/runs/:run/image.svg'],
  ['engineQueryProcess', '/alpinedatalabs/api/v1/json/processes/:run/query'],
  ['engineShowResults', `/alpinedatalabs/api/v1/json/workflows/${GOLF_FLOW}/results/:run`],
  ['listUsers', '/api/users'],
  ['searchDirectory', '/api/users/ldap?username=ada', 503, 'admin'],
  ['showUser', '/api/users/1000006'],
  ['showUserImage', '/api/users/1000006/image'],
  ['showUserImageAtPath', '/paperclip/users/images/001/000/006/icon/User.png'],
  ['showDefaultUserImage', '/images/general/default-user.png'],
  ['listDataSources', '/api/data_sources?all=true'],
  ['showDataSource', SOURCE],
  ['showAccount', `${SOURCE}/account`],
  ['listDataSourceMembers', `${SOURCE}/members`],
  ['listDatabases', `${SOURCE}/databases`],
  ['listDataSourceSchemas', `${SOURCE}/schemas`, 404],
  ['showDataSourceWorkspaces', `${SOURCE}/workspace_detail`],
  ['showDatabase', '/api/databases/1000001'],
  ['listSchemas', '/api/databases/1000001/schemas'],
  ['showSchema', '/api/schemas/1000006'],
  ['listHdfsDataSources', '/api/hdfs_data_sources'],
  ['showHdfsDataSource', '/api/hdfs_data_sources/:hdfs'],
  ['listWorkspaces', '/api/workspaces?show_latest_comments=true'],
  ['showWorkspace', `${WORKSPACE}?show_latest_comments=true`],
  ['listMembers', `${WORKSPACE}/members`],
  ['showWorkspaceImage', `${WORKSPACE}/image`],
  ['showWorkspaceImageAtPath', '/paperclip/workspaces/images/001/000/008/icon/a.png'],
];

describe('answers', () => {
  const documentation = new Documentation();
  const examples = new DocumentedExamples();
  let server: TestServer;
  let app: TestApp;
  let observer: Observer;
  let anonymous: DocumentedClient;
  let owner: DocumentedClient;
  let admin: DocumentedClient;
  let outsider: DocumentedClient;

  beforeAll(async () => {
    server = await startTestServer();
    // A slow machine must not make another receipt of it, nor one that opens more sessions side by side.
    const patient = {
      STOP_TERMINATE_AFTER_MS: '10000',
      STOP_REPLY_TIMEOUT_MS: '20000',
      OPERATOR_CONCURRENCY: '1',
    };
    app = await startTestApp(server.config(patient));
    await quiet(server);
    observer = await Observer.on(server.dataUrl);
    const as = async (name: string) => new DocumentedClient(await app.as(name), documentation);
    anonymous = new DocumentedClient(app.anonymous, documentation);
    owner = await as('owner');
    admin = await as('chorusadmin');
    outsider = await as('outsider');
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const isExample = (name: string, answer: Answer) => {
    const { answered, committed } = examples.compare(name, answer);
    expect(committed).toEqual(answered);
    // The order of keys is contract, too.
    expect(JSON.stringify(committed)).toBe(JSON.stringify(answered));
  };

  it('to a login, a run and its stop are as documented, and the examples of the document', async () => {
    const login = await anonymous.post('/api/sessions', { username: 'owner', password: 'secret' });
    isExample('logIn.201', login);
    isExample('showSession.200', await owner.get('/api/sessions'));
    const wrong = { username: 'owner', password: 'wrong' };
    isExample('logIn.401', await anonymous.post('/api/sessions', wrong));
    isExample('listWorkspaces.200', await owner.get('/api/workspaces?per_page=1&page=2'));
    isExample('showWorkspace.200', await owner.get(WORKSPACE));
    const listed = `${WORKSPACE}/workfiles?name_pattern=alpine&per_page=1`;
    isExample('listWorkfiles.200', await owner.get(listed));
    isExample('showWorkfile.200', await owner.get(`/api/workfiles/${ALPINE_FLOW}`));

    const started = await owner.post(`/api/workfiles/${ALPINE_FLOW}/run`);
    isExample('runWorkfile.202', started);
    const run = started.headers.get('location') ?? '';
    await seenWorking(observer, run, AT_WORK);
    const stopped = await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`, {
      reason: 'wrong filter',
    });
    expect(stopped.response.status).toBe('idle');
    isExample('stopWorkfile.202', stopped);
    const golden: unknown = JSON.parse(readFileSync('test/golden/stop-response.json', 'utf8'));
    expect(keysOf(stopped.json)).toEqual(keysOf(golden));
    isExample('showRun.200', await owner.get(run));
    isExample('listWorkfileRuns.200', await owner.get(`/api/workfiles/${ALPINE_FLOW}/runs`));
    isExample('listStops.200', await admin.get('/api/stops?per_page=1'));
    isExample('stopWorkspace.202', await owner.post(`${WORKSPACE}/stop`));
    const engine = '/alpinedatalabs/api/v1/json';
    const process = run.split('/').at(-1) ?? '';
    isExample('engineStopProcess.200', await owner.post(`${engine}/processes/${process}/stop`));
  });

  it('of data sources, datasets and users are the examples of the document', async () => {
    isExample('listDataSources.200', await owner.get('/api/data_sources?per_page=1'));
    isExample('showDataSource.200', await owner.get(SOURCE));
    isExample('showAccount.200', await owner.get(`${SOURCE}/account`));
    isExample('listDatabases.200', await owner.get(`${SOURCE}/databases?per_page=1`));
    isExample('showDataset.200', await owner.get(DATASET));
    isExample('listDatasetColumns.200', await owner.get(`${DATASET}/columns?per_page=2`));
    const golf = '/api/datasets/1000013/previews';
    isExample('previewDataset.201', await owner.post(golf, { check_id: '7d02' }));
    isExample('listUsers.200', await owner.get('/api/users?per_page=1'));
    isExample('showUser.200', await owner.get('/api/users/1000007'));
  });

  it('that refuse are the examples of the document', async () => {
    isExample('Unauthorized', await anonymous.get('/api/workspaces'));
    isExample('Forbidden', await outsider.post(`/api/workfiles/${ALPINE_FLOW}/stop`));
    isExample('NotFound', await owner.get(`/api/workfiles/${NOBODY}`));
    isExample('Invalid', await owner.post('/api/workspaces', { name: '' }));
    const json = { 'content-type': 'application/json' };
    const stop = `/api/workfiles/${ALPINE_FLOW}/stop`;
    isExample('Malformed', await owner.call('POST', stop, { headers: json, body: '{"reason":' }));
  });

  // The last one: it changes the world that the examples show.
  it('of routes that read are as documented, whoever asks', async () => {
    expect(READING.map(([id]) => id).sort()).toEqual([...documentation.reading].sort());
    const picture = await sharp({
      create: { width: 9, height: 9, channels: 3, background: '#146' },
    })
      .png()
      .toBuffer();
    const upload = () => ({ body: multipart([['files[]', { name: 'a.png', contents: picture }]]) });
    await owner.call('POST', '/api/users/1000006/image', upload());
    await owner.call('POST', `${WORKSPACE}/image`, upload());
    await owner.post(`${FILE}/draft`, { content: 'SELECT 1' });
    const hdfs = await owner.post('/api/hdfs_data_sources', {
      ...{ name: 'Lake', host: 'namenode.example.org', port: 8020, hdfs_version: 'Cloudera CDH5' },
    });
    const run = await startRun(owner, GOLF_FLOW);
    await runEnded(owner, run);
    const ids = { run: run.split('/').at(-1) ?? '', hdfs: String(hdfs.response.id) };

    const wrong: string[] = [];
    for (const [id, path, status = 200, user] of READING) {
      const real = path.replace(':run', ids.run).replace(':hdfs', ids.hdfs);
      const first = user === 'admin' ? admin : owner;
      for (const client of [first, outsider, anonymous])
        try {
          const answer = await client.get(real);
          if (client === first && answer.status !== status)
            wrong.push(`${id}: ${answer.status} ${answer.text.slice(0, 200)}`);
        } catch (error) {
          wrong.push((error as Error).message);
        }
      if (id.startsWith('list')) {
        const succinct = `${real}${real.includes('?') ? '&' : '?'}succinct=true`;
        await first.get(succinct).catch((error: unknown) => wrong.push((error as Error).message));
      }
      const missing = real.replace(/100\d{4}/g, String(NOBODY));
      if (missing !== real)
        await owner.get(missing).catch((error: unknown) => wrong.push((error as Error).message));
    }
    expect(wrong).toEqual([]);
  }, 120_000);
});

/** Paths of all keys, in their order. */
function keysOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`)),
  ];
}
