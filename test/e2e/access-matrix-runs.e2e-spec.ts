import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitingRunRequests, workedRunRequests } from '../support/access-matrix/run-requests.js';
import type { Row } from '../support/access-matrix/table.js';
import { refusalOf, walk, type Walk } from '../support/access-matrix/walk.js';
import { World } from '../support/access-matrix/world.js';
import { type Place, WORKSPACE_COLUMNS } from '../support/access-matrix/workspace-requests.js';
import { RUN_ROUTES } from '../support/access-matrix/workspace-routes.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { CallOptions } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

// What each is asked with depends on the server, which is not there yet.
const NOWHERE = null as unknown as World;
const asked = (requests: object) => RUN_ROUTES.filter(({ key }) => key in requests);

describe.each([
  { with: 'a worker', workers: '2', requestsOf: workedRunRequests },
  { with: 'no worker', workers: '0', requestsOf: waitingRunRequests },
])('who may do what with runs, and $with', ({ workers, requestsOf }) => {
  let server: TestServer;
  let app: TestApp;
  let world: World;
  let matrix: Walk<Place>;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: workers }));
    world = await World.open(server, app);
    matrix = {
      world,
      columns: WORKSPACE_COLUMNS,
      requests: requestsOf(world),
      ...(workers !== '0' && { settle: idle }),
      refusal: (row, column, asked, answer) => {
        if (row.path.startsWith('/alpinedatalabs/'))
          expect(answer.headers.get('content-type')).toBe('application/json;charset=UTF-8');
        refusalOf(row, column, asked, answer);
      },
    };
  });
  afterAll(async () => {
    await world.close();
    await app.close();
    await server.stop();
  });

  const idle = async () => {
    await until('the end of all runs', async () => {
      const active = `SELECT FROM runs WHERE status IN ('queued', 'running', 'stopping')`;
      return (await query(server.url, active)).length === 0;
    });
  };

  it.each(asked(requestsOf(NOWHERE)))('$key', (row: Row) => walk(row, matrix));
});

describe('the rows of runs', () => {
  it('are those that can be asked for', () => {
    const requests = { ...workedRunRequests(NOWHERE), ...waitingRunRequests(NOWHERE) };
    expect(Object.keys(requests).sort()).toEqual(RUN_ROUTES.map(({ key }) => key).sort());
  });
});

describe("the engine's own API", () => {
  let server: TestServer;
  let app: TestApp;
  let world: World;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    world = await World.open(server, app);
  });
  afterAll(async () => {
    await world.close();
    await app.close();
    await server.stop();
  });

  const places: Record<string, (token: string) => { readonly query: string } & CallOptions> = {
    token: (token) => ({ query: `token=${token}` }),
    session_id: (token) => ({ query: `session_id=${token}` }),
    'x-token': (token) => ({ query: '', headers: { 'x-token': token } }),
    cookie: (token) => ({ query: '', headers: { cookie: `_session_id=${token}` } }),
  };
  const engine = '/alpinedatalabs/api/v1/json';

  it.each(Object.keys(places))(
    'opens to a live session as %s, and to none that is over',
    async (place) => {
      const workspaceId = await world.workspace();
      const ask = async (
        actor: 'expired' | 'outsider' | 'member',
        method: string,
        path: string,
      ) => {
        const { query: parameters, ...options } = places[place]!(world.as(actor).token);
        return (await app.anonymous.call(method, `${path}?${parameters}`, options)).status;
      };
      const all = async (actor: 'expired' | 'outsider' | 'member') => {
        const workflowId = await world.workflow(workspaceId, '<Process');
        const runId = await world.queuedRun(await world.workflow(workspaceId));
        return [
          await ask(actor, 'GET', `${engine}/processes/${runId}/query`),
          await ask(actor, 'POST', `${engine}/processes/${runId}/stop`),
          await ask(actor, 'GET', `${engine}/workflows/${workflowId}/results/${runId}`),
          await ask(actor, 'POST', `${engine}/workflows/${workflowId}/run`),
          await ask(actor, 'POST', '/alpinedatalabs/main/chorus.do'),
        ];
      };
      expect(await all('expired')).toEqual([401, 401, 401, 401, 401]);
      // The run is not of that workflow, the document is none, and no method is named.
      expect(await all('outsider')).toEqual([200, 403, 403, 403, 404]);
      expect(await all('member')).toEqual([200, 200, 404, 422, 404]);
    },
  );
});
