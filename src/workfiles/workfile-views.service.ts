import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { type Prepared, queryPrepared } from '../common/sql/prepared.js';
import { inOrder, LANES, Together } from '../common/together.js';
import {
  FILE_EXTRAS_JSON,
  type FileExtras,
  type FileExtrasJson,
  fileExtrasOf,
} from './file-extras.js';
import { SHOWN_BYTES, savedJson, type SavedJson, VersionInfo } from './version-info.js';
import {
  WORKFILE_VIEWS,
  type WorkfileView,
  workfileViewOf,
  type WorkfileViewRow,
} from './workfile-view.js';

const OPENS_KEPT = 15;
const LATEST = `(SELECT ${savedJson(SHOWN_BYTES)} FROM workfile_versions saved WHERE saved.id = wf.latest_version_id)`;

// Records the opening and gives the latest version in one statement: opening is part of showing.
const OPEN = {
  name: 'workfile-open',
  text: `WITH opened AS (
      INSERT INTO workfile_opens (user_id, workfile_id) VALUES ($2, $1)
      ON CONFLICT (user_id, workfile_id) DO UPDATE SET opened_at = now()
    ), forgotten AS (
      DELETE FROM workfile_opens WHERE user_id = $2 AND workfile_id IN (
        SELECT workfile_id FROM workfile_opens WHERE user_id = $2 AND workfile_id <> $1
        ORDER BY opened_at DESC OFFSET ${OPENS_KEPT - 1})
    )
    SELECT ${LATEST} AS saved, ${FILE_EXTRAS_JSON} AS extras FROM workfiles wf WHERE wf.id = $1`,
};
const EXTRAS = {
  name: 'workfile-extras',
  text: `SELECT (SELECT ${savedJson(0)} FROM workfile_versions saved WHERE saved.id = wf.latest_version_id) AS saved,
      ${FILE_EXTRAS_JSON} AS extras FROM workfiles wf WHERE wf.id = $1`,
};
const VERSION = {
  name: 'workfile-one-version',
  text: `SELECT ${savedJson(SHOWN_BYTES)} AS saved, ${FILE_EXTRAS_JSON} AS extras
    FROM workfile_versions saved JOIN workfiles wf ON wf.id = saved.workfile_id
    WHERE saved.workfile_id = $1 AND saved.id = $3`,
};

interface Asked {
  readonly id: number;
  readonly viewerId: number;
}

interface DetailsRow extends Record<string, unknown> {
  readonly saved: SavedJson | null;
  readonly extras: FileExtrasJson;
}

/** A workfile with what its answer needs besides: one version of a file, and what depends on the viewer. */
export interface DetailedWorkfile {
  readonly view: WorkfileView;
  readonly version: VersionInfo;
  readonly extras: FileExtras;
}

/** Workfiles as answers show them, each in two statements. Who may see them was decided before. */
@Injectable()
export class WorkfileViews {
  /** Many answers at once are a few statements, and leave connections to those who still want something done. */
  private readonly asked = new Together<Asked, WorkfileViewRow | null>(
    (all) => this.getAll(all),
    LANES,
  );

  constructor(private readonly orm: OrmDataSource) {}

  /** @throws RecordNotFound */
  async get(id: number, viewer: Viewer): Promise<WorkfileView> {
    const row = await this.asked.ask({ id, viewerId: viewer.id });
    if (row === null) throw new RecordNotFound();
    return workfileViewOf(row);
  }

  /** With the content of its latest version; remembers that the viewer opened it (chorus-api.md 9.3). */
  async opened(view: WorkfileView, viewer: Viewer): Promise<DetailedWorkfile> {
    return this.detailed(view, OPEN, [view.workfile.id, viewer.id]);
  }

  /** With its latest version, but without content. @throws RecordNotFound */
  async detailsOf(id: number, viewer: Viewer): Promise<DetailedWorkfile> {
    return this.detailed(await this.get(id, viewer), EXTRAS, [id, viewer.id]);
  }

  /** With one of its versions and its content. @throws RecordNotFound also for a version of another workfile */
  async versionOf(id: number, versionId: number, viewer: Viewer): Promise<DetailedWorkfile> {
    return this.detailed(await this.get(id, viewer), VERSION, [id, viewer.id, versionId]);
  }

  private async getAll(all: readonly Asked[]): Promise<(WorkfileViewRow | null)[]> {
    const values = [all.map(({ id }) => id), all.map(({ viewerId }) => viewerId)];
    return inOrder(
      all,
      await queryPrepared<WorkfileViewRow & { place: number }>(this.orm, WORKFILE_VIEWS, values),
    );
  }

  private async detailed(
    view: WorkfileView,
    statement: Prepared,
    values: readonly unknown[],
  ): Promise<DetailedWorkfile> {
    const [row] = await queryPrepared<DetailsRow>(this.orm, statement, values);
    if (row === undefined) throw new RecordNotFound();
    const version = VersionInfo.of(view.workfile, row.saved);
    return { view, version, extras: fileExtrasOf(row.extras) };
  }
}
