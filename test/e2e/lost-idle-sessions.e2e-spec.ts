import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { operator, rowFilter, tableSource } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { type Link, OperatorRuns } from '../support/operator-runs.js';
import { runEnded } from '../support/runs.js';
import { startSourceApp } from '../support/source-app.js';
import type { TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

type Query = (this: pg.Client, ...parameters: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };

const LOCK = 4711;
const BRANCHES = [
  tableSource('golfnew'),
  rowFilter('quick', 'true'),
  operator('slow', 'SqlExecute', {
    sql: `CREATE TABLE alpine_sql_output AS SELECT rows.* FROM alpine_sql_input_1 rows, pg_advisory_xact_lock(${LOCK})`,
  }),
  operator('both', 'SqlExecute', {
    sql: 'CREATE TABLE alpine_sql_output AS TABLE alpine_sql_input_1 UNION ALL TABLE alpine_sql_input_2',
  }),
];
const LINKS: readonly Link[] = [
  ['golfnew', 'quick'],
  ['golfnew', 'slow'],
  ['quick', 'both'],
  ['slow', 'both'],
];
const IDLE = `FROM pg_stat_activity WHERE application_name LIKE 'fermata:%' AND state = 'idle'`;
const IN_DATABASE = 'ALTER ROLE fermata_demo IN DATABASE "default"';

/** Between two operators a session has nothing under way: losing it costs nothing but another one. */
describe('a session that is lost while it is idle', () => {
  const { query: real } = prototype;
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let runs: OperatorRuns;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startSourceApp(server.config({ LEASE_SECONDS: '60' }));
    owner = await app.as('owner');
    runs = new OperatorRuns(server, owner);
    observer = await Observer.on(server.dataUrl);
  });
  afterEach(async () => {
    prototype.query = real;
    await observer.query('SELECT pg_advisory_unlock_all()');
    await observer.query(`${IN_DATABASE} RESET idle_session_timeout`);
    expect(await observer.tagged()).toEqual([]);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const endings = (path: string) =>
    query<{ ending: string | null }>(
      server.url,
      'SELECT ending FROM run_sessions WHERE run_id = $1 ORDER BY ending',
      [path.split('/').at(-1)],
    ).then((rows) => rows.map(({ ending }) => ending));

  it.each([
    ['by an administrator', 'SELECT 1', `SELECT pg_terminate_backend(pid) ${IDLE}`],
    [
      'to a time limit of the data source',
      `${IN_DATABASE} SET idle_session_timeout = '300ms'`,
      'SELECT 1',
    ],
  ])('%s is not handed to the next operator', async (_, before, then) => {
    await observer.query(before);
    await observer.query(`SELECT pg_advisory_lock(${LOCK})`);
    const path = await runs.start(BRANCHES, LINKS);
    await until('the quick branch to end', async () =>
      (await owner.get(path)).response.steps.some(
        ({ name, status }: any) => name === 'quick' && status === 'finished',
      ),
    );
    await until('the end of what is idle', async () => {
      await observer.query(then);
      return (await observer.query(`SELECT ${IDLE}`)).length === 0;
    });
    await observer.query('SELECT pg_advisory_unlock_all()');

    const run = await runEnded(owner, path);
    expect(run).toMatchObject({ status: 'succeeded', error: null });
    expect(await runs.rows('both')).toHaveLength(28);
    expect(await endings(path)).toEqual(expect.arrayContaining(['closed', 'gone']));
  });

  /** Lets the connection break as soon as a transaction is begun in a session for the second time. */
  const loseAtBegin = (times: number) => {
    const used = new Set<pg.Client>();
    let left = times;
    prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      const [first] = parameters as [string | { text: string }];
      const text = typeof first === 'string' ? first : first.text;
      const { application_name: name } = (this as unknown as { connectionParameters: any })
        .connectionParameters;
      // Of a run: the catalogue's sessions begin transactions, too.
      const isOurs = String(name).startsWith('fermata-opening:') && text.startsWith('BEGIN');
      const answer = real.apply(this, parameters);
      if (isOurs && left > 0 && (used.has(this) || left < times)) {
        left -= 1;
        (this as unknown as { connection: any }).connection.stream.destroy();
      }
      if (isOurs) used.add(this);
      return answer;
    };
  };

  const CHAIN = [tableSource('golfnew'), rowFilter('next', 'true')];

  it('without a word is replaced at the beginning of the next operator', async () => {
    loseAtBegin(1);
    const path = await runs.start(CHAIN, [['golfnew', 'next']]);
    expect(await runEnded(owner, path)).toMatchObject({ status: 'succeeded', error: null });
    expect(await endings(path)).toEqual(['closed', 'gone']);
  });

  it('is not what a stop afterwards says of the run', async () => {
    loseAtBegin(1);
    await observer.query(`SELECT pg_advisory_lock(${LOCK})`);
    const path = await runs.start(
      [...CHAIN, BRANCHES[2]!],
      [
        ['golfnew', 'next'],
        ['next', 'slow'],
      ],
    );
    await until('it is at work', async () => {
      const waiting = await observer.query(
        `SELECT FROM pg_stat_activity WHERE application_name LIKE 'fermata:%' AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });
    await owner.post('/api/runs/stop', { ids: [path.split('/').at(-1)] });
    const { stop_receipt } = await runEnded(owner, path);
    expect(stop_receipt).toMatchObject({ method: 'cancelled', outcome: 'stopped' });
    expect(await endings(path)).toEqual(['cancelled', 'gone']);
  });

  it('is replaced once: then its loss is the operator’s failure', async () => {
    loseAtBegin(2);
    const path = await runs.start(CHAIN, [['golfnew', 'next']]);
    const error = { message: 'Connection terminated unexpectedly', operator: 'next' };
    expect(await runEnded(owner, path)).toMatchObject({ status: 'failed', error });
    expect(await endings(path)).toEqual(['gone', 'gone']);
  });
});
