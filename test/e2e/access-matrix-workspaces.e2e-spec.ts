import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refusalOf, walk, type Walk } from '../support/access-matrix/walk.js';
import { World } from '../support/access-matrix/world.js';
import {
  type Place,
  WORKSPACE_COLUMNS,
  workspaceRequests,
} from '../support/access-matrix/workspace-requests.js';
import { WORKSPACE_ROUTES } from '../support/access-matrix/workspace-routes.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('who may do what in workspaces', () => {
  let server: TestServer;
  let app: TestApp;
  let world: World;
  let matrix: Walk<Place>;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    world = await World.open(server, app);
    matrix = {
      world,
      columns: WORKSPACE_COLUMNS,
      requests: workspaceRequests(world),
      refusal: (row, column, asked, answer) => {
        // The client asks its user for credentials then.
        if (row.key.endsWith('# no account'))
          expect(Object.keys(answer.json.errors.model_data)).toEqual([
            ...['id', 'entity_type', 'shared', 'owner_id', 'name'],
          ]);
        else refusalOf(row, column, asked, answer);
      },
    };
  });
  afterAll(async () => {
    await world.close();
    await app.close();
    await server.stop();
  });

  it.each(WORKSPACE_ROUTES)('$key', (row) => walk(row, matrix));

  it('has a row for each request, and the other way round', () => {
    expect(Object.keys(matrix.requests).sort()).toEqual(
      WORKSPACE_ROUTES.map(({ key }) => key).sort(),
    );
  });
});
