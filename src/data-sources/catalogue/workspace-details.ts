import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../../access/viewer.js';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import { queryPrepared } from '../../common/sql/prepared.js';
import type { DataSource } from '../data-source.entity.js';
import { KIND_FACTS } from '../data-source-kinds.js';
import { DataSourcesService } from '../data-sources.service.js';
import type { WorkspaceDetailDto } from '../dto/workspace-detail.dto.js';
import { isOutOfUse, NotInUse } from '../source-access.js';
import { CatalogueLooks, isNoAnswer } from './catalogue-looks.js';

interface SandboxRow extends Record<string, unknown> {
  readonly workspaceId: number;
  readonly workspaceName: string;
  readonly ownerName: string;
  readonly schemaName: string;
  readonly databaseId: number;
  readonly databaseName: string;
  readonly isSeen: boolean;
}

const SANDBOXES = {
  name: 'sandboxes-of-source',
  text: `SELECT ws.id AS "workspaceId", ws.name AS "workspaceName", owner.first_name || ' ' || owner.last_name AS "ownerName",
      s.name AS "schemaName", db.id AS "databaseId", db.name AS "databaseName",
      ws.public OR $3 OR ws.owner_id = $2 OR EXISTS (SELECT FROM memberships m
        WHERE m.workspace_id = ws.id AND m.user_id = $2) AS "isSeen"
    FROM workspaces ws JOIN users owner ON owner.id = ws.owner_id JOIN schemas s ON s.id = ws.sandbox_id
    JOIN databases db ON db.id = s.database_id
    WHERE db.data_source_id = $1 AND ws.deleted_at IS NULL AND s.deleted_at IS NULL
    ORDER BY lower(ws.name), ws.id`,
};

/** Which workspaces have their sandbox in a data source, and how large they are (chorus-api.md 10.1). */
@Injectable()
export class WorkspaceDetails {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sources: DataSourcesService,
    private readonly looks: CatalogueLooks,
  ) {}

  /** @throws RecordNotFound for kinds without sandboxes; NotInUse; InvalidCredentials */
  async of(dataSourceId: number, viewer: Viewer): Promise<WorkspaceDetailDto> {
    const { source, account } = await this.sources.get(dataSourceId, viewer);
    if (!KIND_FACTS[source.kind].live) throw new RecordNotFound();
    if (isOutOfUse(source)) throw new NotInUse();
    if (account === null || account.invalidCredentials)
      return { workspaces: null, sandboxes_size_in_bytes: null, complete_json: true };
    const values = [dataSourceId, viewer.id, viewer.isAdmin];
    const rows = await queryPrepared<SandboxRow>(this.orm, SANDBOXES, values);
    const sizes = await this.sizes(source, account.id, rows);
    return {
      workspaces: rows
        .filter(({ isSeen }) => isSeen)
        .map((row) => ({
          id: row.workspaceId,
          name: row.workspaceName,
          size_in_bytes: sizes?.get(keyOf(row)) ?? null,
          percentage_used: null,
          owner_full_name: row.ownerName,
          schema_name: row.schemaName,
          database_name: row.databaseName,
        })),
      sandboxes_size_in_bytes:
        sizes === null ? null : [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
      complete_json: true,
    };
  }

  /** Null when the data source does not tell. */
  private async sizes(
    source: DataSource,
    accountId: number,
    rows: readonly SandboxRow[],
  ): Promise<ReadonlyMap<string, number> | null> {
    const sizes = new Map<string, number>();
    try {
      for (const databaseId of new Set(rows.map((row) => row.databaseId))) {
        const names = rows
          .filter((row) => row.databaseId === databaseId)
          .map(({ schemaName }) => schemaName);
        const found = await this.looks.ask(source, accountId, databaseId, (catalogue) =>
          catalogue.schemaSizes([...new Set(names)]),
        );
        for (const [schemaName, bytes] of found)
          sizes.set(keyOf({ databaseId, schemaName }), bytes);
      }
      return sizes;
    } catch (error) {
      if (isNoAnswer(error)) return null;
      throw error;
    }
  }
}

function keyOf({ databaseId, schemaName }: Pick<SandboxRow, 'databaseId' | 'schemaName'>): string {
  return `${databaseId} ${schemaName}`;
}
