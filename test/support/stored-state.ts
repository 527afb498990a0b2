import { query } from './test-server.js';

// Sessions move with every request, marks of opening with every look.
const VOLATILE = ['sessions', 'workfile_opens'];

/** Every table of the metadata with its number of rows and a checksum over them: what a refused request must not move. */
export async function storedState(url: string): Promise<Readonly<Record<string, string>>> {
  const tables = await query<{ name: string }>(
    url,
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1) ORDER BY 1`,
    [VOLATILE],
  );
  const sums = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) || ' rows, ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS sum FROM ${name} t`,
  );
  const rows = await query<{ name: string; sum: string }>(url, sums.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]));
}
