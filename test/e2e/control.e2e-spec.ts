import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { KillHandle } from '../../src/data-sources/connectors/connector.js';
import { MessageGuard } from '../../src/data-sources/connectors/message-guard.js';
import { PostgresControl } from '../../src/data-sources/connectors/postgres-control.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

interface Sleeper {
  readonly client: pg.Client;
  readonly handle: KillHandle;
  /** SQLSTATE its statement ended with. */
  readonly ended: Promise<string | undefined>;
}

describe('many control statements at once', () => {
  let server: TestServer;
  let client: pg.Client;
  let control: PostgresControl;
  let sent: string[];
  const sleepers: Sleeper[] = [];

  beforeEach(async () => {
    server = await startTestServer();
    client = await connect('control');
    control = new PostgresControl(client, new MessageGuard());
    sent = [];
    const send = client.query.bind(client) as (statement: pg.QueryConfig) => unknown;
    client.query = ((statement: pg.QueryConfig) => {
      sent.push(statement.name ?? statement.text);
      return send(statement);
    }) as typeof client.query;
  });
  afterEach(async () => {
    await Promise.allSettled(sleepers.splice(0).map((one) => one.client.end()));
    await control.close();
    await server.stop();
  });

  it('cancel each its own sessions, with two statements', async () => {
    const tags = Array.from({ length: 12 }, (_, i) => `run ${i}`);
    const all = await Promise.all(tags.map(sleeper));
    const stale = { ...all[3]!.handle, backendStart: '2020-01-01T00:00:00.000000Z' };
    const asks = all.map(({ handle }, i) => [i === 3 ? stale : handle]);

    const hits = await Promise.all(asks.map((handles) => control.cancelAll(handles)));

    expect(hits).toEqual(all.map(({ handle }, i) => (i === 3 ? [] : [handle.pid])));
    expect(sent).toEqual(['cancel', 'cancel']);
    const others = all.filter((_, i) => i !== 3);
    expect(new Set(await Promise.all(others.map(({ ended }) => ended)))).toEqual(
      new Set(['57014']),
    );
    expect(await control.find([tags[3]!], [])).toEqual([all[3]!.handle]);
    expect(await control.terminate(all[3]!.handle)).toBe(true);
    expect(await all[3]!.ended).toBe('57P01');
  });

  it('find each their own sessions, by tag, and by identity under another name', async () => {
    const tags = Array.from({ length: 8 }, (_, i) => `run ${i}`);
    const all = await Promise.all(tags.map(sleeper));
    const disguised = await sleeper('nobody');
    const { pid, backendStart } = disguised.handle;
    // As the ledger spells it, which is not how handles do.
    const roleId = null;
    const known = { pid, roleId, backendStart: new Date(backendStart).toISOString() };
    const exact = {
      pid,
      roleId,
      backendStart: backendStart.replace('Z', '+00:00').replace('T', ' '),
    };

    const found = await Promise.all([
      ...tags.map((tag) => control.find([tag], [])),
      control.find(['run 5', 'run 9'], [exact]),
      control.find([], [known]),
      control.find(['run 10'], []),
    ]);

    expect(found.slice(0, 8)).toEqual(all.map(({ handle }) => [handle]));
    const pids = found.slice(8).map((handles) => handles.map((one) => one.pid).sort());
    // Its start is known to the microsecond: another session with its pid is another session.
    expect(pids).toEqual([[all[5]!.handle.pid, pid].sort(), [], []]);
    expect(sent).toEqual(['find', 'find']);
  });

  async function connect(tag: string): Promise<pg.Client> {
    const opened = new pg.Client({ connectionString: server.dataUrl, application_name: tag });
    opened.on('error', () => undefined);
    await opened.connect();
    return opened;
  }

  async function sleeper(tag: string): Promise<Sleeper> {
    const session = await connect(tag);
    const { rows } = await session.query<{ pid: number; backendStart: string }>(
      `SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "backendStart"
       FROM pg_stat_get_activity(pg_backend_pid())`,
    );
    const ended = session.query('SELECT pg_sleep(600)').then(
      () => undefined,
      (error: unknown) => (error as { code?: string }).code,
    );
    const [own] = rows;
    const one = { client: session, handle: { ...own!, tag }, ended };
    sleepers.push(one);
    const observer = await connect('observer');
    await until('its sleep', async () => {
      const seen = await observer.query(
        `SELECT FROM pg_stat_get_activity($1) WHERE wait_event = 'PgSleep'`,
        [own!.pid],
      );
      return seen.rowCount === 1 ? true : null;
    });
    await observer.end();
    return one;
  }
});
