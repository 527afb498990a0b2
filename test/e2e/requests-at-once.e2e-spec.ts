import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../../src/access/viewer.js';
import { SessionStore } from '../../src/auth/session-store.js';
import { openOrm } from '../../src/database/open-orm.js';
import { ormOptions } from '../../src/database/orm-options.js';
import { WorkfileStandings } from '../../src/workfiles/workfile-standings.service.js';
import { WorkfileViews } from '../../src/workfiles/workfile-views.service.js';
import { ADMIN, MEMBER, OUTSIDER, OWNER } from '../support/data-sources.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PRIVATE, PUBLIC } from '../support/workfiles.js';

const EACH = 40;
const MISSING = 999_999;
const UNKNOWN = '0'.repeat(40);
const USERS = { owner: OWNER, member: MEMBER, outsider: OUTSIDER, chorusadmin: ADMIN };
// As many statements may be under way; what came meanwhile goes with the next.
const FEW = 4;

/** What is asked for while others are being read for is read together; each must be answered as if it were alone. */
describe('many requests at once', () => {
  let server: TestServer;
  let app: TestApp;
  let orm: OrmDataSource;
  let sent = 0;
  let known: { readonly client: TestClient; readonly id: number }[];

  beforeAll(async () => {
    server = await startTestServer();
    const config = server.config({ WORKER_CONCURRENCY: '0' });
    app = await startTestApp(config);
    orm = await openOrm(ormOptions({ databaseUrl: server.url, databasePoolSize: 5 }));
    const pool = (orm.driver as unknown as { master: pg.Pool }).master;
    const send = pool.query.bind(pool) as (statement: pg.QueryConfig) => unknown;
    pool.query = ((statement: pg.QueryConfig) => {
      sent += 1;
      return send(statement);
    }) as typeof pool.query;
    known = await Promise.all(
      Object.entries(USERS).map(async ([name, id]) => ({ client: await app.as(name), id })),
    );
  });
  beforeEach(() => {
    sent = 0;
  });
  afterAll(async () => {
    await orm.destroy();
    await app.close();
    await server.stop();
  });

  const many = <T>(items: readonly T[]): T[] => Array.from({ length: EACH }, () => items).flat();

  it.each([true, false])(
    'are each of the user whose token they bring (renewing: %s)',
    async (renew) => {
      const store = new SessionStore(orm, server.config());
      const asked = many([
        ...known.map(({ client: { token }, id }) => ({ tokens: [token], id, credential: 0 })),
        ...known.map(({ client: { token }, id }, i) => ({
          tokens: [UNKNOWN, token, known[(i + 1) % known.length]?.client.token ?? ''],
          ...{ id, credential: 1 },
        })),
        { tokens: [UNKNOWN], id: null, credential: null },
        { tokens: [], id: null, credential: null },
      ]);
      const found = await Promise.all(asked.map(({ tokens }) => store.find(tokens, { renew })));
      expect(found.map((one) => one && { id: one.id, credential: one.credential })).toEqual(
        asked.map(({ id, credential }) => id && { id, credential }),
      );
      expect(new Set(found.map((one) => one && Object.keys(one).sort().join()))).toEqual(
        new Set(['credential,id,isAdmin,sessionId,userType,username', null]),
      );
      expect(sent).toBeLessThanOrEqual(FEW);
    },
  );

  it('are each judged by who asks, for what they ask, and shown as that one sees it', async () => {
    const files = [
      await aWorkfile(server, { workspaceId: PRIVATE }),
      await aWorkfile(server, { workspaceId: PUBLIC, kind: 'workflow' }),
      { id: MISSING },
    ];
    const standings = new WorkfileStandings(orm);
    const views = new WorkfileViews(orm);
    const asked = many(files.flatMap(({ id }) => known.map((who) => ({ id, viewer: who.id }))));
    const as = (id: number) => ({ id }) as Viewer;

    const access = await Promise.allSettled(
      asked.map((one) => standings.of(one.id, as(one.viewer))),
    );
    const shown = await Promise.allSettled(asked.map((one) => views.get(one.id, as(one.viewer))));

    expect(sent).toBeLessThanOrEqual(2 * FEW);
    asked.forEach(({ id, viewer }, i) => {
      if (id === MISSING) {
        expect([access[i]?.status, shown[i]?.status]).toEqual(['rejected', 'rejected']);
        return;
      }
      const workspaceId = id === files[0]?.id ? PRIVATE : PUBLIC;
      const isMember = viewer === OWNER || viewer === MEMBER;
      expect(access[i]).toMatchObject({ value: { id, workspaceId, isMember } });
      expect(shown[i]).toMatchObject({
        value: { workfile: { id }, workspace: { facts: { isMember } } },
      });
    });
  });

  it('over HTTP are answered to nobody whose session has ended', async () => {
    const gone = await app.as('owner');
    await gone.delete('/api/sessions');
    const { id } = await aWorkfile(server, { workspaceId: PRIVATE });
    const expected = many([
      ...known.map((one) => ({ client: one.client, status: one.id === OUTSIDER ? 403 : 200 })),
      ...[gone, new TestClient(app.url)].map((client) => ({ client, status: 401 })),
    ]);
    const answers = await Promise.all(
      expected.map(({ client }) => client.get(`/api/workfiles/${id}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(expected.map(({ status }) => status));
  });
});
