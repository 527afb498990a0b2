import { query, type TestServer } from './test-server.js';

/** Ids of what `addDatabase` makes. */
export const SECOND_DATABASE = 1_000_901;
export const ELSEWHERE_DATABASE = 1_000_902;
const OWNERS = 1_000_002;
const ELSEWHERE = 1_000_903;

/**
 * Adds two databases to a workfile's execution locations, besides the one it has: `second` of the same data source
 * `Owners`, and `third` of a data source `Elsewhere`. Both have a schema `kept` of the account's role.
 * @returns superuser URLs by name of the database
 */
export async function addDatabases(
  server: TestServer,
  workfileId: number,
): Promise<{ readonly second: string; readonly third: string }> {
  const urls = { second: '', third: '' };
  for (const name of ['second', 'third'] as const) {
    await query(server.url, `CREATE DATABASE ${name}`);
    urls[name] = server.url.replace(/fermata$/, name);
    await query(urls[name], 'CREATE SCHEMA kept AUTHORIZATION fermata_demo');
  }
  await query(
    server.url,
    `INSERT INTO data_sources (id, kind, name, host, port, owner_id, state)
     SELECT $2, 'pg_data_source', 'Elsewhere', host, port, owner_id, state FROM data_sources WHERE id = $1`,
    [OWNERS, ELSEWHERE],
  );
  await query(
    server.url,
    `INSERT INTO data_source_accounts (data_source_id, owner_id, db_username, db_password_encrypted)
     SELECT $2, owner_id, db_username, db_password_encrypted FROM data_source_accounts WHERE data_source_id = $1`,
    [OWNERS, ELSEWHERE],
  );
  await query(
    server.url,
    `INSERT INTO databases (id, data_source_id, name) VALUES ($1, $2, 'second'), ($3, $4, 'third')`,
    [SECOND_DATABASE, OWNERS, ELSEWHERE_DATABASE, ELSEWHERE],
  );
  await query(
    server.url,
    `INSERT INTO workfile_execution_locations (workfile_id, database_id) VALUES ($1, $2), ($1, $3)`,
    [workfileId, SECOND_DATABASE, ELSEWHERE_DATABASE],
  );
  return urls;
}
