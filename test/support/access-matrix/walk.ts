import { expect } from '@jest/globals';
import { databaseDigest } from '../database-digest.js';
import type { Answer, CallOptions, TestClient } from '../test-client.js';
import { type Actor, HIDDEN, type World } from './world.js';
import type { Row } from './table.js';

/** What a route is asked with: values for the `{…}` of its path, and the rest of a request that is valid. */
export interface Asked extends CallOptions {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  /** Instead of the actor's own. */
  readonly client?: TestClient;
}

/** A column of a table: who asks, and what the thing asked for is like. */
export interface Column<Place> {
  readonly actor: Actor;
  readonly place: Place;
}

/** Makes a fresh thing, and the request about it. */
export type Request<Place> = (column: Column<Place>) => Promise<Asked> | Asked;

export interface Walk<Place> {
  readonly world: World;
  readonly columns: Readonly<Record<string, Column<Place>>>;
  /** By the keys of the rows. */
  readonly requests: Readonly<Record<string, Request<Place>>>;
  /** Waits for what goes on in the background: what moves afterwards was moved by a request. */
  readonly settle?: () => Promise<void>;
  /** What must be in the answer of a column that is refused; by default as `chorus-api.md` 3 has it for the row's rule. */
  readonly refusal?: (row: Row, column: string, asked: Asked, answer: Answer) => void;
}

interface Cell {
  readonly column: string;
  readonly expected: string;
  readonly asked: Asked;
}

const UNKNOWN_PROCESS = ['invalid processID or workflow already stopped.\n', 'false'];

/**
 * Walks the cells of one row. Everything is made first; then those ask who are to be refused, and nothing may have moved
 * in the database; then the others.
 */
export async function walk<Place>(row: Row, matrix: Walk<Place>): Promise<void> {
  const { world, columns, requests } = matrix;
  const request = requests[row.key];
  if (request === undefined) throw new Error(`nobody knows how to ask ${row.key}`);
  const cells: Cell[] = [];
  for (const [column, expected] of Object.entries(row.cells)) {
    const about = columns[column];
    if (about === undefined) throw new Error(`no column ${column}`);
    cells.push({ column, expected, asked: await request(about) });
  }
  const seen: Record<string, string> = {};
  const send = async ({ column, expected, asked }: Cell) => {
    const client = world.as(columns[column]!.actor);
    const answer = await ask(row, client, asked);
    seen[column] = verdict(answer, expected);
    if (!isRefusal(expected) || seen[column] !== expected) return;
    if (row.method === 'GET') {
      const head = await ask({ ...row, method: 'HEAD' }, client, asked);
      expect([row.key, column, head.status]).toEqual([row.key, column, answer.status]);
    }
    expect(answer.text).not.toContain(HIDDEN);
    if (answer.status >= 400) (matrix.refusal ?? refusalOf)(row, column, asked, answer);
  };
  await matrix.settle?.();
  const before = await databaseDigest(world.server.url);
  for (const cell of cells.filter(({ expected }) => isRefusal(expected))) await send(cell);
  const changed = await databaseDigest(world.server.url);
  for (const cell of cells.filter(({ expected }) => !isRefusal(expected))) await send(cell);
  expect(seen).toEqual(row.cells);
  expect(changed).toEqual(before);
}

/** Sends the request of a row. */
export function ask(row: Row, client: TestClient, asked: Asked): Promise<Answer> {
  return (asked.client ?? client).call(row.method, pathOf(row, asked), asked);
}

/** The documented bodies of refusals (chorus-api.md 3). */
export function refusalOf(row: Row, _column: string, _asked: Asked, answer: Answer): void {
  if (answer.status === 401) expect(answer.json).toEqual({});
  if (answer.status === 403)
    expect(answer.json).toEqual(row.rule === 'administrator' ? {} : { errors: { model_data: {} } });
  if (answer.status === 404) expect(answer.json).toEqual({ errors: { record: 'NOT_FOUND' } });
  if (answer.status === 422) expect(answer.text).toContain('"ARCHIVED"');
}

function isRefusal(expected: string): boolean {
  return expected === 'unknown' || Number(expected) >= 400;
}

/** The expected text when the answer is that; else what there was instead. */
function verdict({ status, text }: Answer, expected: string): string {
  if (expected === 'unknown' && status === 200 && UNKNOWN_PROCESS.includes(text)) return expected;
  return String(status) === expected ? expected : `${status} ${text.slice(0, 300)}`;
}

function pathOf({ key, path }: Row, { path: values = {}, query = '' }: Asked): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${key}: nothing for ${name}`);
    return encodeURIComponent(value);
  });
  return filled + query;
}
