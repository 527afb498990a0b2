import type { DataSource as OrmDataSource, EntityManager } from 'typeorm';
import type { Bytes } from '../common/http/spooled-file.js';
import { queryPrepared } from '../common/sql/prepared.js';

/** Of a version's own row, and of each further one. */
const PART_BYTES = 1_048_576;

export interface NewVersion {
  readonly workfileId: number;
  readonly versionNum: number;
  readonly ownerId: number;
  readonly commitMessage: string | null;
  readonly fileName: string;
  readonly contentType: string;
  readonly contents: Bytes;
  readonly icon: Buffer | null;
}

/** A stored version, to be read piece by piece. */
export interface StoredFile {
  readonly versionId: number;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly head: Buffer;
  /** Moves when the version is overwritten in place. */
  readonly stamp: string;
}

/** @returns the version's id; it is the latest from now on */
export async function insertVersion(tx: EntityManager, version: NewVersion): Promise<number> {
  const { contents } = version;
  const [saved] = await tx.query<{ id: number }[]>(
    `INSERT INTO workfile_versions (workfile_id, version_num, owner_id, modifier_id, commit_message, file_name,
       content_type, size_bytes, contents, icon)
     VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
    [
      version.workfileId,
      version.versionNum,
      version.ownerId,
      version.commitMessage,
      version.fileName,
      version.contentType,
      contents.sizeBytes,
      await contents.read(0, PART_BYTES),
      version.icon,
    ],
  );
  const id = saved?.id ?? 0;
  await insertParts(tx, id, contents);
  await tx.query('UPDATE workfiles SET latest_version_id = $2 WHERE id = $1', [
    version.workfileId,
    id,
  ]);
  return id;
}

/** Puts other contents into a version that is there. */
export async function overwriteVersion(
  tx: EntityManager,
  versionId: number,
  { modifierId, contentType, contents, icon }: OverwrittenVersion,
): Promise<void> {
  await tx.query('DELETE FROM workfile_version_parts WHERE version_id = $1', [versionId]);
  await tx.query(
    `UPDATE workfile_versions SET modifier_id = $2, content_type = $3, size_bytes = $4, contents = $5, icon = $6,
       updated_at = clock_timestamp() WHERE id = $1`,
    [
      versionId,
      modifierId,
      contentType,
      contents.sizeBytes,
      await contents.read(0, PART_BYTES),
      icon,
    ],
  );
  await insertParts(tx, versionId, contents);
}

export interface OverwrittenVersion {
  readonly modifierId: number;
  readonly contentType: string;
  readonly contents: Bytes;
  readonly icon: Buffer | null;
}

async function insertParts(tx: EntityManager, versionId: number, contents: Bytes): Promise<void> {
  for (let position = 1; position * PART_BYTES < contents.sizeBytes; position += 1)
    await tx.query(
      'INSERT INTO workfile_version_parts (version_id, position, contents) VALUES ($1, $2, $3)',
      [versionId, position, await contents.read(position * PART_BYTES, PART_BYTES)],
    );
}

/** Columns of version `saved` that make a `StoredFile`. */
export const STORED_FILE = `saved.id AS "versionId", saved.size_bytes AS "sizeBytes",
  saved.content_type AS "contentType", saved.contents AS head, saved.updated_at::text AS stamp`;

const PART = {
  name: 'workfile-version-part',
  text: `SELECT part.contents FROM workfile_version_parts part JOIN workfile_versions saved ON saved.id = part.version_id
    WHERE part.version_id = $1 AND part.position = $2 AND saved.updated_at = $3::timestamptz`,
};

/**
 * The bytes of a version, a MiB at a time and without holding a connection in between. What is overwritten or deleted
 * meanwhile ends with an error, never with a mixture.
 */
export async function* readStored(
  orm: OrmDataSource,
  { versionId, sizeBytes, head, stamp }: StoredFile,
): AsyncGenerator<Buffer> {
  yield head;
  for (let sent = head.length, position = 1; sent < sizeBytes; position += 1) {
    const [part] = await queryPrepared<{ contents: Buffer }>(orm, PART, [
      versionId,
      position,
      stamp,
    ]);
    if (part === undefined) throw new Error('the version was changed while it was read');
    sent += part.contents.length;
    yield part.contents;
  }
}
