import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  flowXml,
  operator,
  rowFilter,
  storeFlow,
  tableSource,
  variable,
} from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

/** `npm run test:slow` makes 500. */
const STOPS = Number(process.env['RANDOM_STOPS'] ?? 20);
const ROWS = 20_000;

/** Two branches side by side, tables and a view, samples, and operators that iterate. */
const FLOW = flowXml({
  variables: { '@version': '0' },
  operators: [
    tableSource('stopped'),
    variable('stop_a', 'id,x,y', { version: ['INTEGER', '@version'] }),
    variable('stop_b', 'id,x,y', { version: ['INTEGER', '@version'] }),
    rowFilter('stop_view', '"x" >= 0', { outputType: 'VIEW' }),
    rowFilter('stop_c', '"y" >= 0'),
    operator(
      'stop_s',
      'RandomSampling',
      { sampleCount: '1', randomSeed: '0.3' },
      '<SampleSizeModel><sampleSizes sampleSize="50"/></SampleSizeModel>',
    ),
    operator('clusters', 'KMeans', {
      columnNames: 'x,y',
      k: '8',
      max_generations: '6',
      outputTable: '',
    }),
    operator('line', 'LinearRegression', { dependentColumn: 'y', columnNames: 'x' }),
    operator('stop_p', 'DatabasePredictor', {}),
  ],
  links: [
    ['stopped', 'stop_a'],
    ['stopped', 'stop_b'],
    ['stop_a', 'stop_view'],
    ['stop_view', 'stop_c'],
    ['stop_b', 'stop_s'],
    ['stop_a', 'clusters'],
    ['stop_b', 'line'],
    ['stop_b', 'stop_p'],
    ['clusters', 'stop_p'],
    ['line', 'stop_p'],
  ],
});
/** Output by the operator that stores it, and how many rows it has when it is whole. */
const OUTPUTS = {
  stop_a: ['stop_a', ROWS],
  stop_b: ['stop_b', ROWS],
  stop_c: ['stop_c', ROWS],
  stop_s: ['stop_s_0', ROWS / 2],
  stop_p: ['stop_p', ROWS],
} as const;

describe('stops at random moments', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    await query(
      server.dataUrl,
      `CREATE TABLE demo.stopped AS SELECT i AS id, (i * 37 % 1000)::float8 AS x, (i * 91 % 777)::float8 AS y, i % 2 = 0 AS odd FROM generate_series(1, ${ROWS}) i`,
    );
    await query(server.dataUrl, 'GRANT SELECT ON demo.stopped TO fermata_demo');
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const run = async (version: number): Promise<string> => {
    const answer = await owner.call(
      'POST',
      `/alpinedatalabs/api/v1/json/workflows/${GOLF_FLOW}/run`,
      {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ variables: [{ name: '@version', value: version }] }),
      },
    );
    return `/api/runs/${answer.json.meta.processId}`;
  };
  const versionOf = async (table: string) => {
    if (!(await observer.tableExists('default', table))) return null;
    const [row] = await observer.query(
      `SELECT count(*)::int AS rows, min(version) AS version, count(DISTINCT version)::int AS versions FROM "default"."${table}"`,
    );
    return row as { rows: number; version: number; versions: number };
  };

  it(
    `${STOPS} times: nothing alive, every output old or new and whole, as the receipt says`,
    async () => {
      await storeFlow(server, GOLF_FLOW, FLOW);
      const warm = performance.now();
      expect(await runEnded(owner, await run(1))).toMatchObject({ status: 'succeeded' });
      const usual = performance.now() - warm;
      const outcomes: Record<string, number> = {};
      let rolledBack = 0;
      for (let version = 2; version < STOPS + 2; version += 1) {
        const path = await run(version);
        await sleep(Math.random() * usual * 1.1);
        const answer = await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
        expect(answer.response.status).toBe('idle');
        expect(await observer.tagged()).toEqual([]);
        const { response } = await owner.get(path);
        const status = String(response.status);
        outcomes[status] = (outcomes[status] ?? 0) + 1;
        rolledBack += Number(response.stop_receipt?.operators?.rolled_back.length ?? 0);
        for (const [name, [table, rows]] of Object.entries(OUTPUTS)) {
          const finished = response.steps.some(
            (step: any) => step.name === name && step.status === 'finished',
          );
          const found = await versionOf(table);
          if (finished) expect(found).toEqual({ rows, version, versions: 1 });
          else {
            // The first run made them all: a table that is gone was lost by a stop.
            expect(found).toMatchObject({ rows, versions: 1 });
            expect(found?.version).toBeLessThan(version);
          }
        }
      }
      expect(outcomes['failed']).toBeUndefined();
      expect(outcomes['stopped']).toBeGreaterThan(STOPS / 4);
      expect(rolledBack).toBeGreaterThan(0);
    },
    6000 * STOPS,
  );

  it.each([
    // The classes are separated and no change is small enough: it would iterate for ever.
    [
      'logistic regression',
      operator('model', 'LogisticRegression', {
        dependentColumn: 'odd',
        goodValue: 't',
        columnNames: 'x,y',
        max_generations: '10000',
        epsilon: '0',
      }),
    ],
    [
      'k-means',
      operator('model', 'KMeans', {
        columnNames: 'x,y',
        k: '25',
        max_generations: '10000',
        outputTable: '',
      }),
    ],
  ])('inside the iterations of %s', async (_title, model) => {
    await storeFlow(
      server,
      GOLF_FLOW,
      flowXml({ operators: [tableSource('stopped'), model], links: [['stopped', 'model']] }),
    );
    const path = await startRun(owner, GOLF_FLOW);
    await until('an iteration', async () => {
      const [row] = await query<{ n: number }>(
        server.url,
        `SELECT count(*)::int AS n FROM run_events WHERE run_id = $1 AND type = 'log'`,
        [path.split('/').at(-1)],
      );
      return row!.n >= 2;
    });
    const answer = await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
    expect(answer.response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    const { response } = await owner.get(path);
    expect(response.stop_receipt).toMatchObject({
      outcome: 'stopped',
      operators: { finished: ['stopped'], rolled_back: ['model'] },
    });
  });

  it('gives up the branch beside an operator that fails, and says which one failed', async () => {
    const slow = variable('slow', 'id', {
      v: ['NUMERIC', '(SELECT sum(a.x * b.y) FROM demo.stopped a, demo.stopped b)'],
    });
    await storeFlow(
      server,
      GOLF_FLOW,
      flowXml({
        operators: [
          tableSource('stopped'),
          slow,
          rowFilter('first', '"x" >= 0'),
          operator('bad', 'SqlExecute', { sql: 'SELECT 1/0' }),
        ],
        links: [
          ['stopped', 'slow'],
          ['stopped', 'first'],
          ['first', 'bad'],
        ],
      }),
    );
    const ended = await runEnded(owner, await startRun(owner, GOLF_FLOW));
    expect(ended).toMatchObject({
      status: 'failed',
      error: { operator: 'bad', sqlstate: '22012' },
    });
    const states = Object.fromEntries(ended.steps.map((step: any) => [step.name, step.status]));
    expect(states).toEqual({
      stopped: 'finished',
      slow: 'rolled_back',
      first: 'finished',
      bad: 'failed',
    });
    expect(await observer.tagged()).toEqual([]);
    expect(await observer.tableExists('default', 'slow')).toBe(false);
  });
});
