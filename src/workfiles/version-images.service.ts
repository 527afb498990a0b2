import { Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { readStored, STORED_FILE, type StoredFile } from './file-contents.js';
import type { Download } from './workfile-downloads.service.js';
import { WorkfilesService } from './workfiles.service.js';

interface ImageRow extends StoredFile, Record<string, unknown> {
  readonly workfileId: number;
  readonly fileName: string;
  readonly icon: Buffer | null;
}

const OWNER = {
  name: 'workfile-of-version',
  text: `SELECT workfile_id AS "workfileId" FROM workfile_versions WHERE id = $1`,
};
const IMAGE = {
  name: 'workfile-version-image',
  text: `SELECT ${STORED_FILE}, saved.workfile_id AS "workfileId", saved.file_name AS "fileName", saved.icon
    FROM workfile_versions saved WHERE saved.id = $1`,
};

/** The addresses that `version_info` prints as `content_url` and `icon_url` (chorus-api.md 5.10). */
@Injectable()
export class VersionImages {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workfiles: WorkfilesService,
  ) {}

  /** @throws RecordNotFound also for the icon of what has none; AccessDenied by rule *see* */
  async get(versionId: number, style: string, viewer: Viewer): Promise<Download> {
    const [owner] = await queryPrepared<{ workfileId: number }>(this.orm, OWNER, [versionId]);
    if (owner === undefined) throw new RecordNotFound();
    await this.workfiles.getVisible(owner.workfileId, viewer);
    const [image] = await queryPrepared<ImageRow>(this.orm, IMAGE, [versionId]);
    if (image === undefined) throw new RecordNotFound();
    const { fileName, icon } = image;
    if (style === 'original')
      return {
        fileName,
        contentType: image.contentType,
        sizeBytes: image.sizeBytes,
        contents: Readable.from(readStored(this.orm, image), { objectMode: false }),
      };
    if (style !== 'icon' || icon === null) throw new RecordNotFound();
    const contents = Readable.from([icon]);
    return { fileName, contentType: 'image/png', sizeBytes: icon.length, contents };
  }
}
