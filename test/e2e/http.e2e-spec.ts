import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALPINE_FLOW } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const STOP = `/api/workfiles/${ALPINE_FLOW}/stop`;
const SHOW = `/api/workfiles/${ALPINE_FLOW}`;

describe('HTTP conventions', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ BODY_LIMIT_BYTES: '2048' }));
    owner = await app.as('owner');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it.each([
    ['show', 'GET', SHOW, 200],
    ['stop', 'POST', STOP, 202],
    ['not found', 'POST', '/api/workfiles/1/stop', 404],
    ['unknown route', 'GET', '/api/nothing/here', 404],
    ['unknown method', 'POST', SHOW, 404],
  ])('every answer carries the documented headers: %s', async (_title, method, path, status) => {
    const { headers, ...answer } = await owner.call(method, path);
    expect(answer.status).toBe(status);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('x-xss-protection')).toBe('1; mode=block');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-runtime')).toMatch(/^\d+\.\d{6}$/);
    expect(headers.getSetCookie()).toEqual([
      `_session_id=${owner.token}; Path=/; HttpOnly; SameSite=Lax`,
    ]);
    expect(headers.get('cache-control')).toBe(
      status === 200 ? 'max-age=0, private, must-revalidate' : 'no-cache',
    );
    expect(headers.get('etag')).toEqual(
      status === 200 ? expect.stringMatching(/^W\/"[0-9a-f]{32}"$/) : null,
    );
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('keeps a valid request id, and replaces one that is not', async () => {
    const asked = async (id: string) =>
      (await owner.get(SHOW, { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await asked('build-77.retry@3')).toBe('build-77.retry@3');
    expect(await asked('two words')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await asked('x'.repeat(256))).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers 304 to what the client already has', async () => {
    const etag = (await owner.get(SHOW)).headers.get('etag') ?? '';
    const again = await owner.get(SHOW, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(again.text).toBe('');
  });

  it.each([
    ['no body', {}],
    [
      'an empty urlencoded body',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' },
    ],
    ['an urlencoded body', { body: new URLSearchParams({ reason: 'a', 'x[y]': 'b' }) }],
    ['an empty JSON body', { headers: { 'content-type': 'application/json' }, body: '' }],
    ['an empty JSON object', { headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['JSON null', { headers: { 'content-type': 'application/json' }, body: 'null' }],
    ['a multipart body', { body: form() }],
    ['an unknown type', { headers: { 'content-type': 'text/plain' }, body: 'reason=a' }],
  ])('takes a stop with %s', async (_title, options) => {
    const answer = await owner.call('POST', STOP, options);
    expect(answer.text).toContain('"status":"idle"');
    expect(answer.status).toBe(202);
  });

  it('ignores unknown attributes and reports bad ones', async () => {
    expect((await owner.post(STOP, { unheard: 'of' })).status).toBe(202);
    const long = await owner.post(STOP, { reason: 'x'.repeat(1001) });
    expect(long.status).toBe(422);
    expect(long.json).toEqual({ errors: { fields: { reason: { TOO_LONG: { count: 1000 } } } } });
  });

  it('refuses broken and oversized bodies, and leaks nothing', async () => {
    const json = { 'content-type': 'application/json' };
    const broken = await owner.call('POST', STOP, { headers: json, body: '{"reason":' });
    expect(broken.status).toBe(400);
    expect(broken.json).toEqual({ errors: { message: expect.stringContaining('JSON') } });
    const large = await owner.call('POST', STOP, {
      headers: json,
      body: `{"reason":"${'x'.repeat(4000)}"}`,
    });
    expect(large.status).toBe(413);
    expect(large.json.errors.message).toEqual(expect.any(String));
    const proto = await owner.call('POST', STOP, {
      headers: json,
      body: '{"__proto__":{"reason":1}}',
    });
    expect([202, 400, 422]).toContain(proto.status);
  });

  it('describes these routes for Swagger UI', async () => {
    const { json } = await app.anonymous.get('/docs-json');
    const documented = Object.keys(json.paths);
    for (const path of [
      '/alpinedatalabs/api/v1/json/processes/{processId}/query',
      '/alpinedatalabs/api/v1/json/processes/{processId}/stop',
      '/alpinedatalabs/api/v1/json/workflows/{workflowId}/results/{processId}',
      '/alpinedatalabs/api/v1/json/workflows/{workflowId}/run',
      '/api/VERSION',
      '/api/config',
      '/api/license',
      '/api/runs/{id}',
      '/api/runs/{id}/events',
      '/api/runs/{id}/image.svg',
      '/api/runs/{id}/results',
      '/api/sessions',
      '/api/status',
      '/api/users',
      '/api/users/ldap',
      '/api/users/{id}',
      '/api/users/{id}/image',
      '/api/workfile_versions/{version_id}/image',
      '/api/workfiles/{id}',
      '/api/workfiles/{id}/copy',
      '/api/workfiles/{id}/download',
      '/api/workfiles/{id}/draft',
      '/api/workfiles/{id}/image.svg',
      '/api/workfiles/{id}/results',
      '/api/workfiles/{id}/run',
      '/api/workfiles/{id}/runs',
      '/api/workfiles/{id}/stop',
      '/api/workfiles/{id}/versions',
      '/api/workfiles/{id}/versions/{version_id}',
      '/api/workspaces',
      '/api/workspaces/{id}',
      '/api/workspaces/{id}/image',
      '/api/workspaces/{id}/members',
      '/api/workspaces/{id}/quickstart',
      '/api/workspaces/{id}/sandbox',
      '/api/workspaces/{workspace_id}/workfiles',
      '/workfile_versions/{version_id}/image',
    ])
      expect(documented).toContain(path);
    const { responses, requestBody } = json.paths['/api/workfiles/{id}/stop'].post;
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['202', '401', '403', '404', '422']),
    );
    expect(Object.keys(requestBody.content)).toContain('application/x-www-form-urlencoded');
    // Every route says what it does, who may call it, and how it refuses.
    const operations = Object.entries(json.paths).flatMap(([path, methods]) =>
      Object.entries(methods as object).map(([method, operation]) => ({ path, method, operation })),
    );
    const poor = operations.filter(
      ({ path, operation }) =>
        !operation.summary ||
        (path.includes('workfile') && !operation.description) ||
        !operation['x-rule'] ||
        Object.keys(operation.responses).length === 0,
    );
    expect(poor.map(({ path, method }) => `${method} ${path}`)).toEqual([]);
    const page = await app.anonymous.get('/docs');
    expect(page.status).toBe(200);
    expect(page.text).toContain('swagger-ui');
  });

  it('lets nothing foreign run in Swagger UI', async () => {
    for (const path of ['/docs', '/docs/', '/docs/swagger-ui-bundle.js', '/docs?a=b']) {
      const { headers } = await app.anonymous.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain(`default-src 'none'; script-src 'self';`);
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    }
  });

  it('tells orchestrators how it is', async () => {
    expect((await app.anonymous.get('/health/live')).json).toEqual({ status: 'ok' });
    const transport = server.redis === null ? 'postgresql' : 'redis';
    expect((await app.anonymous.get('/health/ready')).json).toEqual({
      status: 'ok',
      queue: { transport, status: 'up' },
    });
  });

  it('serves pictures at the addresses it prints', async () => {
    const { image } = (await owner.get(SHOW)).response.owner;
    for (const url of [image.original, image.icon]) {
      const answer = await owner.get(url);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('image/png');
      expect(answer.text).toContain('PNG');
    }
  });
});

function form(): FormData {
  const body = new FormData();
  body.set('reason', 'a');
  body.set('file', new Blob(['x'.repeat(100)]), 'a.txt');
  return body;
}
