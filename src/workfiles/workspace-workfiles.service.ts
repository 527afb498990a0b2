import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPlanned, queryPrepared } from '../common/sql/prepared.js';
import { type SchemaPlace, type SchemaPlaceJson, schemaOf } from '../data-sources/place.js';
import type { WorkspaceView } from '../workspaces/workspace-view.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { type SavedJson, VersionInfo } from './version-info.js';
import { itemsStatement, listStatement, type WorkfileFilter } from './workfile-list.js';
import { partsOf, type WorkfileParts, type WorkfilePartsJson } from './workfile-view.js';

export interface ListedWorkfile extends WorkfileParts {
  readonly version: VersionInfo;
  /** A file's execution schema. */
  readonly schema: SchemaPlace | null;
}

export interface WorkfileList extends Paged<ListedWorkfile> {
  readonly workspace: WorkspaceView;
}

interface ItemsRow extends Record<string, unknown> {
  readonly items: readonly {
    readonly parts: WorkfilePartsJson;
    readonly saved: SavedJson | null;
    readonly schema: SchemaPlaceJson | null;
  }[];
}

interface ListRow extends ItemsRow {
  readonly records: string;
}

/** The workfiles of a workspace. */
@Injectable()
export class WorkspaceWorkfilesService {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
  ) {}

  /** @throws RecordNotFound; AccessDenied by rule *see* */
  async list(
    workspaceId: number,
    viewer: Viewer,
    filter: WorkfileFilter,
    page: Page,
  ): Promise<WorkfileList> {
    const workspace = await this.workspaces.show(workspaceId, viewer);
    const row = await this.read(workspaceId, filter, page);
    const items = (row?.items ?? []).map(({ parts, saved, schema }) => {
      const workfile = partsOf(parts);
      return {
        ...workfile,
        version: VersionInfo.of(workfile.workfile, saved),
        schema: schema && schemaOf(schema),
      };
    });
    return { workspace, items, records: Number(row?.records), page };
  }

  private async read(
    workspaceId: number,
    filter: WorkfileFilter,
    page: Page,
  ): Promise<ListRow | undefined> {
    const { name, text, values } = listStatement(workspaceId, filter, page);
    if (name !== null) {
      const [row] = await queryPrepared<ListRow>(this.orm, { name, text }, values);
      return row;
    }
    // Number and ids are of one moment. What is deleted between the two statements is still shown: its row stays.
    const [found] = await queryPlanned<{ records: string; ids: number[] }>(this.orm, text, values);
    if (found === undefined) return undefined;
    const [row] = await queryPrepared<ItemsRow>(this.orm, itemsStatement(filter), [found.ids]);
    return row && { ...row, records: found.records };
  }
}
