import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { operator, rowFilter, tableSource } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { OperatorRuns } from '../support/operator-runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const NO_SPACE = 'could not extend file: No space left on device';
/** What the metadata database says when its disk is full. */
const FULL = `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE '${NO_SPACE}' USING ERRCODE = 'disk_full'; END $$`;
const FULL_FOR_EXPORTS = `CREATE TRIGGER full_disk BEFORE INSERT ON run_export_parts EXECUTE FUNCTION full_disk()`;
const HAS_RESULT = `NEW.delivery IS NOT NULL AND NEW.operator_name = 'made'`;
const IS_FINISH = `WHEN (NEW.status = 'finished' AND ${HAS_RESULT})`;
const FULL_AT_GATE = `CREATE TRIGGER full_disk BEFORE UPDATE ON run_steps
  FOR EACH ROW WHEN (${HAS_RESULT}) EXECUTE FUNCTION full_disk()`;
const FULL_BEHIND_FINISH = `CREATE CONSTRAINT TRIGGER full_disk AFTER UPDATE ON run_steps
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW ${IS_FINISH} EXECUTE FUNCTION full_disk()`;

/** What is no operator's doing ends the run all the same, at once and with what was the matter. */
describe('an error that nobody foresaw', () => {
  let server: TestServer;
  let app: TestApp;
  let runs: OperatorRuns;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.url, FULL);
    app = await startTestApp(server.config({ LEASE_SECONDS: '60' }));
    runs = new OperatorRuns(server, await app.as('owner'));
    observer = await Observer.on(server.dataUrl);
  });
  afterEach(async () => {
    for (const table of ['run_export_parts', 'run_steps'])
      await query(server.url, `DROP TRIGGER IF EXISTS full_disk ON ${table}`);
    expect(await observer.tagged()).toEqual([]);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const statuses = (run: any) =>
    Object.fromEntries(run.steps.map(({ name, status }: any) => [name, status]));
  const FAILED = { status: 'failed', error: { message: NO_SPACE, operator: null } };

  it('fails the run, and cuts off what is at work beside it', async () => {
    await query(server.url, FULL_FOR_EXPORTS);
    const { run } = await runs.run(
      [
        tableSource('golfnew'),
        operator('beside', 'SqlExecute', { sql: 'SELECT pg_sleep(600)', passOutput: 'No' }),
        operator('file', 'Export'),
      ],
      [
        ['golfnew', 'beside'],
        ['golfnew', 'file'],
      ],
    );
    expect(run).toMatchObject(FAILED);
    expect(statuses(run)).toEqual({
      golfnew: 'finished',
      beside: 'rolled_back',
      file: 'rolled_back',
    });
    expect(run.steps.find(({ name }: any) => name === 'file').error.message).toBe(
      `${NO_SPACE}; rolled back`,
    );
  });

  it.each([
    ['before the data source commits', FULL_AT_GATE, 'rolled_back', false],
    ['when the data source has committed', FULL_BEHIND_FINISH, 'finished', true],
  ])('%s leaves the truth about the operator', async (_, trigger, status, isThere) => {
    await query(server.url, trigger);
    await observer.query('DROP TABLE IF EXISTS "default".made');
    const { run } = await runs.run(
      [tableSource('golfnew'), rowFilter('made', 'true')],
      [['golfnew', 'made']],
    );
    expect(run).toMatchObject(FAILED);
    expect(statuses(run)).toEqual({ golfnew: 'finished', made: status });
    expect(await observer.tableExists('default', 'made')).toBe(isThere);
  });

  it('does not come of a text that is cut within a character', async () => {
    const name = `${'a'.repeat(199)}😀 and more`;
    const { run, output } = await runs.run(
      [
        tableSource('golfnew'),
        operator('script', 'SqlExecute', { sql: `SELECT '${name.slice(8)}'`, passOutput: 'No' }),
        operator(name, 'Export'),
      ],
      [
        ['golfnew', 'script'],
        ['golfnew', name],
      ],
    );
    expect(run).toMatchObject({ status: 'succeeded', error: null });
    expect(output('script').visualData.items[0].statement).toMatch(/a😀$/u);
    const refused = await runs.run(
      [
        tableSource('golfnew'),
        operator('script', 'SqlExecute', { sql: `BEGIN ${'a'.repeat(33)}😀` }),
      ],
      [['golfnew', 'script']],
    );
    expect(refused.run).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('😀" is not allowed') },
    });
  });
});
