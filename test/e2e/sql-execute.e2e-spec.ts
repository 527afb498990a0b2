import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { flowXml, operator, storeFlow } from '../support/flows.js';
import { GOLF_FLOW, runEnded, startRun } from '../support/runs.js';
import { startSourceApp } from '../support/source-app.js';
import type { TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

type Query = (this: pg.Client, ...parameters: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };

const NOTE = `INSERT INTO public.notes VALUES ('kept')`;
const PREPARE = `
  CREATE TABLE public.notes (note text);
  CREATE PROCEDURE public.save() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';
  GRANT ALL ON public.notes TO fermata_demo;
`;

/** An SQL Execute is one transaction, whatever its author writes (I8). */
describe('the transaction of an SQL Execute', () => {
  const { query: real } = prototype;
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.dataUrl, PREPARE);
    app = await startSourceApp(server.config());
    owner = await app.as('owner');
  });
  afterEach(async () => {
    prototype.query = real;
    await query(server.dataUrl, 'TRUNCATE public.notes');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const run = async (sql: string): Promise<Answer['response']> => {
    const script = operator('script', 'SqlExecute', {
      sql,
      passOutput: 'No',
      dbConnectionName: 'Owners',
    });
    await storeFlow(server, GOLF_FLOW, flowXml({ operators: [script] }));
    return runEnded(owner, await startRun(owner, GOLF_FLOW));
  };
  const notes = () => query(server.dataUrl, 'TABLE public.notes');

  it.each([
    'COMMIT',
    '-- save it\nCOMMIT',
    '-- save it\rCOMMIT /*\n*/',
    '/* save it */COMMIT',
    '/* save /* all of */ it */ -- now\n\tcommit and chain',
    'END/**/',
    '/**/abort',
    '--\nROLLBACK',
    '/* a new one */ BEGIN',
    '/**/start transaction',
    '/**/SAVEPOINT s',
    '/**/RELEASE s',
    'PREPARE/* for later */TRANSACTION $$x$$',
  ])('is not ended by its own text: %j', async (word) => {
    const { status, error, steps } = await run(`${NOTE}; ${word}; SELECT 1/0`);
    expect({ status, steps }).toEqual({ status: 'failed', steps: [] });
    expect(error.message).toMatch(/^script: ".*" is not allowed: the operator is one transaction/);
    expect(await notes()).toEqual([]);
  });

  it.each([
    ['CALL public.save()', '2D000'],
    ['DO $$ BEGIN COMMIT; END $$', '2D000'],
    // Nobody sends rows.
    ['COPY public.notes FROM STDIN', '57014'],
  ])('is rolled back by what the data source refuses: %s', async (statement, sqlstate) => {
    const { status, error } = await run(`${NOTE}; ${statement}`);
    expect({ status, sqlstate: error.sqlstate }).toEqual({ status: 'failed', sqlstate });
    expect(await notes()).toEqual([]);
  });

  it('that has ended all the same is told of', async () => {
    // As a data source may do whose procedures commit.
    prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      const [first] = parameters as [{ text?: string } | undefined];
      if (first?.text === 'SELECT 2') first.text = 'COMMIT';
      return real.apply(this, parameters);
    };
    const { status, error } = await run('SELECT 1; SELECT 2; SELECT 3');
    expect(status).toBe('failed');
    expect(error).toMatchObject({ operator: 'script', sqlstate: null });
    expect(error.message).toContain('ended the transaction');
  });

  it('takes what only looks like its end', async () => {
    const sql = `/* COMMIT; */ ${NOTE}; -- COMMIT;\n SELECT 'COMMIT;' AS "commit"; COPY public.notes TO STDOUT`;
    expect((await run(sql)).error).toBeNull();
    expect(await notes()).toEqual([{ note: 'kept' }]);
  });
});
