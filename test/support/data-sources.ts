import pg from 'pg';
import { json } from './forms.js';
import type { Answer, TestClient } from './test-client.js';
import { storedState } from './stored-state.js';
import { query, type TestServer } from './test-server.js';
import { until } from './wait.js';

export const OWNER = 1_000_006;
export const MEMBER = 1_000_007;
export const OUTSIDER = 1_000_008;
export const ADMIN = 1_000_001;
export const DEMO_SOURCE = 1_000_002;
export const DEMO_DATABASE = 1_000_001;

export interface TestRole {
  readonly name: string;
  readonly password: string;
}

let made = 0;

/** A role of the data source that may log in. */
export async function aRole(server: TestServer, password = 'marker-4711-role'): Promise<TestRole> {
  const name = `role_${(made += 1)}`;
  await query(server.url, `CREATE ROLE ${name} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  return { name, password };
}

/** Attributes of a data source on the test server itself. */
export function attributesOf(
  server: TestServer,
  role: TestRole,
  others: object = {},
): Record<string, unknown> {
  return {
    entity_type: 'pg_data_source',
    name: `Source ${(made += 1)}`,
    host: '127.0.0.1',
    port: Number(new URL(server.url).port),
    db_name: 'default',
    db_username: role.name,
    db_password: role.password,
    ...others,
  };
}

export function create(client: TestClient, attributes: object): Promise<Answer> {
  return client.call('POST', '/api/data_sources', json(attributes));
}

const BUSY = `SELECT FROM data_sources WHERE deleted_at IS NULL AND auto_refresh AND (look_claimed_until IS NOT NULL
  OR state = 'online' AND looked_at IS NULL AND kind IN ('pg_data_source', 'gpdb_data_source'))`;

/** Waits until nothing is looked at in the background: what moves then was moved by a request. */
export async function quiet(server: TestServer): Promise<void> {
  await until('background looks', async () => (await query(server.url, BUSY)).length === 0);
}

/** What is stored once nothing moves in the background. */
export async function quietState(server: TestServer): Promise<Readonly<Record<string, string>>> {
  await quiet(server);
  return storedState(server.url);
}

/** A data source that somebody has registered. @returns its id */
export async function aDataSource(
  server: TestServer,
  client: TestClient,
  others: object = {},
): Promise<number> {
  const answer = await create(client, attributesOf(server, await aRole(server), others));
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return answer.response.id as number;
}

export function put(client: TestClient, path: string, body: object): Promise<Answer> {
  return client.call('PUT', path, json(body));
}

export function post(client: TestClient, path: string, body: unknown): Promise<Answer> {
  return client.call('POST', path, json(body));
}
