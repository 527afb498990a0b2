import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { operator } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { OperatorRuns } from '../support/operator-runs.js';
import { GOLF_FLOW, runEnded } from '../support/runs.js';
import { anSqlFile, aSlowTable } from '../support/sql-files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const COMMIT_SECONDS = 1.2;
const BRANCHES = ['a', 'b', 'c', 'd'];
/** All of them commit when the observer lets go of this lock. */
const SQL = 'INSERT INTO "default".slow SELECT 1 FROM pg_advisory_xact_lock_shared(1)';

/** The gates of one run stand side by side: what an operator waits for is the data source, not its siblings. */
describe('the commit of operators', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;
  let runs: OperatorRuns;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ OPERATOR_CONCURRENCY: '4', RUN_RESUME_LIMIT: '1' }));
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
    await aSlowTable(owner, await anSqlFile(server), observer, COMMIT_SECONDS);
    runs = new OperatorRuns(server, owner);
  });
  afterEach(async () => {
    await observer.query('TRUNCATE "default".slow');
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  /** A run whose operators have all begun to commit. @returns its path */
  const committing = async (): Promise<string> => {
    await observer.query('SELECT pg_advisory_lock(1)');
    const branches = BRANCHES.map((name) =>
      operator(name, 'SqlExecute', { sql: SQL, passOutput: 'No' }),
    );
    const path = await runs.start(branches, []);
    const all = (what: RegExp) => async () => {
      const seen = (await observer.tagged()).filter((one) => what.test(one.query));
      return seen.length === BRANCHES.length;
    };
    await until('all of them wait', all(/pg_advisory_xact_lock_shared/));
    await observer.query('SELECT pg_advisory_unlock(1)');
    await until('all of them commit', all(/^COMMIT$/));
    return path;
  };

  it('of one run at the same moment is done once each, by the same worker', async () => {
    const path = await committing();
    const run = await runEnded(owner, path);
    expect(run).toMatchObject({ status: 'succeeded', error: null });
    const steps = await query(
      server.url,
      `SELECT operator_name AS name, epoch, status FROM run_steps WHERE run_id = $1 ORDER BY 1`,
      [run.id],
    );
    expect(steps).toEqual(BRANCHES.map((name) => ({ name, epoch: 1, status: 'finished' })));
    expect(await observer.query('SELECT n FROM "default".slow')).toHaveLength(BRANCHES.length);
  });

  it('of one run at the same moment keeps a stop waiting no longer than one of them', async () => {
    const path = await committing();
    const sentAt = performance.now();
    const stopping = owner.post(`/api/workfiles/${GOLF_FLOW}/stop`);
    await until('the stop is accepted', async () => {
      const [row] = await query(
        server.url,
        'SELECT 1 FROM runs WHERE id = $1 AND stop_requested_at IS NOT NULL',
        [path.split('/').at(-1)],
      );
      return row !== undefined;
    });
    // One after the other, they would take four times as long.
    expect(performance.now() - sentAt).toBeLessThan(2 * COMMIT_SECONDS * 1000);
    await stopping;
    // What was committed before it is on record as finished: here, all of it.
    expect(await runEnded(owner, path)).toMatchObject({ status: 'succeeded' });
  });

  it('that ends its session each time fails the run in the end, and says what became of it', async () => {
    await observer.query(
      `CREATE FUNCTION public.fatally() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); RETURN NULL; END $$;
       CREATE TABLE "default".fatal (n int);
       GRANT INSERT ON "default".fatal TO PUBLIC;
       CREATE CONSTRAINT TRIGGER fatally AFTER INSERT ON "default".fatal DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION public.fatally()`,
    );
    const { run } = await runs.run(
      [
        operator('a', 'SqlExecute', {
          sql: 'INSERT INTO "default".fatal VALUES (1)',
          passOutput: 'No',
        }),
      ],
      [],
    );
    expect(run).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('the answer to a COMMIT, was lost 2 times') },
    });
    const messages = await query(
      server.url,
      'SELECT error_message AS message FROM run_steps WHERE run_id = $1',
      [run.id],
    );
    const message = 'the answer to its COMMIT was lost; rolled back';
    expect(messages).toEqual([{ message }, { message }]);
  });
});
