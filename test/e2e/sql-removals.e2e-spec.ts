import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Observer } from '../support/observer.js';
import { GOLF_FLOW } from '../support/runs.js';
import {
  aCheckId,
  anSqlFile,
  execute,
  executionOf,
  seenExecuting,
  sqlSessions,
} from '../support/sql-files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const PUBLIC = 1_000_008;
const PRIVATE = 1_000_009;
const MEMBER = 1_000_007;
const WRITES = `INSERT INTO kept SELECT 1 FROM pg_sleep(60)`;

/** What goes away stops ad-hoc SQL there too, and none begins there afterwards. */
describe('SQL of what is archived or deleted', () => {
  let server: TestServer;
  let app: TestApp;
  let observer: Observer;
  let metadata: Observer;
  let owner: TestClient;
  let member: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ STOP_REPLY_TIMEOUT_MS: '20000' }));
    [observer, metadata] = await Promise.all([
      Observer.on(server.dataUrl),
      Observer.on(server.url),
    ]);
    [owner, member, admin] = await Promise.all([
      app.as('owner'),
      app.as('member'),
      app.as('chorusadmin'),
    ]);
  });
  beforeEach(async () => {
    await execute(owner, await anSqlFile(server), 'CREATE TABLE IF NOT EXISTS kept (n int)');
  });
  afterEach(async () => {
    expect(await sqlSessions(observer)).toEqual([]);
    const [kept] = await observer.query('SELECT count(*)::int AS rows FROM "default".kept');
    expect(kept).toEqual({ rows: 0 });
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([observer.close(), metadata.close()]);
    await server.stop();
  });

  /** Writes for a minute, unless it is stopped. */
  const writing = async (client: TestClient, path: string) => {
    const checkId = aCheckId();
    const answer = execute(client, path, WRITES, { checkId });
    await seenExecuting(observer, /INSERT INTO kept/);
    const { id } = await executionOf(server, checkId);
    return { answer, id: id as string, workfileId: Number(/\d+/.exec(path)?.[0]) };
  };
  const stopped = ({ id, workfileId }: { id: string; workfileId: number }) => [
    { execution_id: id, workfile_id: workfileId, dataset_id: null, status: 'stopped' },
  ];
  const CANCELLED = {
    fields: {
      query: {
        INVALID: {
          message:
            'The statement was cancelled: what it belongs to, or access to it, was taken away.',
        },
      },
    },
  };
  const wasTold = async (answer: Promise<Answer>) => {
    const { status, json } = await answer;
    expect({ status, errors: json.errors }).toEqual({ status: 422, errors: CANCELLED });
  };

  it('a workspace that is archived', async () => {
    const sql = await writing(member, await anSqlFile(server));
    const archived = await owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: true });
    expect(archived.json.stopped).toEqual(stopped(sql));
    await wasTold(sql.answer);
    await owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: false });
  });

  it('a workfile that is deleted, and no other', async () => {
    const path = await anSqlFile(server);
    const sql = await writing(member, path);
    const other = (await anSqlFile(server)).replace('/executions', '');
    expect((await owner.delete(other)).json).toEqual({});
    const deleted = await owner.delete(path.replace('/executions', ''));
    expect(deleted.json).toEqual({ stopped: stopped(sql) });
    await wasTold(sql.answer);
    expect((await execute(member, path, 'SELECT 1')).status).toBe(404);
  });

  /** Asks while a change is not committed, and commits it once the asking waits for it. */
  const askedDuring = async (change: string, ask: () => Promise<Answer>) => {
    await metadata.query('BEGIN');
    await metadata.query(change);
    const answer = ask();
    await until('it waits', async () => {
      const waiting = await observer.query(
        `SELECT FROM pg_stat_activity WHERE datname = 'fermata' AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });
    await metadata.query('COMMIT');
    return answer;
  };
  const runs = () => query(server.url, 'SELECT id FROM runs WHERE requested_by = $1', [MEMBER]);

  it('none begins behind the archiving', async () => {
    const path = await anSqlFile(server);
    const answer = await askedDuring(
      `UPDATE workspaces SET archived_at = now(), archiver_id = owner_id WHERE id = ${PUBLIC}`,
      () => execute(member, path, WRITES),
    );
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toEqual({ fields: { workspace: { ARCHIVED: {} } } });
    await owner.json('PUT', `/api/workspaces/${PUBLIC}`, { archived: false });
  });

  it('none begins behind the deletion of the file', async () => {
    const path = await anSqlFile(server);
    const id = /\d+/.exec(path)?.[0] ?? '';
    const answer = await askedDuring(
      `UPDATE workfiles SET deleted_at = now() WHERE id = ${id}`,
      () => execute(member, path, WRITES),
    );
    expect(answer.status).toBe(404);
  });

  it('a workspace that is deleted', async () => {
    const sql = await writing(owner, await anSqlFile(server, { workspaceId: PRIVATE }));
    expect((await owner.delete(`/api/workspaces/${PRIVATE}`)).json).toEqual({
      stopped: stopped(sql),
    });
    await wasTold(sql.answer);
  });

  it.each([
    ['SQL', async () => execute(member, await anSqlFile(server), WRITES)],
    ['run', () => member.post(`/api/workfiles/${GOLF_FLOW}/run`)],
  ])('no %s begins behind the deletion of a person', async (_what, ask) => {
    const before = await runs();
    const answer = await askedDuring(
      `SELECT FROM users WHERE id = ${MEMBER} FOR UPDATE;
       UPDATE users SET deleted_at = now() WHERE id = ${MEMBER}`,
      ask,
    );
    expect(answer.status).toBe(401);
    expect(await runs()).toEqual(before);
    await query(server.url, 'UPDATE users SET deleted_at = NULL WHERE id = $1', [MEMBER]);
  });

  it('a person who is deleted', async () => {
    const sql = await writing(member, await anSqlFile(server));
    const deleted = await admin.delete(`/api/users/${MEMBER}`);
    expect(deleted.json).toEqual({ stopped: stopped(sql) });
    await wasTold(sql.answer);
  });
});
