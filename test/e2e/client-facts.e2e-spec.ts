import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReferenceClient } from '../support/reference/client.js';
import { FORM_TYPE, JSON_TYPE, ReferenceSession } from '../support/reference/session.js';
import { Wire } from '../support/reference/wire.js';
import { ALPINE_FLOW, GOLF_FLOW } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PUBLIC } from '../support/workfiles.js';

const ENGINE = '/alpinedatalabs/api/v1/json';
const MULTIPART = 'multipart/form-data; boundary=b';
/** Types that a session may have left over from the call before. */
const LEFT_OVER = [null, JSON_TYPE, FORM_TYPE, MULTIPART, 'text/plain', 'what/ever', ';'];
const READS = [
  '/api/users',
  '/api/workspaces',
  `/api/workspaces/${PUBLIC}`,
  `/api/workspaces/${PUBLIC}/members`,
  `/api/workspaces/${PUBLIC}/workfiles`,
  `/api/workfiles/${ALPINE_FLOW}`,
  '/api/data_sources',
  '/api/hdfs_data_sources',
];

/** client-expectations.md 0. */
describe('the reference client, everywhere', () => {
  let server: TestServer;
  let app: TestApp;
  let client: ReferenceClient;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ LOGIN_ATTEMPTS: '1000' }));
    client = await ReferenceClient.as(app.url, 'owner');
    owner = await app.as('owner');
  });
  afterAll(async () => {
    client.close();
    await app.close();
    await server.stop();
  });

  /** A request of the given lines on a connection of its own. */
  const sent = async (head: readonly string[], ...body: (string | Buffer)[]) => {
    const wire = await Wire.to(app.url);
    try {
      return await wire.send(`${head.join('\r\n')}\r\n\r\n`, ...body);
    } finally {
      wire.close();
    }
  };
  const session = (token: string | null) => {
    const one = new ReferenceSession(app.url);
    one.token = token;
    return one;
  };

  it('has its token as first parameter, others after it', async () => {
    const bare = session(owner.token);
    for (const path of READS) {
      const reply = await bare.call('GET', path, { parameters: { per_page: 1, page: 1 } });
      expect([path, reply.status]).toEqual([path, 200]);
    }
    const none = await bare.call('GET', '/api/users', { bare: true });
    // The answer before gave no cookie: a token in the address does not log a browser in.
    expect(none.status).toBe(401);
    bare.close();
  });

  it('sends x-token on all calls after its first run, beside everything else', async () => {
    const one = await ReferenceClient.as(app.url, 'owner');
    one.session.sendTokenHeaderFromNowOn();
    expect(await one.login.getStatus()).toMatchObject({ username: 'owner' });
    for (const path of READS) expect((await one.session.call('GET', path)).status).toBe(200);
    const run = await one.session.call(
      'POST',
      `${ENGINE}/workflows/${GOLF_FLOW}/run?saveResult=true`,
      { type: JSON_TYPE, bare: true },
    );
    expect([run.status, typeof run.json().meta.processId]).toEqual([200, 'string']);
    const { processId } = run.json().meta;
    const stop = await one.session.call('POST', `${ENGINE}/processes/${processId}/stop`, {
      bare: true,
    });
    expect(stop.json()).toEqual({ status: 'Flow stopped.\n' });
    one.close();
  });

  it('is given a cookie at login that alone opens what it asks without a token', async () => {
    const login = await sent(
      [
        'POST /api/sessions?session_id=NULL HTTP/1.1',
        'Host: localhost',
        `Content-Type: ${FORM_TYPE}`,
        'Content-Length: 30',
      ],
      'username=owner&password=secret',
    );
    const cookies = login.headers.filter(([name]) => name.toLowerCase() === 'set-cookie');
    expect(cookies).toHaveLength(1);
    const parts = (cookies[0]?.[1] ?? '').toLowerCase().split('; ');
    expect(parts[0]).toMatch(/^_session_id=[0-9a-f]{40}$/);
    expect(parts).toEqual(expect.arrayContaining(['path=/', 'httponly']));
    const one = await ReferenceClient.as(app.url, 'owner');
    const uuid = '00000000-0000-4000-8000-000000000000';
    for (const [method, path] of [
      ['GET', '/api/sessions'],
      ['GET', '/api/VERSION'],
      ['GET', '/api/license'],
      ['GET', `${ENGINE}/processes/${uuid}/query`],
      ['POST', `${ENGINE}/processes/${uuid}/stop`],
    ] as const)
      expect([path, (await one.session.call(method, path, { bare: true })).status]).toEqual([
        path,
        200,
      ]);
    one.close();
  });

  it('may carry an old x-token, an old cookie or both, while a better one is there', async () => {
    const stale = await app.as('owner');
    await stale.delete('/api/sessions');
    const member = await app.as('member');
    const nobody = 'f'.repeat(40);
    const who = async (path: string, ...headers: string[]) => {
      const answer = await sent([`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers]);
      return answer.status === 200 ? JSON.parse(answer.text).response.user.username : answer.status;
    };
    const asked = '/api/sessions';
    const cookie = `Cookie: _session_id=${member.token}`;
    const token = `x-token: ${owner.token}`;
    // Parameter, then cookie, then header.
    expect(await who(`${asked}?session_id=${owner.token}`, cookie)).toBe('owner');
    expect(await who(asked, cookie, token)).toBe('member');
    expect(await who(asked, token)).toBe('owner');
    // What opens nothing stands in nobody's way.
    for (const old of [stale.token, nobody, '', 'x y; z']) {
      expect(await who(asked, cookie, `x-token: ${old}`)).toBe('member');
      expect(await who(asked, `Cookie: _session_id=${old}`, token)).toBe('owner');
      expect(await who(`${asked}?session_id=NULL`, `Cookie: _session_id=${old}`, token)).toBe(
        'owner',
      );
      expect(await who(asked, `x-token: ${old}`)).toBe(401);
    }
    // A parameter that is there and names a session is the only one that counts.
    expect(await who(`${asked}?session_id=${stale.token}`, cookie)).toBe(401);
  });

  it.each(LEFT_OVER)('may send %s as the type of whatever it sends', async (type) => {
    const one = session(owner.token);
    for (const path of READS)
      expect([path, (await one.call('GET', path, { type })).status]).toEqual([path, 200]);
    const stop = await one.call('POST', `/api/workfiles/${ALPINE_FLOW}/stop`, { type });
    expect([stop.status, stop.json().response.status]).toEqual([202, 'idle']);
    const { id } = await aWorkfile(server);
    const gone = await one.call('DELETE', `/api/workfiles/${id}`, { type });
    expect([gone.status, gone.json()]).toEqual([200, {}]);
    one.close();
  });

  it('knows no CSRF token: any credential that opens is enough to write', async () => {
    for (const [parameter, ...headers] of [
      [`?session_id=${owner.token}`],
      ['', `Cookie: _session_id=${owner.token}`],
      ['', `x-token: ${owner.token}`],
      [`?session_id=${owner.token}`, `Cookie: _session_id=${owner.token}`],
    ] as [string, ...string[]][]) {
      const answer = await sent([
        `POST /api/workfiles/${ALPINE_FLOW}/stop${parameter} HTTP/1.1`,
        'Host: localhost',
        'Content-Length: 0',
        ...headers,
      ]);
      expect(answer.status).toBe(202);
    }
  });

  it.each([JSON_TYPE, null, FORM_TYPE, 'text/plain'])(
    'sends the paging of a list as JSON on a GET, as %s',
    async (type) => {
      const one = session(owner.token);
      for (const path of READS.filter((each) => !/\d$/.test(each))) {
        const reply = await one.call('GET', path, { type, json: { per_page: 1, page: 2 } });
        expect([path, reply.json().pagination]).toEqual([
          path,
          expect.objectContaining({ page: 2, per_page: 1 }),
        ]);
      }
      // The query string counts first.
      const both = await one.call('GET', '/api/users', {
        type,
        parameters: { per_page: 3, page: 1 },
        json: { per_page: 1, page: 2 },
      });
      expect(both.json().pagination).toMatchObject({ page: 1, per_page: 3 });
      one.close();
    },
  );

  it('runs with the type JSON and no byte of a body', async () => {
    const run = await sent([
      `POST ${ENGINE}/workflows/${GOLF_FLOW}/run?saveResult=true HTTP/1.1`,
      'Host: localhost',
      `x-token: ${owner.token}`,
      'Content-Type: application/json',
      'Content-Length: 0',
    ]);
    expect(run.status).toBe(200);
    expect(JSON.parse(run.text)).toMatchObject({ message: 'workflow started' });
  });

  it('is answered in the two envelopes, with pages as integers', async () => {
    const one = session(owner.token);
    const single = (await one.call('GET', `/api/workspaces/${PUBLIC}`)).json();
    expect(Object.keys(single as object)).toEqual(['response']);
    for (const path of READS.filter((each) => !/\d$/.test(each))) {
      const { response, pagination, ...more } = (await one.call('GET', path)).json();
      expect(more).toEqual({});
      expect(Array.isArray(response)).toBe(true);
      expect(Object.keys(pagination as object)).toEqual(['page', 'per_page', 'records', 'total']);
      expect(Object.values(pagination as object).every(Number.isInteger)).toBe(true);
      for (const { id } of response) expect(Number.isInteger(id)).toBe(true);
    }
    one.close();
  });

  it('asks for pages until `total` is the page asked for, which is 1 of an empty list', async () => {
    const all = await client.users.getList(100);
    for (const perPage of [1, 2, 3, all.length])
      expect((await client.users.getList(perPage)).map(({ id }) => id)).toEqual(
        all.map(({ id }) => id),
      );
    const empty = await client.workspaces.create('Nothing In It');
    expect((await client.workfiles.page(empty.id as number, 1, 100)).json()).toEqual({
      response: [],
      pagination: { page: 1, per_page: 100, records: 0, total: 1 },
    });
    expect(await client.workfiles.getList(empty.id as number)).toEqual([]);
    expect(await client.dataSources.getList('hadoop')).toEqual([]);
  });

  it.each([
    '/api/users/4711',
    '/api/workspaces/4711',
    '/api/workspaces/4711/members',
    '/api/workspaces/4711/workfiles',
    '/api/workfiles/4711',
    '/api/workfiles/4711/download',
    '/api/data_sources/4711',
    '/api/data_sources/4711/databases',
    '/api/hdfs_data_sources/4711',
    '/api/users/nobody',
    '/api/nothing',
    '/nothing',
  ])('finds no %s, and is told so in JSON without a response', async (path) => {
    const one = session(owner.token);
    const reply = await one.call('GET', path, { type: FORM_TYPE });
    one.close();
    expect(reply.status).toBe(404);
    expect(reply.json()).toEqual({ errors: { record: 'NOT_FOUND' } });
  });

  it('has the whole error document of a creation that is refused', async () => {
    const admin = await ReferenceClient.as(app.url, 'chorusadmin');
    expect(await admin.users.create('owner')).toEqual({
      errors: { fields: { username: { TAKEN: { value: 'owner' } } } },
    });
    expect(await admin.workspaces.create('pUBLIC')).toEqual({
      errors: { fields: { name: { TAKEN: {} } } },
    });
    admin.close();
  });

  it('is understood whatever the order and case of its headers, and however they arrive', async () => {
    const request = `POST /api/workspaces?session_id=NULL HTTP/1.1
CONTENT-type: ${FORM_TYPE}; CHARSET=utf-8
cOOKIE: other=1;_session_id=${owner.token}; more="a b"
ACCEPT: */*
content-LENGTH: 38
x-TOKEN: ${'e'.repeat(40)}
HOST: fermata.example

name=Byte+by+byte&public=true&summary=`.replaceAll('\n', '\r\n');
    const wire = await Wire.to(app.url);
    const answer = await wire.send(...request.split(/(?<=^[^]{7}|[^]{7})(?=[^])/));
    expect([answer.status, JSON.parse(answer.text).response]).toEqual([
      201,
      expect.objectContaining({ name: 'Byte by byte', public: true, owner: expect.anything() }),
    ]);
    // The connection is kept for the next one, which comes in chunks.
    const next = await wire.send(
      'POST /api/workspaces HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n',
      `Content-Type: application/json\r\nCookie: _session_id=${owner.token}\r\n\r\n`,
      '11\r\n{"name": "In chun\r\n',
      '5\r\nks"}\n\r\n0\r\n\r\n',
    );
    expect([next.status, JSON.parse(next.text).response.name]).toEqual([201, 'In chunks']);
    // And one that waits to be told to go on.
    const waiting = await wire.send(
      'POST /api/workspaces HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n',
      `Content-Type: application/json\r\nContent-Length: 16\r\nx-token: ${owner.token}\r\n\r\n`,
      '{"name":"After"}',
    );
    expect([waiting.status, JSON.parse(waiting.text).response.name]).toEqual([201, 'After']);
    expect(wire.isClosed).toBe(false);
    wire.close();
  });
});
