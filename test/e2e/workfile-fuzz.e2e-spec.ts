import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { json } from '../support/forms.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PUBLIC } from '../support/workfiles.js';

const LIST = `/api/workspaces/${PUBLIC}/workfiles`;

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.constantFrom('alpine', 'worklet', 'idle', 'gpdb_database', 'http://a', 'x.sql', '1000001', ''),
  fc.array(
    fc.record({
      entity_type: fc.oneof(fc.constantFrom('gpdb_database', 'pg_database'), fc.string()),
      id: fc.oneof(fc.integer(), fc.string(), fc.constant(1000001), fc.double()),
      contents: fc.jsonValue({ maxDepth: 1 }),
    }),
    { maxLength: 3 },
  ),
);

/** Bodies with the attributes that a route knows, each with anything in it. */
function bodies(names: readonly string[], wrapper: string) {
  const attributes = fc.record(Object.fromEntries(names.map((name) => [name, value])), {
    requiredKeys: [],
  });
  return fc.oneof(
    attributes,
    attributes.map((inner) => ({ [wrapper]: inner })),
    fc.jsonValue(),
  );
}

const ATTRIBUTES = [
  'file_name',
  'description',
  'entity_subtype',
  'versions_attributes',
  'svg_data',
  'execution_locations',
  'execution_schema',
  'dataset_ids',
  'link_url',
  'status',
  'data_source',
];

describe('whatever is sent', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  const ids: Record<string, number> = {};

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
    for (const kind of ['file', 'workflow', 'link'])
      ids[kind] = (await aWorkfile(server, { kind })).id;
    const space = await owner.json('POST', '/api/workspaces', { name: 'To be emptied' });
    ids['space'] = space.response.id as number;
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it.each([
    ['POST', () => LIST, bodies(ATTRIBUTES, 'workfile')],
    ['PUT', () => `/api/workfiles/${ids['file']}`, bodies(ATTRIBUTES, 'workfile')],
    ['PUT', () => `/api/workfiles/${ids['workflow']}`, bodies(ATTRIBUTES, 'workfile')],
    ['PUT', () => `/api/workfiles/${ids['link']}`, bodies(ATTRIBUTES, 'workfile')],
    [
      'POST',
      () => `/api/workfiles/${ids['file']}/copy`,
      bodies(['file_name', 'workspace_id'], 'x'),
    ],
    [
      'POST',
      () => `/api/workfiles/${ids['file']}/versions`,
      bodies(['content', 'commit_message'], 'workfile'),
    ],
    [
      'POST',
      () => `/api/workfiles/${ids['workflow']}/versions`,
      bodies(['content', 'commit_message'], 'workfile'),
    ],
    ['POST', () => `/api/workfiles/${ids['file']}/draft`, bodies(['content'], 'workfile_draft')],
    [
      'POST',
      () => `/api/workfiles/${ids['workflow']}/results`,
      bodies(['result_id', 'results_written'], 'x'),
    ],
    ['DELETE', () => `/api/workspaces/${ids['space']}/workfiles`, bodies(['workfile_ids'], 'x')],
    ['GET', () => LIST, bodies(['page', 'per_page', 'order', 'file_type', 'name_pattern'], 'x')],
  ])('%s is answered, never with a 500 or with SQL: route %#', async (method, path, body) => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        // fetch sends no body with a GET: there the attributes are parameters.
        const answer =
          method === 'GET'
            ? await owner.get(`${path()}?${new URLSearchParams(texts(sent)).toString()}`)
            : await owner.call(method, path(), json(sent));
        statuses.add(answer.status);
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) expect(answer.json).toEqual(expect.any(Object));
        expect(answer.text).not.toMatch(
          /\b(INSERT INTO|syntax error|violates|pg_catalog|QueryFailed)/,
        );
      }),
      { numRuns: 120 },
    );
    // Who is turned away at the door has not tried the route.
    expect(statuses).not.toEqual(new Set([403]));
  });
});

function texts(sent: unknown): Record<string, string> {
  if (typeof sent !== 'object' || sent === null) return {};
  return Object.fromEntries(
    Object.entries(sent).map(([key, one]) => [
      key,
      typeof one === 'string' ? one : JSON.stringify(one),
    ]),
  );
}
