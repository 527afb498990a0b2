/** What a data source says about itself. Names as they are, without quotes. */
export interface Catalogue {
  version(): Promise<ServerVersion>;
  /** Databases that accept connections. */
  databases(): Promise<readonly SeenObject[]>;
  /** Schemas of the connected database, system schemas left out. */
  schemas(): Promise<readonly SeenSchema[]>;
  /** Tables and views of a schema; partitions are part of their table. */
  datasets(schema: string): Promise<readonly SeenDataset[]>;
  /** In their order; null when the relation does not exist. @throws StatementFailed when it may not be read */
  columns(schema: string, name: string): Promise<readonly ColumnFacts[] | null>;
  /** Columns of a query, which is described and not executed. @param query one SELECT */
  queryColumns(query: string): Promise<readonly ColumnFacts[]>;
  /** Null when the relation does not exist. @throws StatementFailed when it may not be read */
  statistics(schema: string, name: string): Promise<RelationStatistics | null>;
  /** Bytes on disk by schema name; schemas that do not exist are missing. */
  schemaSizes(schemas: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export interface ServerVersion {
  /** For people, e.g. `16.2` or `6.25.3 build commit:…`. */
  readonly text: string;
  readonly isHawq: boolean;
}

export interface SeenObject {
  readonly name: string;
  /** True when the account may use it. */
  readonly visible: boolean;
}

export interface SeenSchema extends SeenObject {
  /** Tables and views, whoever may read them. */
  readonly datasets: number;
}

export interface SeenDataset extends SeenObject {
  readonly kind: 'table' | 'view';
}

export interface ColumnFacts {
  readonly name: string;
  /** As SQL spells it, e.g. `character varying(20)`. */
  readonly dataType: string;
  readonly description: string | null;
}

export interface RelationStatistics {
  readonly kind: 'table' | 'view';
  /** The planner's estimate; null for a view, and for a table that was never analyzed. */
  readonly rows: number | null;
  readonly columns: number;
  readonly description: string | null;
  readonly lastAnalyzed: Date | null;
  /** Bytes with indexes and partitions; null for a view, and while somebody has the table to himself. */
  readonly sizeBytes: number | null;
  readonly partitions: number;
  /** Of a view. */
  readonly definition: string | null;
}
