import { Inject, Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { readStored, STORED_FILE, type StoredFile } from './file-contents.js';
import { WorkfilesService } from './workfiles.service.js';

/** Bytes on their way to a client. */
export interface Download {
  readonly fileName: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly contents: Readable;
}

interface FlowOrDraft {
  readonly afm: string | null;
  readonly draft: string | null;
  readonly latestVersionId: number | null;
  readonly contentType: string | null;
}

const FLOW_OR_DRAFT = {
  name: 'workfile-flow-or-draft',
  text: `SELECT flow.afm, draft.content AS draft, wf.latest_version_id AS "latestVersionId",
      saved.content_type AS "contentType"
    FROM workfiles wf LEFT JOIN workfile_flows flow ON flow.workfile_id = wf.id
    LEFT JOIN workfile_drafts draft ON draft.workfile_id = wf.id AND draft.owner_id = $2
    LEFT JOIN workfile_versions saved ON saved.id = wf.latest_version_id WHERE wf.id = $1`,
};
const STORED = {
  name: 'workfile-stored',
  text: `SELECT ${STORED_FILE} FROM workfile_versions saved WHERE saved.workfile_id = $1 AND saved.id = $2`,
};

/** What workfiles hold, as files (chorus-api.md 9.7). */
@Injectable()
export class WorkfileDownloads {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workfiles: WorkfilesService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * A workflow's document; of a file the viewer's draft if he has one, else the version asked for, else the latest.
   * @param versionId undefined: not asked for; null names nothing
   * @throws RecordNotFound also for a link or touchpoint; AccessDenied by rule *see*
   */
  async download(
    id: number,
    versionId: number | null | undefined,
    viewer: Viewer,
  ): Promise<Download> {
    const { fileName } = await this.workfiles.getVisible(id, viewer);
    const [found] = await queryPrepared<FlowOrDraft & Record<string, unknown>>(
      this.orm,
      FLOW_OR_DRAFT,
      [id, viewer.id],
    );
    const name = this.config.downloadPrefix + fileName;
    if (found?.afm) return text(`${name}.afm`, 'application/xml; charset=utf-8', found.afm);
    const { draft = null, contentType = null, latestVersionId = null } = found ?? {};
    if (draft !== null) return text(name, contentType ?? 'text/plain', draft);
    const wanted = versionId === undefined ? latestVersionId : versionId;
    const stored = await this.stored(id, wanted);
    return {
      fileName: name,
      contentType: stored.contentType,
      sizeBytes: stored.sizeBytes,
      contents: Readable.from(readStored(this.orm, stored), { objectMode: false }),
    };
  }

  private async stored(id: number, versionId: number | null): Promise<StoredFile> {
    const [stored] = await queryPrepared<StoredFile & Record<string, unknown>>(this.orm, STORED, [
      id,
      versionId,
    ]);
    if (stored === undefined) throw new RecordNotFound();
    return stored;
  }
}

function text(fileName: string, contentType: string, contents: string): Download {
  const bytes = Buffer.from(contents);
  return { fileName, contentType, sizeBytes: bytes.length, contents: Readable.from([bytes]) };
}
