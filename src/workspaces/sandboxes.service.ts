import { Injectable, Logger } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import type { Attributes } from '../common/http/attributes.js';
import { DataSourcesService } from '../data-sources/data-sources.service.js';
import type { SandboxDto } from './dto/sandbox-attributes.dto.js';
import { LiveSchemas, type OpenableDatabase, refused } from './live-schemas.js';
import { lockWorkspace } from './locked-workspace.js';
import {
  missingFor,
  type WantedDatabase,
  type WantedSandbox,
  wantedSandbox,
} from './sandbox-place.js';
import { canManage, type WorkspaceStanding } from './workspace-access.js';
import { WorkspacesService } from './workspaces.service.js';

/** Kinds whose schemas can be sandboxes. */
const KINDS = ['gpdb_data_source', 'pg_data_source', 'hawq_data_source'];
const PUBLIC_SCHEMA = 'public';

/** What is to be taken back when a later step fails, the last first. */
type Undo = (() => Promise<unknown>)[];

/** The schema of a data source in which a workspace keeps its own tables (chorus-api.md 8.7). */
@Injectable()
export class Sandboxes {
  private readonly logger = new Logger(Sandboxes.name);

  constructor(
    private readonly orm: OrmDataSource,
    private readonly workspaces: WorkspacesService,
    private readonly dataSources: DataSourcesService,
    private readonly live: LiveSchemas,
  ) {}

  /**
   * Gives a workspace its sandbox, creating schema and database where they are not there. When a step fails, what the ones
   * before it created is taken back.
   * @throws RecordNotFound; AccessDenied, with the data source when there is no account on it; ValidationFailed
   */
  async set(id: number, attributes: Attributes<SandboxDto>, viewer: Viewer): Promise<void> {
    assertMaySet(viewer, await this.workspaces.standing(id, viewer));
    const wanted = attributes.checked(missingFor(attributes.sent));
    const undo: Undo = [];
    try {
      const schemaId = await this.schema(wantedSandbox(wanted), viewer, undo);
      await this.orm.transaction((tx) => assign(tx, id, schemaId, wanted, viewer));
    } catch (error) {
      await this.takeBack(undo);
      throw error;
    }
  }

  private async schema(wanted: WantedSandbox, viewer: Viewer, undo: Undo): Promise<number> {
    if ('schemaId' in wanted) return this.known(wanted.schemaId, viewer);
    const { schemaName } = wanted;
    const place = await this.database(wanted.database, viewer, undo);
    if (schemaName === PUBLIC_SCHEMA) await this.live.assertThere(place, schemaName);
    else {
      await this.live.create(place, schemaName);
      undo.push(() => this.live.drop(place, schemaName));
    }
    const [row] = await this.orm.query<{ id: number }[]>(
      `INSERT INTO schemas (database_id, name) VALUES ($1, $2)
       ON CONFLICT (database_id, name) DO UPDATE SET deleted_at = NULL, stale_at = NULL RETURNING id`,
      [place.databaseId, schemaName],
    );
    const id = row?.id ?? 0;
    if (schemaName !== PUBLIC_SCHEMA) undo.push(() => this.forget('schemas', id));
    return id;
  }

  /** A schema that somebody may use; administrators need no account for one that is there. */
  private async known(schemaId: number, viewer: Viewer): Promise<number> {
    const [schema] = await this.orm.query<{ database_id: number; kind: string; stale: boolean }[]>(
      `SELECT sch.database_id, ds.kind, sch.stale_at IS NOT NULL AS stale FROM schemas sch
       JOIN databases db ON db.id = sch.database_id AND db.deleted_at IS NULL
       JOIN data_sources ds ON ds.id = db.data_source_id AND ds.deleted_at IS NULL
       WHERE sch.id = $1 AND sch.deleted_at IS NULL`,
      [schemaId],
    );
    if (schema === undefined) throw new RecordNotFound();
    if (!viewer.isAdmin) await this.dataSources.usableBy(viewer.id, [schema.database_id]);
    if (!KINDS.includes(schema.kind)) throw new ValidationFailed({ schema: { INVALID: {} } });
    if (schema.stale) throw refused('schema', 'the schema is no longer there');
    return schemaId;
  }

  private async database(
    wanted: WantedDatabase,
    viewer: Viewer,
    undo: Undo,
  ): Promise<OpenableDatabase> {
    if ('id' in wanted) return this.usable(wanted.id, viewer);
    const { name, dataSourceId } = wanted;
    // Its own row first, then a neighbour from which it can be created.
    const known = await this.orm.query<{ id: number; name: string | null }[]>(
      `SELECT db.id, db.name FROM data_sources ds
       LEFT JOIN databases db ON db.data_source_id = ds.id AND db.deleted_at IS NULL AND db.stale_at IS NULL
       WHERE ds.id = $1 AND ds.deleted_at IS NULL
       ORDER BY db.name = $2 DESC, db.name = ds.db_name DESC, db.id LIMIT 1`,
      [dataSourceId, name],
    );
    const [nearest] = known;
    if (nearest === undefined) throw new RecordNotFound();
    if (nearest.name === null) throw refused('database', 'no database of the data source is known');
    const place = await this.usable(nearest.id, viewer);
    if (nearest.name === name) return place;
    await this.live.createDatabase(place, name);
    undo.push(() => this.live.dropDatabase(place, name));
    const databaseId = await this.remember(dataSourceId, name);
    undo.push(() => this.forget('databases', databaseId));
    return { ...place, databaseId };
  }

  /** @throws RecordNotFound; AccessDenied with the data source */
  private async usable(databaseId: number, viewer: Viewer): Promise<OpenableDatabase> {
    const [live] = await this.orm.query<unknown[]>(
      'SELECT FROM databases WHERE id = $1 AND deleted_at IS NULL',
      [databaseId],
    );
    const [place] =
      live === undefined ? [] : await this.dataSources.usableBy(viewer.id, [databaseId]);
    if (place === undefined) throw new RecordNotFound();
    return place;
  }

  private async remember(dataSourceId: number, name: string): Promise<number> {
    const [row] = await this.orm.query<{ id: number }[]>(
      `INSERT INTO databases (data_source_id, name) VALUES ($1, $2)
       ON CONFLICT (data_source_id, name) DO UPDATE SET deleted_at = NULL, stale_at = NULL RETURNING id`,
      [dataSourceId, name],
    );
    return row?.id ?? 0;
  }

  private forget(table: 'databases' | 'schemas', id: number): Promise<unknown> {
    return this.orm.query(`UPDATE ${table} SET deleted_at = now() WHERE id = $1`, [id]);
  }

  private async takeBack(undo: Undo): Promise<void> {
    for (const step of undo.reverse())
      try {
        await step();
      } catch (error) {
        this.logger.warn({ message: 'left behind by a sandbox that failed', error });
      }
  }
}

function assertMaySet(viewer: Viewer, standing: WorkspaceStanding): void {
  if (!canManage(viewer, standing)) throw new AccessDenied();
  if (standing.archived) throw new ValidationFailed({ workspace: { ARCHIVED: null } });
}

async function assign(
  tx: EntityManager,
  id: number,
  schemaId: number,
  { show_sandbox_datasets: show }: SandboxDto,
  viewer: Viewer,
): Promise<void> {
  const { standing } = await lockWorkspace(tx, id, viewer);
  assertMaySet(viewer, standing);
  await tx.query(
    `UPDATE workspaces SET sandbox_id = $2, has_added_sandbox = true,
       show_sandbox_datasets = coalesce($3, show_sandbox_datasets), updated_at = now() WHERE id = $1`,
    [id, schemaId, show ?? null],
  );
  // They are shown as the sandbox's own from now on.
  await tx.query(
    `DELETE FROM associated_datasets used USING datasets known, workspaces ws
     WHERE used.workspace_id = $1 AND known.id = used.dataset_id AND known.schema_id = $2
       AND ws.id = $1 AND ws.show_sandbox_datasets`,
    [id, schemaId],
  );
  await recordActivity(tx, {
    action: 'WorkspaceAddSandbox',
    actorId: viewer.id,
    workspaceId: id,
    targets: [
      { type: 'schema', id: schemaId },
      { type: 'workspace', id },
    ],
  });
}
