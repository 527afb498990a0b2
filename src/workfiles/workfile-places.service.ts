import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';
import { usableBy } from '../data-sources/place.js';
import type { WantedPlace } from './dto/workfile-rules.js';
import type { ChosenPlace, StartingTable } from './flow-documents.js';

/** Where a workflow is to run, found and in order. */
export interface ResolvedPlace {
  /** Null: the data source has no databases of its own here. */
  readonly database: ChosenPlace | null;
  readonly dataSourceId: number;
}

/** Datasets that a workflow starts from. */
export interface StartingPoint {
  readonly places: readonly ResolvedPlace[];
  readonly tables: readonly StartingTable[];
}

interface DatasetRow extends Record<string, unknown> {
  readonly kind: string;
  readonly name: string;
  readonly schemaName: string | null;
  readonly databaseId: number | null;
  readonly databaseName: string | null;
  readonly dataSourceId: number | null;
  readonly dataSourceName: string | null;
  readonly dataSourceKind: string | null;
  readonly shared: boolean | null;
  readonly ownerId: number | null;
  readonly usable: boolean | null;
  readonly inWorkspace: boolean;
}

const DATABASE = `SELECT db.id AS "databaseId", db.name AS "databaseName", ds.id AS "dataSourceId", ds.name AS "dataSourceName"
  FROM databases db JOIN data_sources ds ON ds.id = db.data_source_id AND ds.deleted_at IS NULL
  WHERE db.id = ANY ($1::int[]) AND db.deleted_at IS NULL`;
const SOURCE = `SELECT id, kind FROM data_sources WHERE id = ANY ($1::int[]) AND deleted_at IS NULL`;
const DATASETS = `SELECT known.kind, known.name, sch.name AS "schemaName", db.id AS "databaseId",
    db.name AS "databaseName", ds.id AS "dataSourceId", ds.name AS "dataSourceName", ds.kind AS "dataSourceKind",
    ds.shared, ds.owner_id AS "ownerId", ${usableBy('$3')} OR ds.owner_id = $3 AS usable,
    coalesce(coalesce(known.workspace_id = ws.id, known.schema_id = ws.sandbox_id), false) OR EXISTS (
      SELECT FROM associated_datasets used WHERE used.workspace_id = ws.id AND used.dataset_id = known.id) AS "inWorkspace"
  FROM unnest($1::int[]) WITH ORDINALITY AS wanted (id, i)
  JOIN datasets known ON known.id = wanted.id AND known.deleted_at IS NULL
  JOIN workspaces ws ON ws.id = $2
  LEFT JOIN schemas sch ON sch.id = known.schema_id
  LEFT JOIN databases db ON db.id = sch.database_id AND db.deleted_at IS NULL
  LEFT JOIN data_sources ds ON ds.id = db.data_source_id AND ds.deleted_at IS NULL ORDER BY wanted.i`;

/** Execution locations and datasets as requests name them. */
@Injectable()
export class WorkfilePlaces {
  constructor(private readonly orm: OrmDataSource) {}

  /** Each place once, in the order given. @throws RecordNotFound when one does not exist or is of another kind */
  async resolve(wanted: readonly WantedPlace[]): Promise<readonly ResolvedPlace[]> {
    if (wanted.length === 0) return [];
    const ids = wanted.flatMap(({ id }) => (id === null ? [] : [id]));
    const databases = await this.orm.query<ChosenPlace[]>(DATABASE, [ids]);
    const sources = await this.orm.query<{ id: number; kind: string }[]>(SOURCE, [ids]);
    return distinct(
      wanted.map(({ type, id }) => {
        if (type.endsWith('_database')) {
          const database = databases.find(({ databaseId }) => databaseId === id);
          if (database !== undefined) return { database, dataSourceId: database.dataSourceId };
        } else if (sources.some((source) => source.id === id && source.kind === type))
          return { database: null, dataSourceId: id ?? 0 };
        throw new RecordNotFound();
      }),
    );
  }

  /**
   * What a workflow started from datasets runs in and reads (chorus-api.md 9.2): those of the workspace, and those in data
   * sources that the viewer may use.
   * @throws RecordNotFound; AccessDenied with the data source; ValidationFailed for a saved query
   */
  async startingFrom(
    ids: readonly (number | null)[],
    workspaceId: number,
    viewer: Viewer,
  ): Promise<StartingPoint> {
    if (ids.length === 0) return { places: [], tables: [] };
    const wanted = [...new Set(ids)];
    const found = await this.orm.query<DatasetRow[]>(DATASETS, [
      wanted.filter((id) => id !== null),
      workspaceId,
      viewer.id,
    ]);
    if (found.length < wanted.length) throw new RecordNotFound();
    for (const one of found) assertUsable(one, viewer);
    if (found.some(({ kind }) => kind === 'chorus_view'))
      throw new ValidationFailed({ datasets: { CHORUS_VIEW_SELECTED: null } });
    const inDatabases = found.filter(isInDatabase);
    return {
      places: distinct(
        inDatabases.map(({ databaseId, databaseName, dataSourceId, dataSourceName }) => ({
          database: { databaseId, databaseName, dataSourceId, dataSourceName },
          dataSourceId,
        })),
      ),
      tables: inDatabases.map(({ dataSourceName, schemaName, name }) => ({
        dataSourceName,
        schemaName,
        tableName: name,
      })),
    };
  }

  /** Makes them the places of the workflow, instead of those it had. */
  async replace(
    tx: EntityManager,
    workfileId: number,
    places: readonly ResolvedPlace[],
  ): Promise<void> {
    await tx.query('DELETE FROM workfile_execution_locations WHERE workfile_id = $1', [workfileId]);
    await tx.query(
      `INSERT INTO workfile_execution_locations (workfile_id, database_id, data_source_id)
       SELECT $1, place.* FROM unnest($2::int[], $3::int[]) place`,
      [
        workfileId,
        places.map(({ database }) => database?.databaseId ?? null),
        places.map(({ database, dataSourceId }) => (database === null ? dataSourceId : null)),
      ],
    );
  }
}

/** HDFS files are of their workspace alone; a table may also be seen by those who may explore its data source. */
function assertUsable(dataset: DatasetRow, viewer: Viewer): void {
  if (dataset.inWorkspace) return;
  if (dataset.dataSourceId === null || dataset.kind === 'chorus_view') throw new RecordNotFound();
  if (dataset.usable === true || viewer.isAdmin) return;
  const { dataSourceId, dataSourceKind, shared, ownerId, dataSourceName } = dataset;
  throw new AccessDenied({
    id: dataSourceId,
    entity_type: dataSourceKind,
    shared,
    owner_id: ownerId,
    name: dataSourceName,
  });
}

type TableRow = DatasetRow &
  ChosenPlace & {
    readonly schemaName: string;
  };

function isInDatabase(dataset: DatasetRow): dataset is TableRow {
  return dataset.databaseId !== null && dataset.dataSourceId !== null && dataset.kind !== 'hdfs';
}

function distinct(places: readonly ResolvedPlace[]): readonly ResolvedPlace[] {
  const key = ({ database, dataSourceId }: ResolvedPlace) =>
    database === null ? `source ${dataSourceId}` : `database ${database.databaseId}`;
  return [...new Map(places.map((place) => [key(place), place])).values()];
}
