import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { aDataSource, aRole, MEMBER, post, put, quiet } from '../support/data-sources.js';
import { fieldsOf } from '../support/documents.js';
import { proxyOf } from '../support/behind-proxy.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

/** Each change of an address with what was left of its mark: while that lies ahead, nothing begins there. */
const WATCH = `
  CREATE TABLE moves_seen (port integer, left_ms float8);
  CREATE FUNCTION see_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO moves_seen SELECT NEW.port, extract(epoch FROM OLD.moving_until - clock_timestamp()) * 1000;
    RETURN NEW;
  END $$;
  CREATE TRIGGER see_move AFTER UPDATE OF host, port ON data_sources FOR EACH ROW
    WHEN ((OLD.host, OLD.port) IS DISTINCT FROM (NEW.host, NEW.port)) EXECUTE FUNCTION see_move()`;
/** Who ends a mark waits before it locks a row. */
const LATE_ENDS = `
  CREATE FUNCTION wait_to_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_query() ~ 'moving_until = NULL' THEN PERFORM pg_advisory_xact_lock(7); END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER wait_to_end BEFORE UPDATE ON data_sources FOR EACH STATEMENT EXECUTE FUNCTION wait_to_end()`;
const WAITING = `SELECT FROM pg_stat_activity
  WHERE wait_event_type = 'Lock' AND application_name LIKE 'fermata%' AND query ~ $1`;
const AT_WORK = 'FROM runs r WHERE r.status';
const END = 'moving_until = NULL';
const SQL_EXECUTIONS = 'LOCK TABLE sql_executions IN ACCESS EXCLUSIVE MODE';
const IN_USE = { base: { DATA_SOURCE_IN_USE: {} } };

describe('another address', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let proxies: TcpProxy[];
  let id: number;
  let path: string;

  beforeAll(async () => {
    server = await startTestServer();
    proxies = await Promise.all([proxyOf(server.dataUrl), proxyOf(server.dataUrl)]);
    const variables = { WORKER_CONCURRENCY: '0', DATABASE_TIMEOUT_MS: '60000' };
    app = await startTestApp(server.config(variables));
    owner = await app.as('owner');
    await query(server.url, WATCH);
    await query(server.url, LATE_ENDS);
  });
  beforeEach(async () => {
    id = await aDataSource(server, owner);
    path = `/api/data_sources/${id}`;
    await quiet(server);
    await query(server.url, 'DELETE FROM moves_seen');
  });
  afterAll(async () => {
    await app.close();
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await server.stop();
  });

  /** Takes a lock that others will want. @returns what lets go */
  const held = async (lock: string) => {
    const holder = new pg.Client({ connectionString: server.url });
    await holder.connect();
    await holder.query(`BEGIN; ${lock}`);
    return () => holder.end();
  };
  const waiting = (count: number, text: string) =>
    until(`${count} who wait in ${text}`, async () => {
      const rows = await query(server.url, WAITING, [text]);
      return rows.length >= count;
    });
  const to = (port: number, others: object = {}) => put(owner, path, { port, ...others });
  const portNow = async () => (await owner.get(path)).response.port as number;
  const seen = () =>
    query<{ port: number; left_ms: number | null }>(server.url, 'TABLE moves_seen');

  it('of two at once goes to the one whose mark it is; the other is refused', async () => {
    const [first, second] = [proxies[0]!.port, proxies[1]!.port];
    const letGo = await held(SQL_EXECUTIONS);
    const one = to(first);
    await waiting(1, AT_WORK);
    const other = to(second);
    await waiting(2, AT_WORK);
    await letGo();
    expect(fieldsOf(await one)).toEqual(IN_USE);
    expect((await other).status).toBe(200);
    expect(await portNow()).toBe(second);
    expect((await seen()).map(({ port }) => port)).toEqual([second]);
  });

  it('keeps its mark when the one before it ends', async () => {
    const [first, second] = [proxies[0]!.port, proxies[1]!.port];
    const letEnd = await held('SELECT pg_advisory_xact_lock(7)');
    const one = to(first);
    await waiting(1, END);
    const letMove = await held(SQL_EXECUTIONS);
    const other = to(second);
    await waiting(1, AT_WORK);
    await letEnd();
    expect((await one).status).toBe(200);
    await letMove();
    expect((await other).status).toBe(200);
    const moves = await seen();
    expect(moves.map(({ port }) => port)).toEqual([first, second]);
    for (const { left_ms } of moves) expect(left_ms).toBeGreaterThan(5000);
  });

  it('is refused when the mark is over before it is written, and nothing is left of it', async () => {
    const before = await portNow();
    const letGo = await held(SQL_EXECUTIONS);
    const late = to(proxies[0]!.port, { name: 'Late' });
    await waiting(1, AT_WORK);
    await until('the end of the mark', async () => {
      const over = 'SELECT FROM data_sources WHERE id = $1 AND moving_until < clock_timestamp()';
      return (await query(server.url, over, [id])).length > 0;
    });
    await letGo();
    expect(fieldsOf(await late)).toEqual(IN_USE);
    const { port, name } = (await owner.get(path)).response;
    expect(port).toBe(before);
    expect(name).not.toBe('Late');
    expect((await to(proxies[0]!.port)).status).toBe(200);
  });

  describe('and passwords that its sender did not enter', () => {
    let member: TestClient;
    let admin: TestClient;
    const [REJECTED, ASKED] = ['INVALID_CREDENTIALS', { db_password: { BLANK: {} } }];

    beforeAll(async () => {
      member = await app.as('member');
      admin = await app.as('chorusadmin');
    });
    const saveAccount = async (client: TestClient) => {
      const { name, password } = await aRole(server);
      const account = { db_username: name, db_password: password };
      expect((await post(client, `${path}/account`, account)).status).toBe(201);
    };
    const databases = async (client: TestClient) => {
      const { status, json } = await client.get(`${path}/databases`);
      return status === 200 ? status : [status, json.errors.record];
    };
    /** How often the proxy is connected to meanwhile. */
    const connections = async (proxy: TcpProxy, work: () => Promise<unknown>) => {
      await quiet(server);
      const { accepted } = proxy.counters;
      await work();
      return proxy.counters.accepted - accepted;
    };

    it('takes no other person’s account along; each is to be saved again', async () => {
      await saveAccount(member);
      expect((await to(proxies[0]!.port)).status).toBe(200);
      expect(
        await connections(proxies[0]!, async () => {
          expect(await databases(member)).toEqual([403, REJECTED]);
        }),
      ).toBe(0);
      expect(await databases(owner)).toBe(200);
      const told = await query(
        server.url,
        `SELECT actor_id FROM events WHERE action = 'CredentialsInvalid' AND target1_id = $1`,
        [id],
      );
      expect(told).toEqual([{ actor_id: MEMBER }]);
      // Nor does the next move bring it back, whoever makes it.
      expect((await put(admin, path, { port: proxies[1]!.port })).status).toBe(200);
      expect(await databases(member)).toEqual([403, REJECTED]);
      await saveAccount(member);
      expect(await databases(member)).toBe(200);
    });

    it('takes all along when an administrator sends it, who has them anyway', async () => {
      await saveAccount(member);
      expect((await put(admin, path, { port: proxies[0]!.port })).status).toBe(200);
      expect(await databases(member)).toBe(200);
      expect(await databases(owner)).toBe(200);
    });

    it('takes none along into the clear', async () => {
      await saveAccount(member);
      await query(server.url, 'UPDATE data_sources SET ssl = true WHERE id = $1', [id]);
      expect((await put(owner, path, { ssl: false })).status).toBe(200);
      expect(await databases(member)).toEqual([403, REJECTED]);
      expect(await databases(owner)).toBe(200);
    });

    it('is not tried with the password of the owner before, which is asked for', async () => {
      expect((await post(owner, `${path}/sharing`, {})).status).toBe(201);
      expect((await put(owner, `${path}/owner`, { id: MEMBER })).status).toBe(200);
      const [port, role] = [proxies[0]!.port, await aRole(server)];
      expect(
        await connections(proxies[0]!, async () => {
          expect(fieldsOf(await put(member, path, { port }))).toEqual(ASKED);
        }),
      ).toBe(0);
      // Untested, it is as it is for anybody's account.
      expect((await put(member, path, { port, state: 'disabled' })).status).toBe(200);
      expect(
        await connections(proxies[0]!, async () => {
          expect((await put(member, path, { state: 'enabled' })).response.state).toBe('offline');
          expect((await put(member, path, { state: 'incomplete' })).status).toBe(200);
          expect(fieldsOf(await put(member, path, { state: 'enabled' }))).toEqual(ASKED);
        }),
      ).toBe(0);
      const account = { state: 'enabled', db_username: role.name, db_password: role.password };
      expect((await put(member, path, { port: proxies[1]!.port, ...account })).status).toBe(200);
      expect(await databases(owner)).toBe(200);
      // Now it is his own.
      expect((await put(member, path, { port })).status).toBe(200);
      expect(await databases(member)).toBe(200);
    });
  });
});
