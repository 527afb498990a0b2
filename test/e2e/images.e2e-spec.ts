import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp, { type FormatEnum } from 'sharp';
import { badInputs, expectRefused } from '../support/bad-inputs.js';
import { databaseDigest } from '../support/database-digest.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const OUTSIDER = 1_000_008;
const PRIVATE = 1_000_009;
const MB = 1024 * 1024;

function picture(format: keyof FormatEnum, width = 200, height = 100): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .toFormat(format)
    .toBuffer();
}

function form(bytes: Buffer, name: string, type = 'image/png'): FormData {
  const body = new FormData();
  body.append('files[]', new Blob([new Uint8Array(bytes)], { type }), name);
  return body;
}

// Columns: address of the picture; who may set it; whose document shows it.
describe.each([
  {
    what: 'a user',
    path: `/api/users/${OUTSIDER}`,
    folder: 'users',
    id: '001/000/008',
    role: 'outsider',
  },
  {
    what: 'a workspace',
    path: `/api/workspaces/${PRIVATE}`,
    folder: 'workspaces',
    id: '001/000/009',
    role: 'owner',
  },
])('the picture of $what', ({ path, folder, id, role }) => {
  let server: TestServer;
  let app: TestApp;
  let client: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    client = await app.as(role);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const upload = (body: FormData) => client.call('POST', `${path}/image`, { body });
  const image = (answer: Answer) => (answer.json ?? JSON.parse(answer.text)).response;
  const bytesAt = async (url: string) => {
    const answer = await fetch(app.url + url, { headers: { cookie: client.cookie ?? '' } });
    return {
      type: answer.headers.get('content-type'),
      bytes: Buffer.from(await answer.arrayBuffer()),
      status: answer.status,
    };
  };

  it.each(['png', 'jpeg', 'gif', 'webp'] as const)(
    'is stored as it came, with a thumbnail: %s',
    async (format) => {
      const bytes = await picture(format);
      const answer = await upload(form(bytes, `me é.${format}`, 'application/x-nonsense'));
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const printed = image(answer);
      const address = (style: string) =>
        expect.stringMatching(
          new RegExp(
            `^/paperclip/${folder}/images/${id}/${style}/me%20%C3%A9\\.${format}\\?\\d{10}$`,
          ),
        );
      expect(printed).toEqual({
        original: address('original'),
        icon: address('icon'),
        entity_type: 'image',
        complete_json: true,
      });
      expect((await client.get(path)).response.image).toEqual(printed);
      expect((await client.get(path)).response.image).toEqual(printed);
      for (const url of [printed.original, `${path}/image`, `${path}/image?style=original`])
        expect(await bytesAt(url)).toEqual({ status: 200, type: `image/${format}`, bytes });
      for (const url of [printed.icon, `${path}/image?style=icon`]) {
        const icon = await bytesAt(url);
        expect(icon.type).toBe(`image/${format}`);
        expect(await sharp(icon.bytes).metadata()).toMatchObject({ format, width: 50, height: 25 });
      }
      expect((await client.get(`${path}/image?style=poster`)).status).toBe(404);
    },
  );

  it('has a new address after each upload, also within a second', async () => {
    const addresses = [];
    for (let i = 0; i < 3; i += 1)
      addresses.push(image(await upload(form(await picture('png'), 'a.png'))).original);
    expect(new Set(addresses).size).toBe(3);
  });

  it('is turned as the camera says, and not enlarged', async () => {
    const lying = await sharp(await picture('jpeg'))
      .withMetadata({ orientation: 6 })
      .toBuffer();
    await upload(form(lying, 'a.jpg'));
    const { bytes } = await bytesAt(`${path}/image?style=icon`);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 25, height: 50 });
    await upload(form(await picture('png', 10, 8), 'small.png'));
    const small = await bytesAt(`${path}/image?style=icon`);
    expect(await sharp(small.bytes).metadata()).toMatchObject({ width: 10, height: 8 });
  });

  it.each([
    '..',
    '.',
    '../../etc/passwd',
    'a/b\\c.png',
    ' \u0001 ',
    '%2e%2e',
    `${'𝄐'.repeat(300)}.png`,
    '<b>&"\'.png',
  ])('has an address that works, whatever the file is called: %s', async (name) => {
    const bytes = await picture('png');
    const answer = await upload(form(bytes, name));
    expect(answer.status).toBe(200);
    const printed = image(answer);
    expect(answer.text).not.toMatch(/[<&]/);
    expect((await bytesAt(printed.original)).bytes).toEqual(bytes);
    expect((await client.get(path)).response.image).toEqual(printed);
  });

  it('is for those who may see whose it is', async () => {
    const printed = image(await upload(form(await picture('png'), 'a.png')));
    const seen = [];
    for (const name of ['chorusadmin', 'member', 'outsider']) {
      const other = await app.as(name);
      seen.push([
        (await other.get(printed.original)).status,
        (await other.get(`${path}/image`)).status,
      ]);
    }
    const strangers = folder === 'users' ? 200 : 403;
    expect(seen).toEqual([
      [200, 200],
      [200, 200],
      [strangers, strangers],
    ]);
    expect((await app.anonymous.get(printed.original)).status).toBe(401);
  });

  it('takes the first of several files', async () => {
    const [first, second] = [await picture('png'), await picture('gif')];
    const body = form(first, 'first.png');
    body.append('files[]', new Blob([new Uint8Array(second)]), 'second.gif');
    expect((await upload(body)).status).toBe(200);
    expect((await bytesAt(`${path}/image`)).bytes).toEqual(first);
  });

  describe('is refused, and the old one stays,', () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    );
    const bomb = () =>
      sharp({ create: { width: 16_000, height: 8000, channels: 3, background: 'black' } })
        .png({ compressionLevel: 9 })
        .toBuffer();
    const NO_IMAGE = { image_content_type: { INVALID: {} } };
    const TOO_LARGE = {
      image_file_size: { LESS_THAN: { message: 'file_size_exceeded', count: '5242880 Bytes' } },
    };
    it.each([
      ['text with the name of a picture', () => form(Buffer.from('hello'), 'a.png'), NO_IMAGE],
      ['an empty file', () => form(Buffer.alloc(0), 'a.png'), NO_IMAGE],
      ['SVG', () => form(svg, 'a.svg', 'image/svg+xml'), NO_IMAGE],
      ['HTML that begins as a GIF', () => form(Buffer.from('GIF89a<script>'), 'a.gif'), NO_IMAGE],
      ['TIFF', async () => form(await picture('tiff'), 'a.png'), NO_IMAGE],
      [
        'half a picture',
        async () => form((await picture('jpeg', 900, 900)).subarray(0, 900), 'a.jpg'),
        NO_IMAGE,
      ],
      ['a picture of too many pixels', async () => form(await bomb(), 'a.png'), NO_IMAGE],
      ['more than 5 MB', () => form(Buffer.alloc(5 * MB + 1), 'a.png'), TOO_LARGE],
      ['more than any upload', () => form(Buffer.alloc(21 * MB), 'a.png'), TOO_LARGE],
    ])('%s', async (_title, body, fields) => {
      const before = await databaseDigest(server.url);
      const answer = await upload(await body());
      expect(answer.json).toEqual({ errors: { fields } });
      expect(answer.status).toBe(422);
      expect(await databaseDigest(server.url)).toEqual(before);
    });

    it('whatever else is sent', async () => {
      const bad = badInputs({
        good: {},
        texts: { files: null },
        flags: ['files'],
        lists: ['files'],
      });
      await expectRefused(server, client, ['POST', `${path}/image`], bad);
    });

    it('no file at all', async () => {
      const empty = new FormData();
      empty.set('files[]', 'a text');
      for (const answer of [
        await upload(empty),
        await client.json('POST', `${path}/image`, { files: [{ contents: 'x' }] }),
        await client.post(`${path}/image`, { 'files[]': 'x' }),
      ])
        expect([answer.status, answer.json]).toEqual([
          422,
          { errors: { fields: { image: { BLANK: {} } } } },
        ]);
    });
  });
});
