import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Observer } from '../support/observer.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { countStatements } from '../support/statement-count.js';
import { startSourceApp } from '../support/source-app.js';
import type { TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const SHOW = `/api/workfiles/${ALPINE_FLOW}`;

/** What a request may cost (docs/architecture.md; architecture section 7): statements on the metadata database. */
describe('SQL statements', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startSourceApp(server.config());
    owner = await app.as('owner');
    await owner.get(SHOW);
    await owner.post(`${SHOW}/stop`);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it('of authentication alone: 1', async () => {
    const { statements } = await countStatements(() => owner.get('/api/workfiles/abc'));
    expect(statements).toHaveLength(1);
  });

  it('of a request without credentials: 0', async () => {
    const { statements } = await countStatements(() => app.anonymous.get(SHOW));
    expect(statements).toEqual([]);
  });

  it('of show: 3', async () => {
    const { statements, result } = await countStatements(() => owner.get(SHOW));
    expect(result.status).toBe(200);
    expect(statements).toHaveLength(3);
  });

  it('of a stop when idle: 4', async () => {
    const { statements, result } = await countStatements(() => owner.post(`${SHOW}/stop`));
    expect(result.response.status).toBe('idle');
    expect(statements).toHaveLength(4);
  });

  it('of a confirmed stop: 4, whatever the worker writes besides', async () => {
    const observer = await Observer.on(server.dataUrl);
    await seenWorking(observer, await startRun(owner, ALPINE_FLOW), AT_WORK);
    const { statements, result } = await countStatements(() => owner.post(`${SHOW}/stop`));
    expect(result.response.status).toBe('idle');
    expect(statements).toHaveLength(4);
    await observer.close();
  });

  it('of a run request: at most 13, its transaction and its queue included', async () => {
    const { statements, result } = await countStatements(() =>
      owner.post(`/api/workfiles/${GOLF_FLOW}/run`),
    );
    expect(result.status).toBe(202);
    expect(statements.length).toBeGreaterThan(4);
    expect(statements.length).toBeLessThanOrEqual(13);
    await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
  });

  it.each([
    [
      'a list of workfiles: 3, whatever the page size',
      '/api/workspaces/1000008/workfiles?per_page=1000',
      3,
    ],
    ['a list of users: 2', '/api/users?per_page=1000&order=last_name', 2],
    ['a list of workspaces: 2', '/api/workspaces?per_page=1000', 2],
    ['a list of one’s workspaces: 2', '/api/workspaces?user_id=1000007&active=true', 2],
    [
      'a list of workspaces with what is said there: 2',
      '/api/workspaces?show_latest_comments=true&get_options=most_active',
      2,
    ],
    ['a list of members: 2', '/api/workspaces/1000008/members', 2],
    ['a workspace: 2', '/api/workspaces/1000008?show_latest_comments=true', 2],
    ['a user: 2', '/api/users/1000006', 2],
    ['a run history: 3', `${SHOW}/runs`, 3],
  ])('of %s', async (_title, path, count) => {
    const { statements, result } = await countStatements(() => owner.get(path));
    expect(result.status).toBe(200);
    expect(statements).toHaveLength(count);
  });

  it('of a query of the engine, its results, and a picture: 2, 5 and 3', async () => {
    const path = await startRun(owner, GOLF_FLOW);
    await runEnded(owner, path);
    const id = path.split('/').at(-1) ?? '';
    const engine = '/alpinedatalabs/api/v1/json';
    for (const [url, count] of [
      [`${engine}/processes/${id}/query`, 2],
      [`${engine}/workflows/${GOLF_FLOW}/results/${id}`, 5],
      [`${path}/image.svg`, 3],
    ] as const) {
      const { statements, result } = await countStatements(() => owner.get(url));
      expect(result.status).toBe(200);
      expect(statements).toHaveLength(count);
    }
  });
});
