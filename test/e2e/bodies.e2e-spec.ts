import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALPINE_FLOW } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const STOP = `/api/workfiles/${ALPINE_FLOW}/stop`;
const WORKSPACE = '/api/workspaces/1000008';
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const MULTIPART = { 'content-type': 'multipart/form-data; boundary=b' };

const part = (value: string, name = 'reason') =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const jsonPart = (value: string, name = 'reason') =>
  part(value, name).replace('\r\n\r\n', '\r\nContent-Type: application/json\r\n\r\n');
const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** What reaches a route, whichever route it is; a stop stands for all. */
describe('bodies', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    owner = await app.as('owner');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it.each([
    ['a NUL in JSON', JSON_TYPE, '{"reason":"a\\u0000b"}'],
    ['a NUL in a name', JSON_TYPE, '{"rea\\u0000son":"a"}'],
    ['a NUL in a form', FORM_TYPE, 'reason=a%00b'],
    ['a NUL in multipart', MULTIPART, `${part('a\0b')}--b--\r\n`],
    ['half a surrogate pair', JSON_TYPE, '{"reason":"\\ud800"}'],
    ['JSON that is not UTF-8', JSON_TYPE, latin1('{"reason":"\xe9"}')],
    ['a form that is not UTF-8', FORM_TYPE, latin1('reason=\xe9')],
    ['a form whose digits are not UTF-8', FORM_TYPE, 'reason=%E9'],
    ['multipart that is not UTF-8', MULTIPART, latin1(`${part('\xe9')}--b--\r\n`)],
    ['a NUL in JSON in multipart', MULTIPART, `${jsonPart('{"a":"a\\u0000b"}')}--b--\r\n`],
    ['a NUL in a name in it', MULTIPART, `${jsonPart('{"a\\u0000b":"a"}')}--b--\r\n`],
    ['half a surrogate pair in it', MULTIPART, `${jsonPart('["\\udfff"]')}--b--\r\n`],
    ['JSON in multipart that is not UTF-8', MULTIPART, latin1(`${jsonPart('"\xe9"')}--b--\r\n`)],
    [
      'JSON nested too deep in multipart',
      MULTIPART,
      `${jsonPart(`${'['.repeat(65)}${']'.repeat(65)}`)}--b--\r\n`,
    ],
    ['broken JSON in multipart', MULTIPART, `${jsonPart('{"a":')}--b--\r\n`],
    ['JSON nested too deep', JSON_TYPE, `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['too many form fields', FORM_TYPE, 'x[]=1&'.repeat(10_001)],
    ['broken JSON', JSON_TYPE, '{"reason":'],
    ['broken JSON with an equals sign', JSON_TYPE, ' {"reason":"a=b"'],
    ['a broken list', JSON_TYPE, '[reason=a]'],
    ['a broken text', JSON_TYPE, '"reason=a'],
    ['neither JSON nor a form', JSON_TYPE, 'reason'],
    ['a NUL in a form that says JSON', JSON_TYPE, 'reason=a%00b'],
    ['multipart without its boundary', { 'content-type': 'multipart/form-data' }, part('a')],
    ['multipart that ends early', MULTIPART, part('a')],
    ['multipart in the middle of a header', MULTIPART, '--b\r\nContent-Dispo'],
    ['a prototype as field', MULTIPART, `${part('a', '__proto__')}--b--\r\n`],
  ])('are refused with 400: %s', async (_title, headers, body) => {
    const answer = await owner.call('POST', STOP, { headers, body });
    expect(answer.json).toEqual({ errors: { message: expect.any(String) } });
    expect(answer.status).toBe(400);
  });

  it.each([
    ['a percent sign in a form', FORM_TYPE, 'reason=100% sure'],
    ['letters beyond ASCII', FORM_TYPE, 'reason=caf%C3%A9+%F0%9F%98%80'],
    ['a byte order mark', JSON_TYPE, '\ufeff{"reason":"a"}'],
    ['a whole surrogate pair', JSON_TYPE, '{"reason":"\\ud83d\\ude00"}'],
    ['letters beyond ASCII in multipart', MULTIPART, `${part('café 😀')}--b--\r\n`],
    ['JSON in multipart', MULTIPART, `${jsonPart('"café 😀"')}${jsonPart('[1]', 'x')}--b--\r\n`],
    ['no known type', { 'content-type': 'what/ever' }, 'reason=a'],
    ['no type at all', { 'content-type': '' }, '{"reason":"a"}'],
    ['a type that is none', { 'content-type': ';;' }, 'reason=a'],
    ['a form with the type of an earlier call', JSON_TYPE, 'reason=a'],
    ['JSON with the type of an earlier call', FORM_TYPE, '{"reason":"a"}'],
  ])('are taken: %s', async (_title, headers, body) => {
    const answer = await owner.call('POST', STOP, { headers, body });
    expect(answer.text).toContain('"status":"idle"');
    expect(answer.status).toBe(202);
  });

  it('may be forms that say they are JSON', async () => {
    const body = 'workspace[name]=of+a+form&workspace[public]=true&summary=a%3Db';
    const answer = await owner.call('POST', '/api/workspaces', { headers: JSON_TYPE, body });
    expect(answer.status).toBe(201);
    expect(answer.response).toMatchObject({ name: 'of a form', public: true });
  });

  it('may have their attributes as JSON in a form', async () => {
    const body = `${jsonPart('{"file_name":"of_json","description":"a"}', 'workfile')}--b--\r\n`;
    const answer = await owner.call('POST', `${WORKSPACE}/workfiles`, { headers: MULTIPART, body });
    expect(answer.status).toBe(201);
    expect(answer.response).toMatchObject({ file_name: 'of_json', description: 'a' });
  });

  it.each([
    ['POST', `${WORKSPACE}/workfiles`, 'entity_subtype', 201],
    ['POST', `/api/workfiles/${ALPINE_FLOW}/results`, 'results_written', 200],
    ['GET', '/api/data_sources', 'succinct', 200],
    ['GET', '/api/data_sources', 'filter_disabled', 200],
    ['GET', '/api/hdfs_data_sources', 'succinct', 200],
  ])(
    'may have an object where a word is looked for: %s %s, %s',
    async (method, path, name, status) => {
      const others = method === 'POST' ? { file_name: 'any' } : {};
      const answer = await owner.json(method, path, { ...others, [name]: { toString: 1 } });
      expect(answer.status).toBe(status);
    },
  );

  it.each(['%E9', 'a%00', 'x[]=1&'.repeat(10_001)])(
    'and query strings are refused when they cannot be read: %.20s',
    async (query) => {
      const answer = await owner.get(`/api/workfiles/${ALPINE_FLOW}?a=${query}`);
      expect([400, 431]).toContain(answer.status);
      expect((await owner.get(`/api/workfiles/${ALPINE_FLOW}`)).status).toBe(200);
    },
  );
});
