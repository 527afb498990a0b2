import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists without published touchpoints skip to a page far behind without reading the rows before it, as the others do. */
export class ListedKinds1795820000000 implements MigrationInterface {
  readonly name = 'ListedKinds1795820000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(lists('file_name, kind', 'kind'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(lists('file_name', null));
  }
}

/** Makes the indexes of the lists anew. @param byName, byDate columns they carry besides those they sort by */
function lists(byName: string, byDate: string | null): string {
  const include = (columns: string | null) => (columns === null ? '' : `INCLUDE (${columns})`);
  return `
    DROP INDEX workfiles_list_by_name_idx, workfiles_list_by_date_idx, workfiles_list_of_type_by_name_idx,
      workfiles_list_of_type_by_date_idx;
    CREATE INDEX workfiles_list_by_name_idx ON workfiles (workspace_id, lower(file_name), id)
      ${include(byName)} WHERE deleted_at IS NULL;
    CREATE INDEX workfiles_list_by_date_idx ON workfiles (workspace_id, user_modified_at DESC, id DESC)
      ${include(byDate)} WHERE deleted_at IS NULL;
    CREATE INDEX workfiles_list_of_type_by_name_idx ON workfiles (workspace_id, file_type, lower(file_name), id)
      ${include(byName)} WHERE deleted_at IS NULL;
    CREATE INDEX workfiles_list_of_type_by_date_idx ON workfiles (workspace_id, file_type, user_modified_at DESC, id DESC)
      ${include(byDate)} WHERE deleted_at IS NULL;`;
}
