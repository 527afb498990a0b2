import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  SOURCE_COLUMNS,
  type SourcePlace,
  sourceRequests,
} from '../support/access-matrix/source-requests.js';
import { SOURCE_ROUTES } from '../support/access-matrix/source-routes.js';
import type { Row } from '../support/access-matrix/table.js';
import { type Asked, refusalOf, walk, type Walk } from '../support/access-matrix/walk.js';
import { World } from '../support/access-matrix/world.js';
import { quiet } from '../support/data-sources.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('who may do what with data sources', () => {
  let server: TestServer;
  let app: TestApp;
  let world: World;
  let matrix: Walk<SourcePlace>;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    world = await World.open(server, app);
    matrix = {
      world,
      columns: SOURCE_COLUMNS,
      requests: await sourceRequests(world),
      settle: () => quiet(server),
      refusal,
    };
  });
  afterAll(async () => {
    await world.close();
    await app.close();
    await server.stop();
  });

  it.each(SOURCE_ROUTES)('$key', (row) => walk(row, matrix));

  it('has a row for each request, and the other way round', () => {
    expect(Object.keys(matrix.requests).sort()).toEqual(SOURCE_ROUTES.map(({ key }) => key).sort());
  });
});

/** A refusal names the data source, so that clients can ask for an account there; one that is out of use is `{}`. */
function refusal(row: Row, column: string, asked: Asked, answer: Answer): void {
  if (answer.status === 422)
    expect(answer.json.errors.record).toBe('DATA_SOURCE_DRIVER_NOT_CONFIGURED');
  else if (answer.status !== 403) refusalOf(row, column, asked, answer);
  else if (column.startsWith('disabled:')) expect(answer.json).toEqual({});
  else
    expect(answer.json).toEqual({
      errors: {
        model_data: {
          id: expect.any(Number),
          entity_type: expect.stringMatching(/_data_source$/),
          shared: column.startsWith('shared:'),
          owner_id: 1_000_006,
          name: expect.any(String),
        },
      },
    });
}
