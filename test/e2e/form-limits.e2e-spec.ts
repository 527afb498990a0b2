import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { PIXEL } from '../support/access-matrix/workspace-requests.js';
import { type FormFile, multipart } from '../support/forms.js';
import { ALPINE_FLOW } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const STOP = `/api/workfiles/${ALPINE_FLOW}/stop`;
const IMAGE = '/api/users/1000006/image';
const WORKFILES = '/api/workspaces/1000008/workfiles';
const BODY_LIMIT = 4096;
const UPLOAD_LIMIT = 65_536;
const WORKFILE_LIMIT = 2_097_152;

const file = (bytes: number): FormFile => ({ name: 'a.bin', contents: Buffer.alloc(bytes) });
const contents = (i: number) => `workfile[versions_attributes][${i}][contents]`;

const part = (value: string, type: string) =>
  `--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Type: ${type}\r\n\r\n${value}\r\n`;

/** All parts of a form together, and before anybody is asked who sends it. */
describe('multipart forms', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(
      server.config({
        WORKER_CONCURRENCY: '0',
        BODY_LIMIT_BYTES: String(BODY_LIMIT),
        UPLOAD_LIMIT_BYTES: String(UPLOAD_LIMIT),
        WORKFILE_LIMIT_BYTES: String(WORKFILE_LIMIT),
      }),
    );
    owner = await app.as('owner');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const fields = (count: number, bytes: number) =>
    Array.from({ length: count }, (_, i) => [`x${i}`, 'x'.repeat(bytes)] as const);

  it.each([
    ['fields', multipart(fields(5, 1000))],
    ['names', multipart([1, 2, 3, 4, 5].map((i) => [`${i}`.repeat(1000), ''] as const))],
    ['names of files', multipart([1, 2, 3, 4, 5].map((i) => [`${i}`.repeat(1000), file(1)]))],
  ])('are refused beyond the limit of a body: %s', async (_title, body) => {
    for (const client of [app.anonymous, owner]) {
      const answer = await client.call('POST', STOP, { body });
      expect(answer.json).toEqual({
        errors: {
          message: 'The fields are larger than 4096 bytes together; send a long one as a file.',
        },
      });
      expect(answer.status).toBe(413);
    }
  });

  it('are refused beyond it when they are JSON', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const body = `${part('"x"'.padEnd(1000), 'application/json').repeat(5)}--b--\r\n`;
    expect((await owner.call('POST', STOP, { body, headers })).status).toBe(413);
  });

  it('are taken up to it', async () => {
    const body = multipart(fields(4, 1000));
    expect((await owner.call('POST', STOP, { body })).status).toBe(202);
  });

  it('are answered before they end', async () => {
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST ${STOP} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n` +
        `Content-Length: 1000000000\r\n\r\n${part('x'.repeat(1000), 'text/plain').repeat(20)}`,
    );
    const answer = await new Promise<string>((resolve, reject) => {
      socket.once('data', (data) => {
        resolve(data.toString());
      });
      socket.once('error', reject);
    });
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it.each([
    ['in memory', IMAGE, ['files[]', 'files[]'], UPLOAD_LIMIT],
    ['on the disk', WORKFILES, [contents(0), contents(1)], WORKFILE_LIMIT],
  ])('have files that are as large as one may be, together: %s', async (_t, path, names, limit) => {
    const sent = async (...sizes: number[]) => {
      const body = multipart(sizes.map((bytes, i) => [names[i]!, file(bytes)]));
      return owner.call('POST', path, { body });
    };
    const two = await sent(limit / 2, limit / 2 + 1);
    expect(two.json).toEqual({
      errors: { message: `The files are larger than ${limit} bytes together.` },
    });
    expect(two.status).toBe(413);
    // One alone is refused in the documented words.
    const one = await sent(limit + 1);
    expect(one.text).toContain('file_size_exceeded');
    expect(one.status).toBe(422);
  });

  it('have files that fill the limit', async () => {
    const body = multipart([
      ['files[]', { name: 'a.png', contents: PIXEL }],
      ['files[]', file(UPLOAD_LIMIT - PIXEL.length)],
    ]);
    expect((await owner.call('POST', IMAGE, { body })).status).toBe(200);
  });

  it('may have ten files, of any size where they are let go', async () => {
    const files = (count: number) =>
      multipart(Array.from({ length: count }, () => ['f', file(UPLOAD_LIMIT)] as const));
    expect((await owner.call('POST', STOP, { body: files(10) })).status).toBe(202);
    expect((await owner.call('POST', STOP, { body: files(11) })).status).toBe(413);
  });
});
