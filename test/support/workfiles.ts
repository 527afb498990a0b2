import { query, type TestServer } from './test-server.js';

export const PUBLIC = 1_000_008;
export const PRIVATE = 1_000_009;
export const ARCHIVED = 1_000_010;
const OWNER = 1_000_006;

export interface StoredWorkfile {
  readonly id: number;
  /** Null for all but files. */
  readonly versionId: number | null;
}

let made = 0;

/** A workfile of the owner, as rows. Files hold `first\n`. */
export async function aWorkfile(
  server: TestServer,
  { workspaceId = PUBLIC, kind = 'file', name = `made ${(made += 1)}.txt` } = {},
): Promise<StoredWorkfile> {
  const type = { file: 'text', workflow: 'work_flow', link: 'link' }[kind] ?? kind;
  const [row] = await query<{ id: number }>(
    server.url,
    `INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type, link_url)
     VALUES ($1::text, $2, $3, $4, $5, CASE WHEN $1::text = 'link' THEN 'https://example.com/' END) RETURNING id`,
    [kind, workspaceId, OWNER, name, type],
  );
  const id = row!.id;
  if (kind === 'workflow')
    await query(
      server.url,
      `INSERT INTO workfile_flows (workfile_id, afm) VALUES ($1, '<Process/>')`,
      [id],
    );
  if (kind !== 'file') return { id, versionId: null };
  const [version] = await query<{ id: number }>(
    server.url,
    `WITH saved AS (
       INSERT INTO workfile_versions (workfile_id, version_num, owner_id, modifier_id, file_name, content_type, size_bytes, contents)
       VALUES ($1, 1, $2, $2, $3, 'text/plain', 6, 'first'::bytea || '\\x0a') RETURNING id)
     UPDATE workfiles SET latest_version_id = saved.id FROM saved WHERE workfiles.id = $1 RETURNING saved.id`,
    [id, OWNER, name],
  );
  return { id, versionId: version!.id };
}
