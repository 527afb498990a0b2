import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource as OrmDataSource } from 'typeorm';
import { queryPlanned, queryPrepared } from '../../src/common/sql/prepared.js';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const MODE = {
  name: 'mode',
  text: `SELECT current_setting('plan_cache_mode') AS mode, pg_backend_pid() AS pid WHERE $1::int = 1`,
};
const PLANS = {
  name: 'plans',
  text: `SELECT name, generic_plans::int AS generic, custom_plans::int AS custom FROM pg_prepared_statements WHERE name = $1`,
};

describe('statements on the metadata', () => {
  let server: TestServer;
  let orm: OrmDataSource;

  beforeAll(async () => {
    server = await startTestServer();
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: 1 }));
  });
  afterAll(async () => {
    await orm.destroy();
    await server.stop();
  });

  it('are planned once per connection when they are prepared', async () => {
    for (let i = 0; i < 3; i += 1)
      expect(await queryPrepared(orm, MODE, [1])).toMatchObject([{ mode: 'force_generic_plan' }]);
    expect(await queryPrepared(orm, PLANS, ['mode'])).toEqual([
      { name: 'mode', generic: 3, custom: 0 },
    ]);
  });

  it('are planned for their values when they ask for it, on a connection that is as before then', async () => {
    const [planned] = await queryPlanned(orm, MODE.text, [1]);
    const [next] = await queryPrepared(orm, MODE, [1]);
    expect(planned).toMatchObject({ mode: 'force_custom_plan' });
    expect(next).toEqual({ ...planned, mode: 'force_generic_plan' });
  });

  it('that fail leave the connection in no transaction', async () => {
    await expect(queryPlanned(orm, 'SELECT 1 / $1::int AS one', [0])).rejects.toThrow('division');
    expect(await queryPlanned(orm, 'SELECT 1 / $1::int AS one', [1])).toEqual([{ one: 1 }]);
    expect(await queryPrepared(orm, MODE, [1])).toMatchObject([{ mode: 'force_generic_plan' }]);
  });

  it('find the connections open, also after a quiet time', async () => {
    const size = 4;
    const opened = async (name: string, more: object) => {
      const options = ormOptions({ databaseUrl: server.url, databasePoolSize: size }, 5000);
      const extra = { ...(options as { extra: object }).extra, idleTimeoutMillis: 50, ...more };
      return openOrm({ ...options, extra, applicationName: name } as typeof options);
    };
    const count = async (name: string) => {
      const seen = `SELECT FROM pg_stat_activity WHERE application_name = $1`;
      return (await query(server.url, seen, [name])).length;
    };
    const kept = await opened('kept', {});
    await until('all are open', async () => (await count('kept')) === size);
    const others = await opened('not kept', { min: 0 });
    try {
      await until('a quiet time is over', async () => (await count('not kept')) === 0);
      expect(await count('kept')).toBe(size);
    } finally {
      await Promise.all([kept.destroy(), others.destroy()]);
    }
  });
});
