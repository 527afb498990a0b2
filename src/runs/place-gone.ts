/** Whoever archives or deletes something stops what runs there; past this time he is taken for dead. */
export const STOPS_WHAT_RUNS_SECONDS = 10;

/**
 * SQL text: since when the workfile of a run, its workspace, a data source of it or the person who asked for it is archived
 * or deleted; null while all are there.
 */
export function placeGoneSince(run: string): string {
  return `(SELECT least(file.deleted_at, space.deleted_at, space.archived_at, person.deleted_at,
      (SELECT min(source.deleted_at) FROM data_sources source WHERE source.id = ANY (${run}.data_source_ids)))
    FROM workfiles file JOIN workspaces space ON space.id = file.workspace_id
    JOIN users person ON person.id = ${run}.requested_by WHERE file.id = ${run}.workfile_id)`;
}
