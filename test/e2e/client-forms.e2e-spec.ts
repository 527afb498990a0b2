import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { multipart } from '../support/forms.js';
import { Wire } from '../support/reference/wire.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { aWorkfile, PUBLIC } from '../support/workfiles.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Forms of browsers, which can only be posted (chorus-api.md 1.1). */
describe('forms that say `_method`', () => {
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

  const aFile = async () => `/api/workfiles/${(await aWorkfile(server)).id}`;
  const describes = async (path: string) => (await owner.get(path)).response.description as unknown;

  it.each(['put', 'PUT', 'patch', 'Patch'])('change with %s', async (method) => {
    const path = await aFile();
    const first = await owner.post(path, { _method: method, description: 'first of all' });
    expect([first.status, first.response.description]).toEqual([200, 'first of all']);
    const wrapped = { 'workfile[description]': 'last', _method: method };
    expect((await owner.post(path, wrapped)).response.description).toBe('last');
    const form = multipart([
      ['_method', method],
      ['workfile[description]', 'multipart'],
    ]);
    expect((await owner.call('POST', path, { body: form })).response.description).toBe('multipart');
  });

  it('delete, also where the address takes a POST of its own', async () => {
    const path = await aFile();
    await owner.post(`${path}/draft`, { content: 'half' });
    expect((await owner.post(`${path}/draft`, { _method: 'delete' })).json).toEqual({});
    expect((await owner.get(`${path}/draft`)).status).toBe(404);
    expect((await owner.post(path, { _method: 'DELETE' })).json).toEqual({});
    expect((await owner.get(path)).status).toBe(404);
    const other = await aFile();
    const many = await owner.call('POST', `/api/workspaces/${PUBLIC}/workfiles`, {
      headers: FORM,
      body: `_method=delete&workfile_ids[]=${other.split('/').at(-1)}`,
    });
    expect([many.status, many.json]).toEqual([200, {}]);
    expect((await owner.get(other)).status).toBe(404);
  });

  it('arrive in any pieces, with a length or without, and large ones whole', async () => {
    const path = await aFile();
    const wire = await Wire.to(app.url);
    const head = (...more: string[]) =>
      `${[`POST ${path} HTTP/1.1`, 'Host: localhost', `x-token: ${owner.token}`, 'Content-Type: application/x-www-form-urlencoded', ...more].join('\r\n')}\r\n\r\n`;
    const body = '_method=put&description=in+pieces';
    const answer = await wire.send(head(`Content-Length: ${body.length}`), ...body);
    expect(JSON.parse(answer.text).response.description).toBe('in pieces');
    const chunked = await wire.send(
      head('Transfer-Encoding: chunked'),
      'b\r\n_method=put\r\n',
      '12\r\n&description=chunk\r\n',
      '0\r\n\r\n',
    );
    expect(JSON.parse(chunked.text).response.description).toBe('chunk');
    const none = await wire.send(head('Transfer-Encoding: chunked'), '0\r\n\r\n');
    expect(none.status).toBe(404);
    const text = 'x'.repeat(9_900);
    const long = `_method=put&description=${text}&file_name=&unknown=${'y'.repeat(500_000)}`;
    const large = await wire.send(head(`Content-Length: ${long.length}`), long);
    expect(JSON.parse(large.text)).toEqual({ errors: { fields: { file_name: { BLANK: {} } } } });
    const right = `_method=put&description=${text}`;
    await wire.send(head(`Content-Length: ${right.length}`), right);
    expect(await describes(path)).toBe(text);
    wire.close();
  });

  it.each<[string, string, object]>([
    ['in JSON', '', { headers: JSON_TYPE, body: '{"_method":"put","description":"x"}' }],
    ['in the address', '?_method=put', { headers: FORM, body: 'description=x' }],
    ['in another field', '', { headers: FORM, body: 'description=_method=put' }],
    ['as no method of a form', '', { headers: FORM, body: '_method=get&description=x' }],
    ['as a list', '', { headers: FORM, body: '_method[]=put&description=x' }],
    [
      'in a file',
      '',
      {
        body: multipart([
          [
            'contents',
            {
              name: 'a',
              contents:
                'Content-Disposition: form-data; name="_method"\r\n\r\ndelete\r\n--other\r\n',
            },
          ],
        ]),
      },
    ],
    ['as a file', '', { body: multipart([['_method', { name: 'delete', contents: 'delete' }]]) }],
  ])('are not obeyed %s', async (_where, parameters, sent) => {
    const path = await aFile();
    const answer = await owner.call('POST', path + parameters, sent);
    expect([answer.status, answer.json]).toEqual([404, { errors: { record: 'NOT_FOUND' } }]);
    expect(await describes(path)).toBeNull();
  });

  it('are refused from a page elsewhere like any other write', async () => {
    const path = await aFile();
    const headers = { origin: 'https://evil.example' };
    const answer = await owner.post(path, { _method: 'delete' }, { headers });
    expect(answer.status).toBe(403);
    expect((await owner.get(path)).status).toBe(200);
  });

  it('leave a client that goes in the middle of one without harm', async () => {
    const wire = await Wire.to(app.url);
    const gone = wire.send(
      'POST /api/workfiles/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n',
      '_method=de',
    );
    setImmediate(() => {
      wire.close();
    });
    await expect(gone).rejects.toThrow();
    expect((await owner.get('/api/sessions')).status).toBe(200);
  });
});
