import { query, type TestServer } from './test-server.js';

const WORKSPACE = 1_000_008;

/**
 * Workflows in the data source `Owners`, all with one document.
 * @returns their ids
 */
export async function storeFlows(
  server: Pick<TestServer, 'url'>,
  count: number,
  afm: string,
  workspaceId = WORKSPACE,
): Promise<number[]> {
  const rows = await query<{ id: number }>(
    server.url,
    `WITH made AS (
       INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type)
       SELECT 'workflow', $2, 1000006, 'many ' || gen_random_uuid(), 'work_flow' FROM generate_series(1, $1)
       RETURNING id
     ), flows AS (
       INSERT INTO workfile_flows (workfile_id, afm) SELECT id, $3 FROM made
     ), places AS (
       INSERT INTO workfile_execution_locations (workfile_id, database_id)
       SELECT made.id, place.database_id FROM made, workfile_execution_locations place
       WHERE place.workfile_id = 1000005
     )
     SELECT id FROM made ORDER BY id`,
    [count, workspaceId, afm],
  );
  return rows.map(({ id }) => id);
}
