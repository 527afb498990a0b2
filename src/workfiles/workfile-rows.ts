import type { EntityManager } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import { ValidationFailed } from '../common/errors/domain-error.js';
import { firstCharacters } from '../common/first-characters.js';
import type { WorkfileKind } from './workfile.entity.js';

export interface NewRow {
  readonly kind: WorkfileKind;
  readonly workspaceId: number;
  readonly ownerId: number;
  readonly fileName: string;
  readonly fileType: string;
  readonly description: string | null;
  readonly linkUrl?: string;
  readonly executionSchemaId?: number | null;
  readonly datasetIds?: readonly number[];
}

const MAX_NAME = 255;
/** Longer "extensions" are none. */
const MAX_EXTENSION = 100;
const NUMBERS_AT_ONCE = 1000;

/**
 * Inserts a workfile under its name, or, if it may be renamed, under the first free `_1`, `_2` … Two who want the same
 * name at the same time are ordered by its unique index: the second waits for the first, and then sees it. Records
 * the activity.
 * @returns its id
 * @throws ValidationFailed when the name is taken
 */
export async function insertWorkfile(
  tx: EntityManager,
  row: NewRow,
  renames: boolean,
): Promise<number> {
  let id = await insert(tx, row, row.fileName);
  while (id === null) {
    if (!renames) throw new NameTaken();
    id = await insert(tx, row, await freeName(tx, row.workspaceId, row.fileName));
  }
  await recordActivity(tx, {
    action: 'WorkfileCreated',
    actorId: row.ownerId,
    workspaceId: row.workspaceId,
    targets: [{ type: 'workfile', id }],
    data: { commit_message: row.description },
  });
  return id;
}

/** Another live workfile of the workspace has the name: 422 (chorus-api.md 9.2). */
export class NameTaken extends ValidationFailed {
  constructor() {
    super({ file_name: { TAKEN: {} } });
  }
}

async function insert(tx: EntityManager, row: NewRow, fileName: string): Promise<number | null> {
  const [created] = await tx.query<{ id: number }[]>(
    `INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type, description, link_url,
       execution_schema_id, chosen_dataset_ids)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id`,
    [
      row.kind,
      row.workspaceId,
      row.ownerId,
      fileName,
      row.fileType,
      row.description,
      row.linkUrl ?? null,
      row.executionSchemaId ?? null,
      row.datasetIds ?? [],
    ],
  );
  return created?.id ?? null;
}

/** With the lowest number that is free, before the last dot (entities.md 4.1). */
async function freeName(tx: EntityManager, workspaceId: number, name: string): Promise<string> {
  const [stem, extension] = split(name);
  for (let first = 1; ; first += NUMBERS_AT_ONCE) {
    const names = Array.from({ length: NUMBERS_AT_ONCE }, (_, i) => {
      const end = `_${first + i}${extension}`;
      return firstCharacters(stem, MAX_NAME - end.length) + end;
    });
    const [free] = await tx.query<{ name: string }[]>(
      `SELECT name FROM unnest($2::text[]) WITH ORDINALITY AS wanted (name, i) WHERE NOT EXISTS (
         SELECT FROM workfiles wf WHERE wf.workspace_id = $1 AND wf.file_name = name
           AND wf.deleted_at IS NULL AND wf.kind <> 'published_worklet')
       ORDER BY i LIMIT 1`,
      [workspaceId, names],
    );
    if (free !== undefined) return free.name;
  }
}

/** `a.tar.gz` → `a.tar`, `.gz`; a name that only begins with a dot has no extension. */
function split(name: string): readonly [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  return dot < 1 || name.length - dot > MAX_EXTENSION
    ? [name, '']
    : [name.slice(0, dot), name.slice(dot)];
}
