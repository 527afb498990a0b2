import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN, MEMBER, OUTSIDER, OWNER } from '../support/data-sources.js';
import { countStatements } from '../support/statement-count.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PRIVATE } from '../support/workfiles.js';

const EACH = 40;
const MISSING = 999_999;

/** Requests that come while others are being read for are read for together; each must be answered as if it were alone. */
describe('many requests at once', () => {
  let server: TestServer;
  let app: TestApp;
  let clients: readonly { readonly client: TestClient; readonly id: number | null }[];

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    const users = { owner: OWNER, member: MEMBER, outsider: OUTSIDER, chorusadmin: ADMIN };
    const known = Object.entries(users).map(async ([name, id]) => ({
      client: await app.as(name),
      id,
    }));
    const stranger = { client: new TestClient(app.url, `session_id=${'0'.repeat(40)}`), id: null };
    clients = [...(await Promise.all(known)), stranger];
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const atOnce = <T>(ask: (client: TestClient, id: number | null) => Promise<T>) =>
    Promise.all(
      Array.from({ length: EACH }, () => clients)
        .flat()
        .map(async ({ client, id }) => ({ id, answer: await ask(client, id) })),
    );

  it('are each of the user whose session they bring', async () => {
    const { statements, result } = await countStatements(() =>
      atOnce((client) => client.get('/api/sessions')),
    );

    for (const { id, answer } of result) {
      expect(answer.status).toBe(id === null ? 401 : 200);
      if (id !== null) expect(answer.response.user.id).toBe(id);
    }
    const authentications = statements.filter((text) => text.includes('FROM live'));
    expect(authentications.length).toBeGreaterThan(0);
    expect(authentications.length).toBeLessThan(result.length / 2);
  });

  it('are each judged by who asks, for what they ask', async () => {
    const workfiles = await Promise.all(
      [1, 2, 3].map(() => aWorkfile(server, { workspaceId: PRIVATE, kind: 'workflow' })),
    );
    const wanted = [...workfiles.map(({ id }) => id), MISSING];
    let next = 0;
    const { statements, result } = await countStatements(() =>
      atOnce(async (client) => {
        const workfile = wanted[(next += 1) % wanted.length] ?? MISSING;
        return { workfile, shown: await client.post(`/api/workfiles/${workfile}/stop`) };
      }),
    );

    for (const { id, answer } of result) {
      const { workfile, shown } = answer;
      if (id === null) expect(shown.status).toBe(401);
      else if (workfile === MISSING) expect(shown.status).toBe(404);
      else if (id === OUTSIDER) expect(shown.status).toBe(403);
      else {
        expect(shown.status).toBe(202);
        expect(shown.response.id).toBe(workfile);
        // What only depends on the viewer: each is answered with his own.
        expect(shown.response.workspace.permission).toEqual(
          id === MEMBER ? expect.not.arrayContaining(['admin']) : ['admin'],
        );
      }
    }
    expect(new Set(result.map(({ answer }) => answer.workfile)).size).toBe(wanted.length);
    // Alone, each that may would take four.
    expect(statements.length).toBeLessThan(result.length);
  });

  it('end with one session when that is ended, and with no other', async () => {
    const [owner, member, gone] = await Promise.all(
      ['owner', 'member', 'owner'].map((name) => app.as(name)),
    );
    await gone?.delete('/api/sessions');
    const answers = await Promise.all(
      Array.from({ length: EACH }, () => [owner, member, gone])
        .flat()
        .map(async (client) => client?.get('/api/sessions')),
    );
    expect(answers.map((answer) => answer?.status)).toEqual(
      Array.from({ length: EACH }, () => [200, 200, 401]).flat(),
    );
  });
});
