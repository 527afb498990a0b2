import { query } from './test-server.js';

// Written by the asking itself, whatever comes of it.
const ASIDE = ['sessions', 'workfile_opens', 'migrations'];

/** One line per table of the metadata that says whether anything in it has changed. */
export async function databaseDigest(url: string): Promise<Record<string, string>> {
  const tables = await query<{ name: string }>(
    url,
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> ALL ($1::text[]) ORDER BY 1`,
    [ASIDE],
  );
  const parts = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') AS digest
       FROM "${name}" t`,
  );
  const rows = await query<{ name: string; digest: string }>(url, parts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}
