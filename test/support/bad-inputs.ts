import { expect } from '@jest/globals';
import { databaseDigest } from './database-digest.js';
import type { Answer, CallOptions, TestClient } from './test-client.js';
import type { TestServer } from './test-server.js';

type Fields = Readonly<Record<string, unknown>>;

/** The attributes of a route that writes, by what may be wrong with them. */
export interface WritableAttributes {
  /** A request that would be taken. */
  readonly good: Fields;
  /** Must be there and not blank. */
  readonly required?: readonly string[];
  /** Texts with their longest length; null: no limit that a body could reach. */
  readonly texts?: Readonly<Record<string, number | null>>;
  readonly flags?: readonly string[];
  /** One of a few words. */
  readonly choices?: readonly string[];
  /** Ids of other records. */
  readonly ids?: readonly string[];
  /** Lists. */
  readonly lists?: readonly string[];
  /** Values that somebody else has. */
  readonly taken?: Fields;
  /** What only this route can say is wrong, by title. */
  readonly others?: Readonly<Record<string, Fields>>;
}

export interface BadInput {
  readonly title: string;
  readonly options: CallOptions;
  /** Instead of the route's own. */
  readonly path?: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const MULTIPART = { 'content-type': 'multipart/form-data; boundary=b' };
const LONGER_THAN_ANY = 70_000;

/** Requests that must be refused whoever sends them: at least twenty for any route with a text. */
export function badInputs(attributes: WritableAttributes): BadInput[] {
  const {
    good,
    required = [],
    texts = {},
    flags = [],
    choices = [],
    ids = [],
    lists = [],
  } = attributes;
  const json = (title: string, fields: Fields): BadInput => ({
    title,
    options: { headers: JSON_TYPE, body: JSON.stringify({ ...good, ...fields }) },
  });
  const each = (names: readonly string[], values: Readonly<Record<string, unknown>>) =>
    names.flatMap((name) =>
      Object.entries(values).map(([title, value]) => json(`${name}: ${title}`, { [name]: value })),
    );
  const textNames = Object.keys(texts);
  const [text = 'name'] = textNames;
  const wrongTexts = { 'an object': { a: 'b' }, 'a list': ['a'], 'a boolean': true, 'a number': 7 };
  return [
    ...unreadable(text, good),
    ...each(required, { empty: '', 'white space': ' \t ' }),
    ...each([...textNames, ...flags, ...choices, ...ids, ...lists], {
      'an object with a constructor': { constructor: 1 },
    }),
    ...each(textNames, { ...wrongTexts, 'with NUL': 'a\0b', 'with half a character': '\ud800' }),
    ...Object.entries(texts).flatMap(([name, max]) => [
      json(`${name}: too long`, { [name]: 'x'.repeat((max ?? LONGER_THAN_ANY) + 1) }),
      json(`${name}: too long, though it shows as half as many characters`, {
        [name]: '☺\ufe0f'.repeat(max ?? LONGER_THAN_ANY),
      }),
    ]),
    ...each(flags, {
      'no boolean': 'maybe',
      'another number': 2,
      'an object': {},
      'a list': [true],
    }),
    ...each(choices, { unknown: 'nonsense', 'a number': 7, 'an object': {}, 'a list': [[]] }),
    ...each(ids, {
      'no number': 'abc',
      negative: -1,
      zero: 0,
      'a fraction': 1.5,
      huge: 1e30,
      'huge digits': '9'.repeat(40),
      'an object': {},
      'nobody’s': 2_147_483_646,
      'beyond integers': 2_147_483_648,
    }),
    ...each(lists, {
      'a text': 'abc',
      'an object in it': [{}],
      'a list in it': [[1]],
      'null in it': [null],
    }),
    ...Object.entries(attributes.taken ?? {}).map(([name, value]) =>
      json(`${name}: taken`, { [name]: value }),
    ),
    ...Object.entries(attributes.others ?? {}).map(([title, fields]) => json(title, fields)),
  ];
}

/** What names no record, as part of a path. */
const NO_IDS = {
  'no number': 'abc',
  negative: '-1',
  zero: '0',
  'a fraction': '1.5',
  'a power': '1e6',
  hexadecimal: '0x10',
  'with a plus': '%2B1000004',
  'with a blank': '1000004%20',
  'of other digits': '%D9%A1%D9%A2',
  'nobody’s': '2147483646',
  'beyond integers': '2147483648',
  'huge digits': '9'.repeat(40),
  NUL: '%00',
  'not UTF-8': '%E9',
  'SQL in it': "1'%20OR%20'1'='1",
  'a path in it': '..%2F1',
  'an emoji': '%F0%9F%98%80',
};

/**
 * Addresses that name nothing, and queries that cannot be read.
 * @param path with its parameters in braces
 * @param values good ones for the parameters
 * @param free parameters that may be anything
 */
export function badAddresses(
  path: string,
  values: Readonly<Record<string, string | number>>,
  free: readonly string[] = [],
): BadInput[] {
  const good = addressOf(path, values);
  const names = Object.keys(values).filter((name) => !free.includes(name));
  return [
    ...names.flatMap((name) =>
      Object.entries(NO_IDS).map(([title, value]) => ({
        title: `{${name}}: ${title}`,
        path: addressOf(path, { ...values, [name]: value }),
        options: {},
      })),
    ),
    ...['a=%00', 'a=%E9', 'x[]=1&'.repeat(10_001)].map((query) => ({
      title: `a query that cannot be read: ${query.slice(0, 5)}`,
      path: `${good}?${query}`,
      options: {},
    })),
  ];
}

export function addressOf(path: string, values: Readonly<Record<string, string | number>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

/** Bodies that cannot be read, with otherwise good attributes. */
function unreadable(name: string, good: Fields): BadInput[] {
  const start = JSON.stringify(good).slice(0, -1) + (Object.keys(good).length > 0 ? ',' : '');
  const fields = new URLSearchParams();
  for (const [key, value] of Object.entries(good)) fields.append(key, String(value));
  const form = fields.toString();
  const part = (value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const input = (
    title: string,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer,
  ) => ({
    title,
    options: { headers, body },
  });
  return [
    input('broken JSON', JSON_TYPE, start),
    input('deep JSON', JSON_TYPE, `${start}"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
    input('JSON that is not UTF-8', JSON_TYPE, Buffer.from(`${start}"${name}":"\xe9"}`, 'latin1')),
    input('JSON with something after it', JSON_TYPE, `${JSON.stringify(good)} x`),
    input('no JSON', JSON_TYPE, 'NaN'),
    input('JSON with NUL in a name', JSON_TYPE, `${start}"a\\u0000b":1}`),
    input('JSON with half a character', JSON_TYPE, `${start}"${name}":"\\udfff"}`),
    input('JSON beyond any limit', JSON_TYPE, `${start}"x":"${'x'.repeat(1_100_000)}"}`),
    input('a form with NUL', FORM_TYPE, `${form}&${name}=a%00b`),
    input('a form with NUL in a name', FORM_TYPE, `${form}&a%00b=1`),
    input('a form that is Latin 1', FORM_TYPE, Buffer.from(`${form}&${name}=\xe9`, 'latin1')),
    input('a form that is not UTF-8', FORM_TYPE, `${form}&${name}=%ff%fe`),
    input('too many form fields', FORM_TYPE, `${form}&${'x[]=1&'.repeat(10_001)}`),
    input('broken multipart', MULTIPART, part('a')),
    input('multipart without boundary', { 'content-type': 'multipart/form-data' }, part('a')),
    input('multipart with NUL', MULTIPART, `${part('a\0b')}--b--\r\n`),
    input(
      'multipart that is Latin 1',
      MULTIPART,
      Buffer.from(`${part('\xe9')}--b--\r\n`, 'latin1'),
    ),
    input('multipart in the middle of a header', MULTIPART, '--b\r\nContent-Dispo'),
    input(
      'multipart with a prototype',
      MULTIPART,
      `${part('a').replace(`"${name}"`, '"__proto__"')}--b--\r\n`,
    ),
  ];
}

/**
 * Sends all of them. Each must be refused as the sender's mistake, without a word of SQL, and none may change anything.
 * @returns the answers by title, for what else a spec wants to know
 */
export async function expectRefused(
  server: TestServer,
  client: TestClient,
  [method, path]: readonly [method: string, path: string],
  inputs: readonly BadInput[],
): Promise<Map<string, Answer>> {
  expect(inputs.length).toBeGreaterThanOrEqual(20);
  const before = await databaseDigest(server.url);
  const answers = new Map<string, Answer>();
  const wrong: string[] = [];
  for (const { title, options, path: other = path } of inputs) {
    const answer = await client.call(method, other, options);
    answers.set(title, answer);
    const refused =
      [400, 404, 413, 422, 431].includes(answer.status) && answer.json?.errors !== undefined;
    const leaks = /\b(select|insert|update|syntax error|constraint|violates|relation|pg_\w+)\b/i;
    if (!refused || leaks.test(answer.text))
      wrong.push(`${title}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  expect(wrong).toEqual([]);
  expect(await databaseDigest(server.url)).toEqual(before);
  return answers;
}
