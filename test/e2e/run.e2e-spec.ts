import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encryptSecret } from '../../src/data-sources/credential-cipher.js';
import { flowXml, rowFilter, storeFlow, tableSource, variable } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

describe('run', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const runFlow = async (afm: string) => {
    await storeFlow(server, GOLF_FLOW, afm);
    return runEnded(owner, await startRun(owner, GOLF_FLOW));
  };

  it('executes the stored flow as SQL in the data source, with a record of each step', async () => {
    const run = await runEnded(owner, await startRun(owner, GOLF_FLOW));
    expect(run).toMatchObject({
      status: 'succeeded',
      error: null,
      stop_receipt: null,
      workfile_id: GOLF_FLOW,
    });
    expect(run.steps).toMatchObject([
      { name: 'golfnew', type: 'Table Source', status: 'finished', output: null },
      {
        name: 'Golf days',
        type: 'Row Filter',
        status: 'finished',
        row_count: 4,
        output: { schema: 'default', table: 'alp1000006_1000005_rowfil_0', kind: 'TABLE' },
        statements: [
          'CREATE TABLE "default"."alp1000006_1000005_rowfil_0" AS\n' +
            'SELECT "outlook", "temperature", "humidity", "wind", "play"\n' +
            'FROM "demo"."golfnew"\n' +
            `WHERE ("outlook" = 'rain' and "humidity" between 70 and 90)`,
        ],
      },
    ]);
    const rows = await observer.query(
      'SELECT temperature FROM "default".alp1000006_1000005_rowfil_0 ORDER BY 1',
    );
    expect(rows.map(({ temperature }) => Number(temperature))).toEqual([65, 68, 71, 75]);
    expect(await observer.tagged()).toEqual([]);
  });

  it('is the starter’s: his id names the outputs, his account opens the session', async () => {
    const member = await app.as('member');
    const run = await runEnded(member, await startRun(member, GOLF_FLOW));
    expect(run.requested_by).toBe(1_000_007);
    expect(run.steps[1].output.table).toBe('alp1000007_1000005_rowfil_0');
  });

  it('replaces views that stand on the output it replaces', async () => {
    const flow = (type: string) =>
      flowXml({
        operators: [
          tableSource('golfnew'),
          rowFilter('calm', `"wind" = 'false'`, { outputType: type }),
          rowFilter('calm_rain', `"outlook" = 'rain'`, { outputType: 'VIEW' }),
        ],
        links: [
          ['golfnew', 'calm'],
          ['calm', 'calm_rain'],
        ],
      });
    for (const type of ['TABLE', 'VIEW', 'TABLE', 'TABLE'])
      expect(await runFlow(flow(type))).toMatchObject({ status: 'succeeded' });
    expect(await observer.query('SELECT count(*)::int AS n FROM "default".calm_rain')).toEqual([
      { n: 3 },
    ]);
  });

  it('fails at the first operator that fails, with the data source’s words; finished outputs stay', async () => {
    const run = await runFlow(
      flowXml({
        operators: [
          tableSource('golfnew'),
          rowFilter('good', '"humidity" > 80'),
          rowFilter('bad', '"outlook" / 2 = 1'),
          rowFilter('after', 'true'),
        ],
        links: [
          ['golfnew', 'good'],
          ['good', 'bad'],
          ['bad', 'after'],
        ],
      }),
    );
    expect(run.status).toBe('failed');
    expect(run.error).toEqual({
      message: expect.stringContaining('operator does not exist: text / integer'),
      operator: 'bad',
      sqlstate: '42883',
    });
    expect(run.steps.map((step: { status: string }) => step.status)).toEqual([
      'finished',
      'finished',
      'failed',
    ]);
    expect(await observer.tableExists('default', 'good')).toBe(true);
    expect(await observer.tableExists('default', 'bad')).toBe(false);
  });

  it.each([
    ['a missing table', [tableSource('nowhere')], /"demo"."nowhere" does not exist/],
    [
      'an unknown column',
      [tableSource('golfnew'), variable('v', 'play,sky', {})],
      /no column "sky"/,
    ],
    [
      'an output that may not be dropped',
      [tableSource('golfnew'), variable('credit_sample', 'play', {}, { dropIfExist: 'No' })],
      /exists and may not be dropped/,
    ],
  ])('fails with a clear message for %s', async (_title, operators, message) => {
    const links = operators[1] ? [['golfnew', operators[1].name] as const] : [];
    const run = await runFlow(flowXml({ operators, links }));
    expect(run.status).toBe('failed');
    expect(run.error.message).toMatch(message);
    expect(run.error.operator).toBe(operators.at(-1)!.name);
  });

  it('executes nothing of a flow with problems, and names them all', async () => {
    const run = await runFlow(
      flowXml({
        operators: [
          tableSource('golfnew'),
          rowFilter('never_made', 'true; drop table demo.credit'),
          { name: 'Forest', type: 'RandomForestOperator' },
        ],
        links: [['golfnew', 'never_made']],
      }),
    );
    expect(run).toMatchObject({ status: 'failed', steps: [] });
    expect(run.error.message).toContain('never_made: conditionValue: ";" is not allowed');
    expect(run.error.message).toContain('Forest: type ');
    expect(await observer.tableExists('default', 'never_made')).toBe(false);
  });

  it('is refused while another one of the workfile is active', async () => {
    const run = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, run, AT_WORK);
    const second = await owner.post(`/api/workfiles/${ALPINE_FLOW}/run`);
    expect(second.status).toBe(422);
    expect(second.json).toEqual({ errors: { fields: { base: { NOT_RUNNABLE: {} } } } });
    expect((await owner.get(run)).response.status).toBe('running');
    await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
  });

  it('of many at once, one wins', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => owner.post(`/api/workfiles/${ALPINE_FLOW}/run`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      202,
      ...Array<number>(7).fill(422),
    ]);
    await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
  });

  it.each([
    ['deleted_at = now()', {}],
    ['invalid_credentials = true', { record: 'INVALID_CREDENTIALS' }],
  ])(
    'is refused without a good account, with the data source in the answer: %s',
    async (is, more) => {
      await query(
        server.url,
        `UPDATE data_source_accounts SET ${is} WHERE owner_id = 1000007 AND deleted_at IS NULL`,
      );
      const answer = await (await app.as('member')).post(`/api/workfiles/${GOLF_FLOW}/run`);
      expect([answer.status, answer.json.errors]).toEqual([
        403,
        {
          model_data: {
            id: 1_000_002,
            entity_type: 'gpdb_data_source',
            shared: false,
            owner_id: 1_000_006,
            name: 'Owners',
          },
          ...more,
        },
      ]);
      await query(
        server.url,
        'UPDATE data_source_accounts SET invalid_credentials = false, deleted_at = NULL',
      );
    },
  );

  describe('that is not let in', () => {
    const accounts = () =>
      query(
        server.url,
        `SELECT id, invalid_credentials AS rejected, deleted_at IS NOT NULL AS retired,
           (SELECT count(*)::int FROM events WHERE action = 'CredentialsInvalid') AS events
         FROM data_source_accounts WHERE owner_id = 1000006 ORDER BY id`,
      );
    let good: { id: number; secret: string };

    beforeEach(async () => {
      await storeFlow(server, GOLF_FLOW, flowXml({ operators: [tableSource('golfnew')] }));
      const [account] = await query<{ id: number; secret: string }>(
        server.url,
        'SELECT id, db_password_encrypted AS secret FROM data_source_accounts WHERE owner_id = 1000006',
      );
      good = account!;
      await query(
        server.url,
        'UPDATE data_source_accounts SET db_password_encrypted = $2 WHERE id = $1',
        [good.id, encryptSecret('wrong', TEST_KEY, 'data_source_accounts')],
      );
    });
    afterEach(async () => {
      await query(server.url, 'DELETE FROM data_source_accounts WHERE original_id IS NOT NULL');
      await query(
        server.url,
        `UPDATE data_source_accounts SET db_password_encrypted = $2, invalid_credentials = false, deleted_at = NULL WHERE id = $1`,
        [good.id, good.secret],
      );
      await query(server.url, `DELETE FROM events WHERE action = 'CredentialsInvalid'`);
    });

    it('fails, and marks the account', async () => {
      const run = await runEnded(owner, await startRun(owner, GOLF_FLOW));
      expect([run.status, run.error.sqlstate]).toEqual(['failed', '28P01']);
      expect(await accounts()).toEqual([
        { id: good.id, rejected: true, retired: false, events: 1 },
      ]);
      const next = await owner.post(`/api/workfiles/${GOLF_FLOW}/run`);
      expect([next.status, next.json.errors.record]).toEqual([403, 'INVALID_CREDENTIALS']);
    });

    it('marks nothing when the password was changed meanwhile', async () => {
      // The run waits for the address; then its account is another one's predecessor.
      await query(server.url, `UPDATE data_sources SET moving_until = now() + interval '1 minute'`);
      const path = await startRun(owner, GOLF_FLOW);
      await query(server.url, 'UPDATE data_source_accounts SET deleted_at = now() WHERE id = $1', [
        good.id,
      ]);
      await query(
        server.url,
        `INSERT INTO data_source_accounts (data_source_id, owner_id, db_username, db_password_encrypted, original_id)
         SELECT data_source_id, owner_id, db_username, $2, id FROM data_source_accounts WHERE id = $1`,
        [good.id, good.secret],
      );
      await query(server.url, 'UPDATE data_sources SET moving_until = NULL');
      const run = await runEnded(owner, path);
      expect([run.status, run.error.sqlstate]).toEqual(['failed', '28P01']);
      expect(await accounts()).toEqual([
        { id: good.id, rejected: false, retired: true, events: 0 },
        { id: expect.any(Number), rejected: false, retired: false, events: 0 },
      ]);
    });
  });

  it('that cannot connect fails and says where', async () => {
    await storeFlow(server, GOLF_FLOW, flowXml({ operators: [tableSource('golfnew')] }));
    await query(server.url, `UPDATE data_sources SET port = 1`);
    const run = await runEnded(owner, await startRun(owner, GOLF_FLOW));
    const { port } = new URL(server.url);
    await query(server.url, `UPDATE data_sources SET port = $1`, [port]);
    expect(run.status).toBe('failed');
    expect(run.error.message).toMatch(
      /^cannot connect to data source "Owners", database "default"/,
    );
  });
});
