import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '../../src/common/observability/logger.js';
import { createServer } from '../../src/start-server.js';
import {
  PEOPLE_COLUMNS,
  peopleRequests,
  type Person,
} from '../support/access-matrix/people-requests.js';
import { PAGES, PEOPLE_ROUTES } from '../support/access-matrix/people-routes.js';
import { SOURCE_ROUTES } from '../support/access-matrix/source-routes.js';
import { refusalOf, walk, type Walk } from '../support/access-matrix/walk.js';
import { HIDDEN, World } from '../support/access-matrix/world.js';
import { RUN_ROUTES, WORKSPACE_ROUTES } from '../support/access-matrix/workspace-routes.js';
import { ADMIN, MEMBER, OUTSIDER, OWNER } from '../support/data-sources.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const DOCUMENTED = [...WORKSPACE_ROUTES, ...RUN_ROUTES, ...SOURCE_ROUTES, ...PEOPLE_ROUTES];
const ROWS = [...PEOPLE_ROUTES, ...PAGES];

/** The document and the page that shows it, which are there before any hook sees them. */
const isPage = (path: string) => path.startsWith('/docs');
const routesOf = (rows: typeof ROWS) =>
  [...new Set(rows.map(({ method, path }) => `${method} ${path}`))].sort();

describe('every route', () => {
  let server: TestServer;
  let app: TestApp;
  let world: World;
  let matrix: Walk<Person>;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    world = await World.open(server, app);
    matrix = {
      world,
      columns: PEOPLE_COLUMNS,
      requests: peopleRequests(world),
      refusal: (row, column, asked, answer) => {
        if (answer.status === 503) expect(answer.json).toHaveProperty('errors.message');
        else refusalOf(row, column, asked, answer);
      },
    };
  });
  afterAll(async () => {
    await world.close();
    await app.close();
    await server.stop();
  });

  it.each(ROWS)('$key', (row) => walk(row, matrix));

  it('has a row for each request, and the other way round', () => {
    expect(Object.keys(matrix.requests).sort()).toEqual(ROWS.map(({ key }) => key).sort());
  });

  it('of the document has a row, with the rule it names, and no row is without a route', async () => {
    const { json: document } = await app.anonymous.get('/docs-json');
    const paths = Object.entries(document.paths as Record<string, Record<string, any>>);
    const served = paths.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        route: `${method.toUpperCase()} ${path}`,
        rule: operation['x-rule'] as string,
      })),
    );
    expect(served.map(({ route }) => route).sort()).toEqual(routesOf(DOCUMENTED));
    const rules = new Map(served.map(({ route, rule }) => [route, rule]));
    for (const { key, method, path, rule } of DOCUMENTED)
      expect([key, rules.get(`${method} ${path}`)]).toEqual([key, rule]);
  });

  it('that is served has a row, documented or not', async () => {
    const config = server.config({ WORKER_CONCURRENCY: '0' });
    const other: NestFastifyApplication = await createServer(config, createLogger(config));
    const served = new Set<string>();
    const fastify = other.getHttpAdapter().getInstance();
    fastify.addHook('onRoute', ({ method, url }) => {
      // As Fastify adds to each GET; the walk asks with both.
      if (method !== 'HEAD' && !isPage(url))
        served.add(`${String(method)} ${url.replace(/:(\w+)/g, '{$1}')}`);
    });
    await other.init();
    await other.close();
    expect([...served].sort()).toEqual(routesOf(DOCUMENTED));
  });

  it('that lists shows nobody what they may not see', async () => {
    const workspaceId = await world.workspace();
    await world.workspace({ archived: true });
    const workflowId = await world.workflow(workspaceId);
    const runId = await world.queuedRun(workflowId);
    const source = await world.source({ accountsOf: [OWNER, OUTSIDER] });
    const hidden = await world.source({ state: 'disabled', accountsOf: [OWNER, OUTSIDER] });
    await world.one('UPDATE data_sources SET name = $2 WHERE id = $1', [hidden.id, world.name()]);
    await world.one('UPDATE workspaces SET sandbox_id = $2 WHERE id = $1', [
      ...[workspaceId, source.schemaId],
    ]);
    const lists = [
      ...['/api/workspaces', '/api/workspaces?get_options=most_active', '/api/workspaces?active=1'],
      ...[OWNER, MEMBER, ADMIN].map((id) => `/api/workspaces?user_id=${id}`),
      ...['/api/runs', `/api/runs?workspace_id=${workspaceId}`, `/api/runs?ids=${runId}`],
      ...['/api/data_sources', '/api/data_sources?all=1', '/api/hdfs_data_sources', '/api/users'],
      ...[`/api/data_sources/${source.id}/workspace_detail`, '/docs-json', '/health/ready'],
    ];
    const outsider = world.as('outsider');
    for (const path of lists) {
      const answer = await outsider.get(`${path}${path.includes('?') ? '&' : '?'}per_page=1000`);
      expect([path, answer.status]).toEqual([path, 200]);
      for (const secret of [HIDDEN, runId])
        expect([path, answer.text.includes(secret)]).toEqual([path, false]);
    }
    // They are there for those who may see them.
    const owner = world.as('owner');
    const seen = async (path: string) => (await owner.get(`${path}per_page=1000`)).text;
    expect(await seen('/api/workspaces?')).toContain(HIDDEN);
    expect(await seen('/api/runs?')).toContain(runId);
    expect(await seen('/api/data_sources?')).toContain(HIDDEN);
    expect(await seen(`/api/data_sources/${source.id}/workspace_detail?`)).toContain(HIDDEN);
    const stopped = await outsider.post('/api/runs/stop', { ids: runId });
    expect(stopped.json).toEqual({ response: [] });
    expect((await owner.get(`/api/runs/${runId}`)).response.status).toBe('queued');
  });
});
